"""People whose roles change or end, and who may be made of them."""

import time
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, NamedTuple

import httpx
import pytest

from suite.client import Client, accepted, refused
from suite.fixtures import Cast
from suite.parts import ADMIN, Record
from suite.people import PASSWORD
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()


def test_a_disabled_user_is_out_at_once(site: Site) -> None:
    role = viewers()[0]
    client = site.new_person(role)
    person = client.actor.username
    at = f"/api/users/{person}"
    disabled = accepted(site.admin.patch(at, {"active": False}))
    assert (disabled["active"], disabled["roles"]) == (False, [role])
    refused(client.get("/api/session"), "not_signed_in", "the session of a disabled user")
    refused(client.records(), "not_signed_in", "the session of a disabled user")
    refused(site.visitor().sign_in(person, PASSWORD), "bad_credentials")
    listed = {user["username"]: user for user in site.all_pages(site.admin, "/api/users")}
    assert person in listed, "the list of users lacks those who are disabled"
    assert listed[person]["active"] is False
    assert accepted(site.admin.patch(at, {"roles": []}))["active"] is False
    assert accepted(site.admin.patch(at, {"active": True}))["active"] is True
    accepted(site.visitor().sign_in(person, PASSWORD))


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


class Moment(NamedTuple):
    """What somebody was answered before they had a role for a moment, with it and after it."""

    given: httpx.Response
    before: dict[str, httpx.Response]
    during: dict[str, httpx.Response]
    after: dict[str, httpx.Response]
    listed: dict[str, Any]  # the user, in the list of all after it


def asked(client: Client, record: Record) -> dict[str, httpx.Response]:
    """What the client is answered now."""
    at = {"record": client.at(record), "users": "/api/users", "session": "/api/session"}
    return {name: client.get(path) for name, path in at.items()}


def granted(
    site: Site, client: Client, role: str, seconds: float
) -> tuple[datetime, httpx.Response]:
    """Give the client a role for some seconds: when it ends, and the answer."""
    ends = datetime.now(timezone(timedelta(hours=2))) + timedelta(seconds=seconds)
    at = f"/api/users/{client.actor.username}/grants"
    return ends, site.admin.post(at, {"role": role, "until": ends.isoformat()})


def wait_for(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()) + 0.05)


@pytest.fixture(scope="module")
def moments(site: Site, cast: Cast) -> dict[str, Moment]:
    """Somebody who sees everything for a moment, and an admin for a moment; both at the same one."""
    record = site.standing(FLOW.first_state)
    people = {viewers()[0]: site.set_roles(cast.other), ADMIN: site.set_roles(cast.owner)}
    before = {role: asked(client, record) for role, client in people.items()}
    for seconds in (0.8, 4, 20):  # on a machine so busy that the first is over before it is used
        given = {role: granted(site, client, role, seconds) for role, client in people.items()}
        during = {role: asked(client, record) for role, client in people.items()}
        over = min(ends for ends, _ in given.values()) <= datetime.now(UTC)
        wait_for(max(ends for ends, _ in given.values()))
        if not over:
            break
    listed = {user["username"]: user for user in site.all_pages(site.admin, "/api/users")}
    return {
        role: Moment(
            given[role][1],
            before[role],
            during[role],
            asked(client, record),
            listed[client.actor.username],
        )
        for role, client in people.items()
    }


def test_a_temporary_role_ends_by_itself(moments: dict[str, Moment]) -> None:
    role = viewers()[0]
    moment = moments[role]
    refused(moment.before["record"], "not_found", "somebody before the grant")
    user = accepted(moment.given)
    assert moment.given.status_code == 201
    assert user["roles"] == [], "a grant is no lasting role"
    assert [grant["role"] for grant in user["grants"]] == [role]
    assert user["grants"][0]["until"].endswith("Z"), "moments are given in UTC"
    accepted(moment.during["record"], f"somebody who is {role} for a moment")
    assert accepted(moment.during["session"])["roles"] == [role]
    refused(moment.after["record"], "not_found", f"somebody who was {role} for a moment")
    session = accepted(moment.after["session"])
    assert (session["roles"], session["may"]["see"]) == ([], "none")
    assert moment.listed["grants"] == [], "an ended grant is still listed"


def test_a_grant_of_admin_ends_too(moments: dict[str, Moment]) -> None:
    moment = moments[ADMIN]
    refused(moment.before["users"], "forbidden")
    accepted(moment.during["users"], "an admin for a moment")
    refused(moment.after["users"], "forbidden", "a former admin")


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
        token = str(site.service(role).http.headers["Authorization"]).split()[1]
        told = (token, sha256(token.encode()).hexdigest())
        assert not [each for each in told if each in str(listed)], "the list has a service's token"


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
    accepted(site.visitor().sign_in(username, f" {PASSWORD} "))
    refused(site.visitor().sign_in(username, PASSWORD), "bad_credentials")


@pytest.mark.parametrize("role", FLOW.service_roles[:1])
def test_a_service_has_no_password(site: Site, role: str) -> None:
    for password in (f"{role}-{site.password}", site.password):
        refused(site.visitor().sign_in(role, password), "bad_credentials")


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
