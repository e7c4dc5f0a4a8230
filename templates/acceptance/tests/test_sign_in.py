"""Signing in and out, sessions, CSRF, throttling, and people whose roles change or end."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from suite import values as v
from suite.client import Client, accepted, refused, verdict
from suite.fixtures import Cast
from suite.plan import REASON
from suite.screens import Form, send, show
from suite.site import PASSWORD, Site
from suite.workflow import ADMIN, workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
# What a browser says when another site has sent the request; HERE is our host and port.
FROM_ELSEWHERE = {
    "a foreign origin": {"Origin": "https://elsewhere.example"},
    "the origin null": {"Origin": "null"},
    "another scheme": {"Origin": "https://HERE"},
    "another port": {"Origin": "http://HERE0"},
    "no port": {"Origin": "http://127.0.0.1"},
    "a cross-site fetch": {"Sec-Fetch-Site": "cross-site"},
    "a same-site fetch": {"Sec-Fetch-Site": "same-site"},
}


def sign_in(client: Client, username: str, password: str, **headers: str) -> httpx.Response:
    return client.post(
        "/api/session", {"username": username, "password": password}, headers=headers
    )


def sign_in_form(client: Client, username: str) -> Form:
    """The form of the sign-in page, filled in for a person of the suite's."""
    form = show(client, "/").sign_in_form()
    assert form is not None, "/ does not lead to a page that asks for a password"
    kinds = {each.kind: each.name for each in form.inputs if each.kind != "hidden"}
    return form.fill(**{kinds["text"]: username, kinds["password"]: PASSWORD})


def sent_to(site: Site, headers: dict[str, str]) -> dict[str, str]:
    """The headers with the spike's own host and port for HERE."""
    here = site.url.partition("://")[2]
    return {name: text.replace("HERE", here) for name, text in headers.items()}


def session_cookies(client: Client) -> dict[str, str]:
    return {c.name: c.value or "" for c in client.http.cookies.jar if c.name.endswith("session")}


@pytest.fixture(scope="module")
def person(site: Site) -> str:
    """Somebody without a role."""
    return site.new_person().actor.username


@pytest.fixture(scope="module")
def tried(site: Site, person: str) -> tuple[Client, httpx.Response]:
    """A client that has just signed in, and the answer."""
    client = site.visitor()
    answer = sign_in(client, person, PASSWORD)
    client.csrf = accepted(answer)["csrf_token"]
    return client, answer


def test_the_session_says_who_and_what(site: Site, cast: Cast) -> None:
    for role in (*FLOW.person_roles, ADMIN):
        client = site.set_roles(cast.other, role)
        session = accepted(client.get("/api/session"))
        assert session["username"] == client.actor.username
        assert session["roles"] == [role]
        assert session["may"] == {
            "create": FLOW.refuses_creation(client.actor, []) is None,
            "see": FLOW.sees(client.actor),
            "administer": role == ADMIN,
        }, f"what {role} may"
        assert session["csrf_token"], "a person's session has a CSRF token"


@pytest.mark.parametrize("role", FLOW.service_roles)
def test_a_service_is_known_by_its_token(site: Site, role: str) -> None:
    session = accepted(site.service(role).get("/api/session"))
    assert (session["roles"], session["csrf_token"]) == ([role], None)
    actor = site.service(role).actor
    creates = FLOW.refuses_creation(actor, []) is None
    assert session["may"] == {"create": creates, "see": FLOW.sees(actor), "administer": False}


def test_the_cookie_is_out_of_reach_of_scripts(tried: tuple[Client, httpx.Response]) -> None:
    cookies = tried[1].headers.get_list("set-cookie")
    session = [c.lower() for c in cookies if c.partition("=")[0].endswith("session")]
    assert len(session) == 1, f"one session cookie expected, got {cookies}"
    assert "httponly" in session[0], "the session cookie lacks HttpOnly"
    assert "samesite=lax" in session[0] or "samesite=strict" in session[0]
    assert "path=/" in session[0]
    assert "domain=" not in session[0], "the session cookie is for other hosts too"


def test_the_session_ends_within_a_day(tried: tuple[Client, httpx.Response]) -> None:
    for cookie in tried[0].http.cookies.jar:
        if cookie.name.endswith("session") and cookie.expires:
            hours = (cookie.expires - time.time()) / 3600
            assert 0 < hours <= 24, f"the session lasts {hours:.0f} hours"


def test_signing_in_gives_a_new_session_and_signing_out_ends_it(
    site: Site, person: str, tried: tuple[Client, httpx.Response]
) -> None:
    client = tried[0]
    before = session_cookies(client)
    client.csrf = accepted(sign_in(client, person, PASSWORD))["csrf_token"]
    after = session_cookies(client)
    assert after, "signing in sets a cookie"
    assert before != after, "signing in again kept the session's id (fixation)"
    ended = client.delete("/api/session")
    assert ended.status_code == 204
    refused(client.get("/api/session"), "not_signed_in")
    replay = site.visitor()
    for name, value in after.items():
        replay.http.cookies.set(name, value)
    refused(replay.get("/api/session"), "not_signed_in", "a session replayed after signing out")
    refused(replay.records(), "not_signed_in", "a session replayed after signing out")


def test_a_session_that_a_stranger_has_chosen_is_not_taken(site: Site, person: str) -> None:
    client = site.visitor()
    name = next(iter(session_cookies(site.admin)))
    client.http.cookies.set(name, "chosen-by-a-stranger")
    accepted(sign_in(client, person, PASSWORD))
    sent = {c.value for c in client.http.cookies.jar if c.name == name}
    assert sent != {"chosen-by-a-stranger"}


@pytest.mark.parametrize("token", ["-", "nonsense", "x" * 5000])
def test_an_unknown_token_is_not_signed_in(site: Site, token: str) -> None:
    stranger = site.visitor()
    answer = stranger.request("GET", FLOW.path, headers={"Authorization": f"Bearer {token}"})
    refused(answer, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_wins_over_a_cookie(site: Site) -> None:
    wrong = {"Authorization": "Bearer nonsense"}
    refused(site.admin.request("GET", FLOW.path, headers=wrong), "not_signed_in")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "a"},
        {"password": "b"},
        {"username": "a", "password": None},
        {"username": "a", "password": ["b"]},
        {"username": "a", "password": "b", "next": "/"},
        [],
    ],
    ids=str,
)
def test_malformed_credentials_are_refused(site: Site, body: object) -> None:
    refused(site.visitor().post("/api/session", body), "invalid")


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "\x7f", "a\nb", "\ud800"])
@pytest.mark.parametrize("name", ["username", "password"])
def test_what_no_name_or_password_has_is_refused(site: Site, name: str, text: str) -> None:
    body = json.dumps({"username": "ann", "password": "b", name: text})
    headers = {"content-type": "application/json"}
    answer = site.visitor().post("/api/session", content=body, headers=headers)
    refused(answer, ("invalid", "bad_credentials"), f"signing in with {name} {text!r}")


# Guessing. Each try that counts costs a slow hash, so that one person serves for all of this.


@pytest.fixture(scope="module")
def guessed(site: Site) -> dict[str, list[httpx.Response]]:
    """The answers to wrong and right passwords of one person, a few in turn and many at once."""
    victim = site.add_person()
    found: dict[str, list[httpx.Response]] = {"known": [], "unknown": []}
    for name, username in (("known", victim), ("unknown", site.new_name())) * 2:
        began = time.perf_counter()
        found[name].append(sign_in(site.visitor(), username, "not the password"))
        found[name][-1].elapsed = timedelta(seconds=time.perf_counter() - began)
    found["right"] = [sign_in(site.visitor(), victim, PASSWORD)]

    def guess(number: int) -> httpx.Response:
        from_elsewhere = {"X-Forwarded-For": f"198.51.100.{number}"}
        return sign_in(site.visitor(), victim, f"wrong guess {number}", **from_elsewhere)

    with ThreadPoolExecutor(20) as pool:
        found["burst"] = list(pool.map(guess, range(60)))
    found["late"] = [sign_in(site.visitor(), victim, PASSWORD)]
    client = site.visitor()
    found["on the page"] = [send(client, sign_in_form(client, victim)), client.get("/api/session")]
    return found


Guessed = dict[str, list[httpx.Response]]


def test_an_unknown_user_is_answered_like_a_wrong_password(guessed: Guessed) -> None:
    known, unknown = guessed["known"], guessed["unknown"]
    assert verdict(known[0]) == verdict(unknown[0]) == "bad_credentials"
    assert known[0].json() == unknown[0].json(), "the answer tells whether a user exists"
    fastest = [min(each.elapsed.total_seconds() for each in tries) for tries in (known, unknown)]
    assert max(fastest) < 2.5 * min(fastest), f"known and unknown users take {fastest} seconds"


def test_a_right_password_forgets_wrong_ones(guessed: Guessed) -> None:
    accepted(guessed["right"][0], "the right password after two wrong ones")
    tried = [answer for answer in guessed["burst"] if answer.status_code == 401]
    assert len(tried) >= 10, f"after a right password only {len(tried)} wrong ones were tried"


def test_ten_wrong_passwords_are_enough(guessed: Guessed) -> None:
    """However many come at once, and from wherever they say that they come."""
    verdicts = Counter(verdict(answer) for answer in guessed["burst"])
    assert verdicts == {"bad_credentials": 10, "too_many_tries": 50}, f"sixty at once: {verdicts}"
    refused(guessed["late"][0], "too_many_tries", "the right password after ten wrong ones")
    assert 0 < int(guessed["late"][0].headers["retry-after"]) <= 900


def test_the_page_counts_wrong_passwords_too(guessed: Guessed) -> None:
    answer, session = guessed["on the page"]
    assert answer.status_code in (200, 401, 403, 422, 429), f"the page → {answer.status_code}"
    refused(session, "not_signed_in", "the right password on the page after ten wrong ones")


def test_a_disabled_user_is_out_at_once(site: Site) -> None:
    role = viewers()[0]
    client = site.new_person(role)
    person = client.actor.username
    at = f"/api/users/{person}"
    disabled = accepted(site.admin.patch(at, {"active": False}))
    assert (disabled["active"], disabled["roles"]) == (False, [role])
    refused(client.get("/api/session"), "not_signed_in", "the session of a disabled user")
    refused(client.records(), "not_signed_in", "the session of a disabled user")
    refused(sign_in(site.visitor(), person, PASSWORD), "bad_credentials")
    listed = {user["username"]: user for user in site.all_pages(site.admin, "/api/users")}
    assert person in listed, "the list of users lacks those who are disabled"
    assert listed[person]["active"] is False
    assert accepted(site.admin.patch(at, {"roles": []}))["active"] is False
    assert accepted(site.admin.patch(at, {"active": True}))["active"] is True
    accepted(sign_in(site.visitor(), person, PASSWORD))


@pytest.mark.parametrize("role", FLOW.creators()[:1])
def test_what_a_disabled_person_has_made_stays(site: Site, role: str) -> None:
    person = site.new_person(role)
    record = site.record_in(FLOW.first_state, owner=person)
    shown = accepted(site.admin.read(record))
    history = accepted(site.admin.history(record))
    accepted(site.admin.patch(f"/api/users/{record.owner}", {"active": False}))
    assert accepted(site.admin.read(record)) == shown
    assert accepted(site.admin.history(record)) == history
    assert record.id in [item["id"] for item in accepted(site.admin.records())["items"]]
    exported = site.admin.get(f"{FLOW.path}/export.csv", state=FLOW.first_state).text
    assert f"\n{record.id}," in exported, "the export lacks what a disabled person has made"


@pytest.mark.parametrize("role", FLOW.service_roles[:1])
def test_a_disabled_service_is_out_at_once(site: Site, role: str) -> None:
    at = f"/api/users/{role}"
    accepted(site.admin.patch(at, {"active": False}))
    try:
        refused(site.service(role).records(), "not_signed_in", "the token of a disabled service")
    finally:
        accepted(site.admin.patch(at, {"active": True}))
    accepted(site.service(role).records())


def viewers() -> list[str]:
    return [
        role
        for role in (*FLOW.person_roles, ADMIN)
        if role == ADMIN or FLOW.roles[role].sees == "all"
    ]


def test_a_dropped_role_counts_from_the_next_request(site: Site, cast: Cast) -> None:
    record = site.standing(FLOW.first_state)
    for role in viewers():
        client = site.set_roles(cast.other, role)
        accepted(client.read(record), f"{role} reads a record")
        refused(site.set_roles(client).read(record), "not_found", f"{role} after the role is gone")


def granted(
    site: Site, client: Client, role: str, seconds: float
) -> tuple[datetime, httpx.Response]:
    """Give the client a role for some seconds: when it ends, and the answer."""
    ends = datetime.now(timezone(timedelta(hours=2))) + timedelta(seconds=seconds)
    at = f"/api/users/{client.actor.username}/grants"
    return ends, site.admin.post(at, {"role": role, "until": ends.isoformat()})


def wait_for(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()) + 0.05)


def test_a_temporary_role_ends_by_itself(site: Site, cast: Cast) -> None:
    record = site.standing(FLOW.first_state)
    role = viewers()[0]
    client = site.set_roles(cast.other)
    refused(client.read(record), "not_found", "somebody before the grant")
    for seconds in (1.2, 10):  # On a machine so busy that the first is over before it is used.
        ends, answer = granted(site, client, role, seconds)
        during = client.read(record), client.get("/api/session")
        if datetime.now(UTC) < ends:
            break
        wait_for(ends)
    user = accepted(answer)
    assert answer.status_code == 201
    assert user["roles"] == [], "a grant is no lasting role"
    assert [grant["role"] for grant in user["grants"]] == [role]
    assert user["grants"][0]["until"].endswith("Z"), "moments are given in UTC"
    accepted(during[0], f"somebody who is {role} for a moment")
    assert accepted(during[1])["roles"] == [role]
    wait_for(ends)
    refused(client.read(record), "not_found", f"somebody who was {role} for a moment")
    session = accepted(client.get("/api/session"))
    assert (session["roles"], session["may"]["see"]) == ([], "none")
    listed = site.all_pages(site.admin, "/api/users")
    grants = [user["grants"] for user in listed if user["username"] == client.actor.username]
    assert grants == [[]], "an ended grant is still listed"


def test_a_grant_of_admin_ends_too(site: Site, cast: Cast) -> None:
    client = site.set_roles(cast.other)
    refused(client.get("/api/users"), "forbidden")
    for seconds in (0.8, 10):
        ends, _ = granted(site, client, ADMIN, seconds)
        during = client.get("/api/users")
        if datetime.now(UTC) < ends:
            break
        wait_for(ends)
    accepted(during, "an admin for a moment")
    wait_for(ends)
    refused(client.get("/api/users"), "forbidden", "a former admin")


@pytest.mark.parametrize(
    ("role", "until"),
    [
        ("emperor", "2099-01-01T00:00:00Z"),
        ("owner", "2099-01-01T00:00:00Z"),
        *((role, "2099-01-01T00:00:00Z") for role in FLOW.service_roles),
        (ADMIN, "tomorrow"),
        (ADMIN, None),
        (ADMIN, "2001-01-01T00:00:00Z"),
        (None, "2099-01-01T00:00:00Z"),
    ],
)
def test_a_senseless_grant_is_refused(site: Site, person: str, role: object, until: object) -> None:
    body = {"role": role, "until": until}
    refused(site.admin.post(f"/api/users/{person}/grants", body), "invalid", str(body))


@pytest.mark.parametrize("role", FLOW.service_roles)
def test_nobody_changes_the_roles_of_a_service(site: Site, role: str) -> None:
    at = f"/api/users/{role}"
    grant = {"role": ADMIN, "until": "2099-01-01T00:00:00Z"}
    answers = [
        ("roles", site.admin.patch(at, {"roles": [ADMIN]})),
        ("roles", site.admin.patch(at, {"roles": [], "active": True})),
        ("role", site.admin.post(f"{at}/grants", grant)),
    ]
    roles = accepted(site.service(role).get("/api/session"))["roles"]
    if roles != [role]:  # as it was, for the other tests
        site.admin.patch(at, {"roles": [role]})
    for field, answer in answers:
        problem = refused(answer, "invalid", f"another role for {role}")
        assert {error["field"].partition(".")[0] for error in problem["errors"]} == {field}
    assert roles == [role], f"the roles of {role} have changed"


def good_user(site: Site) -> dict[str, object]:
    return {"username": site.new_name(), "name": "Ann", "password": PASSWORD, "roles": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ADMIN},
        {"username": "Ann"},
        {"username": "-ann"},
        {"username": "x" * 51},
        {"username": "ann lee"},
        {"username": ""},
        {"username": "an\nn"},
        {"name": ""},
        {"name": "  "},
        {"name": "an\x1bn"},
        {"name": None},
        {"password": "eleven char"},
        {"password": None},
        {"roles": None},
        {"roles": "admin"},
        {"roles": ["owner"]},
        {"roles": ["emperor"]},
        *({"roles": [role]} for role in FLOW.service_roles),
        {"active": True},
        {"is_superuser": True},
        {"service": True},
    ],
    ids=str,
)
def test_a_senseless_user_is_refused(site: Site, wrong: dict[str, object]) -> None:
    problem = refused(site.admin.post("/api/users", good_user(site) | wrong), "invalid")
    told = {error["field"].partition(".")[0] for error in problem["errors"]}
    assert told & {*wrong, ""}, problem


@pytest.mark.parametrize("missing", ["username", "name", "password", "roles"])
def test_an_incomplete_user_is_refused(site: Site, missing: str) -> None:
    body = {n: x for n, x in good_user(site).items() if n != missing}
    problem = refused(site.admin.post("/api/users", body), "invalid")
    assert [error["field"] for error in problem["errors"]] == [missing]


def test_users_are_shown_without_their_passwords(site: Site) -> None:
    roles = sorted({*FLOW.person_roles, ADMIN}, reverse=True)
    body = good_user(site) | {"name": "  Ann\t", "roles": roles}
    answer = site.admin.post("/api/users", body)
    user = accepted(answer)
    assert answer.status_code == 201
    expected = {
        "username": body["username"],
        "name": "Ann",
        "active": True,
        "service": False,
        "roles": sorted({*FLOW.person_roles, ADMIN}),
        "grants": [],
    }
    assert {name: user.get(name) for name in expected} == expected
    assert PASSWORD not in answer.text
    assert "$" not in answer.text, "the answer has the hash of a password"
    listed = {user["username"]: user for user in site.all_pages(site.admin, "/api/users")}
    assert listed[body["username"]] == user
    for role in FLOW.service_roles:
        assert (listed[role]["service"], listed[role]["roles"]) == (True, [role])


def test_users_are_in_the_order_of_their_names(site: Site, person: str) -> None:
    names = [user["username"] for user in site.all_pages(site.admin, "/api/users")]
    assert names == sorted(names)
    second = accepted(site.admin.get("/api/users", page=2, size=2))
    assert [user["username"] for user in second["items"]] == names[2:4]
    assert second["total"] == len(names)


def test_a_new_person_has_the_given_roles_and_no_other(site: Site) -> None:
    for roles in ([], [ADMIN]):
        user = accepted(site.admin.post("/api/users", good_user(site) | {"roles": roles}))
        assert user["roles"] == roles


def test_blanks_around_a_password_belong_to_it(site: Site) -> None:
    body = good_user(site) | {"password": f" {PASSWORD} "}
    username = str(accepted(site.admin.post("/api/users", body))["username"])
    accepted(sign_in(site.visitor(), username, f" {PASSWORD} "))
    refused(sign_in(site.visitor(), username, PASSWORD), "bad_credentials")


@pytest.mark.parametrize("role", FLOW.service_roles[:1])
def test_a_service_has_no_password(site: Site, role: str) -> None:
    for password in (f"{role}-{site.password}", site.password):
        refused(sign_in(site.visitor(), role, password), "bad_credentials")


def test_lasting_and_temporary_roles_are_changed_by_themselves(site: Site) -> None:
    client = site.new_person()
    accepted(granted(site, client, ADMIN, 60)[1])
    grants = accepted(granted(site, client, viewers()[0], 90)[1])["grants"]
    assert [grant["role"] for grant in grants] == [ADMIN, viewers()[0]]
    at = f"/api/users/{client.actor.username}"
    for roles in ([viewers()[0]], []):
        user = accepted(site.admin.patch(at, {"roles": roles}))
        assert (user["roles"], user["grants"]) == (roles, grants)


def test_a_user_that_is_not_there_is_not_found(site: Site) -> None:
    nobody = site.new_name()
    refused(site.admin.patch(f"/api/users/{nobody}", {"active": True}), "not_found")
    grant = {"role": ADMIN, "until": "2099-01-01T00:00:00Z"}
    refused(site.admin.post(f"/api/users/{nobody}/grants", grant), "not_found")


@pytest.mark.parametrize(
    "body",
    [{"active": "perhaps"}, {"active": None}, {"roles": ["owner"]}, {"username": "x"}, []],
    ids=str,
)
def test_a_senseless_change_of_a_user_is_refused(site: Site, person: str, body: object) -> None:
    refused(site.admin.patch(f"/api/users/{person}", body), "invalid")


# CSRF: everything that changes something, with a session but not from a page of ours


def changing(site: Site, record_id: int) -> list[tuple[str, str, dict]]:
    at = f"{FLOW.path}/{record_id}"
    required = {f.name: f.write(v.good(f)) for f in FLOW.fields.values() if f.required}
    return [
        ("POST", FLOW.path, required),
        ("PATCH", at, {"version": 1}),
        *(("POST", f"{at}/transitions/{name}", {"version": 1}) for name in FLOW.names),
        ("POST", f"{at}/comments", {"comment": REASON}),
        ("POST", "/api/follow-ups/1/retry", {}),
        ("POST", "/api/users", good_user(site)),
        ("PATCH", f"/api/users/{ADMIN}", {"roles": []}),
        ("POST", f"/api/users/{ADMIN}/grants", {"role": ADMIN, "until": "2099-01-01T00:00:00Z"}),
        ("DELETE", "/api/session", {}),
    ]


@pytest.mark.parametrize(
    ("what", "headers", "token"),
    [
        ("no token", {}, False),
        ("a wrong token", {"X-CSRF-Token": "a" * 64}, True),
        ("an empty token", {"X-CSRF-Token": ""}, True),
        *((what, headers, True) for what, headers in FROM_ELSEWHERE.items()),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_forged_request_is_refused(
    site: Site, what: str, headers: dict[str, str], token: bool
) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    headers = sent_to(site, headers)
    everywhere = changing(site, record.id)
    for method, path, body in (
        everywhere if what in ("no token", "a foreign origin") else everywhere[::5]
    ):
        answer = site.admin.request(method, path, json=body, headers=headers, csrf=token)
        refused(answer, "csrf", f"{method} {path} with {what}")
    # Whatever else is wrong, this comes first.
    unknown = site.admin.request("PATCH", f"{FLOW.path}/0", json=[], headers=headers, csrf=token)
    refused(unknown, "csrf", f"PATCH of an unknown record with {what}")
    accepted(site.admin.get("/api/session"), "the session lives on")


def test_a_request_from_a_page_of_ours_is_accepted(site: Site) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    at = f"{FLOW.path}/{record.id}/comments"
    for headers in (
        {"Origin": site.url, "Sec-Fetch-Site": "same-origin"},
        {"Origin": site.url},
        {"Sec-Fetch-Site": "none"},
        {},
    ):
        answer = site.admin.post(at, {"comment": "from a page of ours"}, headers=headers)
        accepted(answer, f"a request with {headers}")


def test_the_token_of_another_session_is_refused(site: Site, cast: Cast) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    other = cast.other.csrf or ""
    at = f"{FLOW.path}/{record.id}/comments"
    answer = site.admin.post(at, {"comment": REASON}, headers={"X-CSRF-Token": other})
    refused(answer, "csrf", "the CSRF token of another session")


@pytest.mark.parametrize("what", FROM_ELSEWHERE)
def test_signing_in_from_elsewhere_is_refused(site: Site, person: str, what: str) -> None:
    headers = sent_to(site, FROM_ELSEWHERE[what])
    refused(sign_in(site.visitor(), person, PASSWORD, **headers), "csrf", f"with {what}")


@pytest.mark.parametrize(
    "what", [what for what, told in FROM_ELSEWHERE.items() if "Origin" in told]
)
def test_signing_in_on_the_page_from_elsewhere_is_refused(
    site: Site, person: str, what: str
) -> None:
    client = site.visitor()
    form = sign_in_form(client, person)
    headers = {"Referer": f"{site.url}{form.page}", **sent_to(site, FROM_ELSEWHERE[what])}
    client.http.post(form.action, data=dict(form.data()), headers=headers)
    refused(client.get("/api/session"), "not_signed_in", f"signing in on the page with {what}")


@pytest.mark.parametrize("role", FLOW.service_roles[:1])
def test_a_service_needs_no_csrf_token(site: Site, role: str) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    answer = site.service(role).comment(record, "from a service")
    expected = FLOW.visible(site.service(role).actor, record)
    assert verdict(answer) == ("ok" if expected else "not_found")
