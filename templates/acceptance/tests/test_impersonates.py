"""Acting for somebody: who may, for whom, and how it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suite.acting import (
    FIRST,
    HALF_AN_HOUR,
    PAIRS,
    Ago,
    Pair,
    every_pair,
    is_oneself,
    names,
    newest,
    one_pair,
    who,
)
from suite.client import IMPERSONATION, accepted, refused, verdict
from suite.outlets import outlets
from suite.parts import ADMIN, Actor
from suite.people import PASSWORD
from suite.planner import REASON
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
TABLE = outlets()


# Who, and for whom


@every_pair
def test_whoever_may_is_the_person_until_they_stop(two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    helper, person = both.helper.actor, both.person.actor
    is_oneself(both.helper)
    began = accepted(both.helper.impersonate(person.username, REASON))
    now = accepted(both.helper.get("/api/session"))
    theirs = accepted(both.person.get("/api/session"))
    for session in (began, now):
        for word in ("username", "name", "roles"):
            assert session[word] == theirs[word], f"{word} is {session[word]}"
        assert session["may"] == {**theirs["may"], "create": False}
        assert session["impersonator"]["username"] == helper.username
        assert session["impersonator"]["name"], "nobody knows who acts for them"
        left = datetime.fromisoformat(session["impersonation_ends_at"]) - datetime.now(UTC)
        assert HALF_AN_HOUR - timedelta(minutes=1) < left <= HALF_AN_HOUR, f"it lasts {left}"
    assert theirs["impersonator"] is None, "the person acts for themselves"
    ended = accepted(both.helper.stop_impersonating())
    assert ended["username"] == helper.username
    assert (ended["impersonator"], ended["impersonation_ends_at"]) == (None, None)
    is_oneself(both.helper, "they stopped")


@pytest.mark.parametrize(
    "role", [r for r in (*FLOW.roles, ADMIN, "nobody") if FIRST and r not in FLOW.impersonating]
)
def test_nobody_else_acts_for_anybody(site: Site, two: Pair, role: str) -> None:
    username = two(PAIRS[0]).person.actor.username
    service = role in FLOW.service_roles
    client = site.service(role) if service else site.new_person(*{role} - {"nobody"})
    for body in (
        {"username": username, "reason": REASON},
        {"username": "nobody-is-called-so", "reason": REASON},
        {"username": username, "reason": ""},
    ):
        refused(client.post(IMPERSONATION, body), "forbidden", f"{role} asks with {body}")
    assert who(client) == (client.actor.username, None)


def others(pair: tuple[str, str]) -> list[tuple[str, ...]]:
    """Roles of people for whom the first of a pair must not act."""
    allowed = FLOW.roles[pair[0]].impersonates
    barred = [role for role in (*FLOW.person_roles, ADMIN) if role not in allowed]
    return [(), *((role,) for role in barred), *((pair[1], role) for role in barred)]


@pytest.mark.parametrize(
    ("pair", "roles"),
    [pytest.param(p, roles, id=f"{p[0]} for {roles}") for p in PAIRS for roles in others(p)],
)
def test_nobody_acts_for_people_with_other_roles(
    site: Site, two: Pair, pair: tuple[str, str], roles: tuple[str, ...]
) -> None:
    both = two(pair)
    assert not FLOW.may_impersonate(both.helper.actor, Actor("other", frozenset(roles)))
    username = site.add_person(*roles)
    refused(both.helper.impersonate(username, REASON), "forbidden", f"acting for {roles}")
    is_oneself(both.helper)


@every_pair
def test_a_role_until_a_date_counts_as_long_as_it_lasts(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    until = {"until": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    username = site.add_person()
    grants = f"/api/users/{username}/grants"
    accepted(site.admin.post(grants, {"role": pair[1], **until}))
    accepted(both.helper.impersonate(username, REASON), "the person has the role for a while")
    accepted(both.helper.stop_impersonating())
    accepted(site.admin.post(grants, {"role": ADMIN, **until}))
    refused(both.helper.impersonate(username, REASON), "forbidden", "an admin for a while")
    helper = site.new_person()
    path = f"/api/users/{helper.actor.username}/grants"
    accepted(site.admin.post(path, {"role": pair[0], **until}))
    accepted(helper.impersonate(both.person.actor.username, REASON), "a helper for a while")
    accepted(helper.stop_impersonating())


@one_pair
def test_nobody_acts_for_themselves_a_service_the_disabled_or_the_unknown(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    refused(both.helper.impersonate(both.helper.actor.username, REASON), "forbidden", "themselves")
    for role in FLOW.service_roles:
        refused(both.helper.impersonate(role, REASON), "forbidden", f"the service {role}")
    username = site.add_person(pair[1])
    accepted(site.admin.patch(f"/api/users/{username}", {"active": False}))
    refused(both.helper.impersonate(username, REASON), "forbidden", "somebody who is disabled")
    for unknown in ("nobody-is-called-so", "Not A Name"):
        refused(both.helper.impersonate(unknown, REASON), "not_found", unknown)
    is_oneself(both.helper)


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", x) for x in (None, "", " \n ", "x" * 2001, "a\x00b", ["because"]) if FIRST]
    + [("username", x) for x in (None, "", "x" * 151) if FIRST]
    + [("nonsense", x) for x in (1,) if FIRST],
)
def test_what_is_not_said_right_is_refused(two: Pair, field: str, value: Any) -> None:
    both = two(PAIRS[0])
    body = {"username": both.person.actor.username, "reason": REASON}
    for given in ({**body, field: value}, {k: x for k, x in body.items() if k != field}):
        if field in given or field in body:
            problem = refused(both.helper.post(IMPERSONATION, given), "invalid", f"{given}")
            assert {each["field"] for each in problem["errors"]} == {field}
    is_oneself(both.helper)


@one_pair
def test_it_neither_begins_nor_ends_twice(two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    for client in (both.helper, both.person, both.site.admin):
        refused(client.stop_impersonating(), "wrong_state", "nobody acts for anybody")
    with both.acting():
        username = both.person.actor.username
        refused(both.helper.impersonate(username, REASON), "wrong_state", "a second time")
        refused(both.helper.impersonate("nobody-is-called-so", REASON), "not_found")
        refused(both.helper.impersonate(username, ""), "invalid")
        assert who(both.helper) == (username, both.helper.actor.impersonator)


@one_pair
def test_only_the_session_in_which_it_began_is_that_of_the_person(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    username = site.add_person(pair[0])
    first, second = site.sign_in(username, PASSWORD), site.sign_in(username, PASSWORD)
    accepted(first.impersonate(both.person.actor.username, REASON))
    is_oneself(second, "another browser")
    assert who(first) == (both.person.actor.username, username)
    accepted(first.stop_impersonating())


@pytest.mark.parametrize("role", FLOW.service_roles[:1] if FIRST else ())
def test_a_token_is_its_service_whatever_the_session(site: Site, two: Pair, role: str) -> None:
    both = two(PAIRS[0])
    bearer = {"Authorization": site.service(role).http.headers["Authorization"]}
    with both.acting() as helper:
        answer = helper.request("GET", "/api/session", headers=bearer)
        assert (answer.json()["username"], answer.json()["impersonator"]) == (role, None)
    body = {"username": both.person.actor.username, "reason": REASON}
    answer = both.helper.post(IMPERSONATION, body, headers=bearer)
    refused(answer, "forbidden", "a token with a session beside it")
    is_oneself(both.helper)


# How it ends


@one_pair
@pytest.mark.started
def test_it_ends_after_half_an_hour(site: Site, two: Pair, ago: Ago, pair: tuple[str, str]) -> None:
    both = two(pair)
    username = site.add_person(pair[0])
    for minutes, over in ((29, False), (31, True)):
        then = ago(timedelta(minutes=minutes))
        early = then.sign_in(username, PASSWORD)
        now = site.visitor()
        now.http.cookies.update(early.http.cookies)
        now.csrf, now.actor = early.csrf, early.actor
        began = accepted(early.impersonate(both.person.actor.username, REASON))
        assert who(early)[0] == both.person.actor.username, "it has not begun"
        if over:
            is_oneself(now, "half an hour is over")
            ended = datetime.fromisoformat(newest(site)["ends_at"])
            assert ended < datetime.now(UTC) - timedelta(seconds=30), "it ends when it is noticed"
            refused(now.stop_impersonating(), "wrong_state")
        else:
            for _ in range(2):
                session = accepted(now.get("/api/session"))
                assert session["username"] == both.person.actor.username, "it ends too early"
                ends = session["impersonation_ends_at"]
                assert ends == began["impersonation_ends_at"], "each request makes it longer"
            accepted(now.stop_impersonating())


@one_pair
def test_it_ends_when_the_helper_signs_out(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    username = site.add_person(pair[0])
    helper = site.sign_in(username, PASSWORD)
    accepted(helper.impersonate(both.person.actor.username, REASON))
    cookies = dict(helper.http.cookies)
    accepted(helper.delete("/api/session"), "signing out")
    helper.http.cookies.update(cookies)
    refused(helper.get("/api/session"), "not_signed_in", "the session lives on")
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC), "no end is kept"
    is_oneself(site.sign_in(username, PASSWORD), "signed in again")


@one_pair
def test_it_ends_when_the_helper_signs_in_again(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    helper = site.sign_in(site.add_person(pair[0]), PASSWORD)
    accepted(helper.impersonate(both.person.actor.username, REASON))
    session = accepted(helper.sign_in(helper.actor.username, PASSWORD))
    helper.csrf = session["csrf_token"]
    is_oneself(helper, "signed in again")
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC), "no end is kept"


def changes(pair: tuple[str, str]) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """What ends it: of whom, what changes, and what it was before."""
    return {
        "the person is disabled": ("person", {"active": False}, {"active": True}),
        "the person becomes an admin": (
            "person",
            {"roles": sorted([pair[1], ADMIN])},
            {"roles": [pair[1]]},
        ),
        "the person loses the role": ("person", {"roles": []}, {"roles": [pair[1]]}),
        "the helper loses the role": ("helper", {"roles": []}, {"roles": [pair[0]]}),
        "the helper is disabled": ("helper", {"active": False}, {"active": True}),
    }


@pytest.mark.parametrize(
    ("pair", "what"), [pytest.param(p, w, id=f"{names(p)}: {w}") for p in FIRST for w in changes(p)]
)
def test_it_ends_from_the_next_request_on(site: Site, pair: tuple[str, str], what: str) -> None:
    """And does not begin again when all is as it was."""
    names = {"helper": site.add_person(pair[0]), "person": site.add_person(pair[1])}
    helper = site.sign_in(names["helper"], PASSWORD)
    accepted(helper.impersonate(names["person"], REASON))
    of, change, back = changes(pair)[what]
    accepted(site.admin.patch(f"/api/users/{names[of]}", change), what)
    if "helper is disabled" in what:
        refused(helper.get("/api/session"), "not_signed_in", what)
    else:
        if "helper loses" in what:
            helper.actor = replace(helper.actor, roles=frozenset())
        is_oneself(helper, what)
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC), "no end is kept"
    accepted(site.admin.patch(f"/api/users/{names[of]}", back))
    helper.actor = replace(helper.actor, roles=frozenset({pair[0]}))
    if verdict(helper.get("/api/session")) == "ok":
        is_oneself(helper, "it begins again by itself")


@one_pair
def test_a_role_until_a_date_ends_it_too(site: Site, pair: tuple[str, str]) -> None:
    person = site.add_person(pair[1])
    helper = site.new_person(pair[0])
    accepted(helper.impersonate(person, REASON))
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    accepted(site.admin.post(f"/api/users/{person}/grants", {"role": ADMIN, "until": until}))
    refused(helper.get("/api/users"), "forbidden", "the rights of an admin")
    is_oneself(helper, "the person is an admin for a while")
