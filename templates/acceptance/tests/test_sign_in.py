"""Signing in and out, sessions, tokens, and the brake on guessing."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from suite.client import Client, accepted, refused, verdict
from suite.fixtures import Cast
from suite.parts import ADMIN
from suite.people import PASSWORD
from suite.screens import send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()


def session_cookies(client: Client) -> dict[str, str]:
    return {c.name: c.value or "" for c in client.http.cookies.jar if c.name.endswith("session")}


@pytest.fixture(scope="module")
def tried(site: Site, person: str) -> tuple[Client, httpx.Response]:
    """A client that has just signed in, and the answer."""
    client = site.visitor()
    answer = client.sign_in(person, PASSWORD)
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
    client.csrf = accepted(client.sign_in(person, PASSWORD))["csrf_token"]
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
    accepted(client.sign_in(person, PASSWORD))
    sent = {c.value for c in client.http.cookies.jar if c.name == name}
    assert sent != {"chosen-by-a-stranger"}


@pytest.mark.parametrize("token", ["-", "nonsense", "x" * 5000])
def test_an_unknown_token_is_not_signed_in(site: Site, token: str) -> None:
    stranger = site.visitor()
    answer = stranger.request("GET", FLOW.path, headers={"Authorization": f"Bearer {token}"})
    refused(answer, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", FLOW.service_roles[:1])
def test_a_token_in_an_address_does_not_count(site: Site, role: str) -> None:
    """Addresses are kept by logs and browsers."""
    token = str(site.service(role).http.headers["Authorization"]).split()[1]
    for name in ("token", "access_token", "api_key"):
        refused(site.visitor().get(FLOW.path, **{name: token}), "not_signed_in", f"?{name}=")


def test_a_username_is_taken_as_it_is_written(site: Site, person: str) -> None:
    """Or tries to sign in would be counted for each way to write it."""
    refused(site.visitor().sign_in(person.upper(), PASSWORD), "bad_credentials")


def test_no_answer_has_what_the_cookie_has(tried: tuple[Client, httpx.Response]) -> None:
    client, signed_in = tried
    for answer in (signed_in, client.get("/api/session"), client.http.get("/")):
        told = [name for name, value in session_cookies(client).items() if value in answer.text]
        assert not told, f"scripts can read {told} in {answer.request.url.path}"


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


Guessed = dict[str, list[httpx.Response]]


def fastest(guessed: Guessed) -> list[float]:
    """How long the quickest answer took to a known user and to an unknown one, in seconds."""
    tries = guessed["known"], guessed["unknown"]
    return [min(each.elapsed.total_seconds() for each in answers) for answers in tries]


def took_alike(guessed: Guessed) -> bool:
    """Whether time does not tell known users from unknown ones: without the slow hash it is 1 to 10 or more."""
    return max(fastest(guessed)) < 2.5 * min(fastest(guessed))


@pytest.fixture(scope="module")
def guessed(site: Site) -> Guessed:
    """The answers to wrong and right passwords of one person, a few in turn and many at once."""
    victim = site.add_person()
    found: Guessed = {"known": [], "unknown": []}
    for turn in range(9):  # ten in a row would be too many
        for name, username in (("known", victim), ("unknown", site.new_name())):
            began = time.perf_counter()
            found[name].append(site.visitor().sign_in(username, "not the password"))
            found[name][-1].elapsed = timedelta(seconds=time.perf_counter() - began)
        if turn >= 5 and took_alike(found):  # each try may have waited for something else
            break
    found["right"] = [site.visitor().sign_in(victim, PASSWORD)]

    def guess(number: int) -> httpx.Response:
        from_elsewhere = {"X-Forwarded-For": f"198.51.100.{number}"}
        return site.visitor().sign_in(victim, f"wrong guess {number}", **from_elsewhere)

    with ThreadPoolExecutor(20) as pool:
        found["burst"] = list(pool.map(guess, range(60)))
    found["late"] = [site.visitor().sign_in(victim, PASSWORD)]
    client = site.visitor()
    found["on the page"] = [
        send(client, show(client, "/").credentials(victim, PASSWORD)),
        client.get("/api/session"),
    ]
    return found


def test_an_unknown_user_is_answered_like_a_wrong_password(guessed: Guessed) -> None:
    known, unknown = guessed["known"], guessed["unknown"]
    assert verdict(known[0]) == verdict(unknown[0]) == "bad_credentials"
    assert known[0].json() == unknown[0].json(), "the answer tells whether a user exists"
    assert took_alike(guessed), f"known and unknown users take {fastest(guessed)} seconds"


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
