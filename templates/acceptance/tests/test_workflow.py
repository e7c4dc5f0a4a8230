"""Who may make which transition in which state, and what is refused: derived from the workflow."""

from typing import Any

import pytest

from suite.asking import at_once, last_entry, offers, roles_of
from suite.client import Client, accepted, refused, verdict
from suite.fixtures import Cast
from suite.matrix import FourEyes, GuardCase, Place, four_eyes, guard_cases, namesakes, places
from suite.parts import ADMIN, OWNER, Record, Transition
from suite.plan import satisfying, way_again, way_to, ways
from suite.planner import REASON, Plan
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("approval_workflow")
FLOW = workflow()
RACES = 4
ANOTHER = 20  # somebody whom no plan has walk a record


def named(of: object) -> str:
    return str(of)


def asked(cast: Cast, client: Client, record: Record, name: str, comment: str = REASON) -> None:
    """Ask for a transition and compare the answer with the workflow's."""
    flow = cast.site.flow
    before = record.copy()
    expected = flow.answer(client.actor, before, name, comment=comment)
    answer = client.move(record, name, comment)
    if isinstance(expected, str):
        refused(answer, expected, _saying(client, before, name))
        return
    moved = accepted(answer, _saying(client, before, name))
    led = expected.target if before.moves_by(expected) else before.state
    assert moved["state"] == led, (
        f"{_saying(client, before, name)} → led to {moved['state']}, not {led}"
    )
    assert moved["version"] == before.version + 1, "a transition adds one to the version"
    offers(client, record, moved)
    if flow.due(record) is not None:
        return  # it goes on by itself
    assert accepted(client.read(record)) == moved, "the record reads otherwise than it was answered"


def _saying(client: Client, record: Record, name: str) -> str:
    owns = " (owner)" if client.actor.username == record.owner else ""
    return f"{roles_of(client)}{owns} asks for {name} in {record.state}"


@pytest.mark.parametrize("place", places(), ids=named)
def test_what_is_offered_is_what_is_allowed(cast: Cast, place: Place) -> None:
    client, record = cast.before(place)
    answer = client.read(record)
    if FLOW.visible(client.actor, record):
        offers(client, record, accepted(answer))
    else:
        refused(answer, "not_found", f"{place} reads the record")


def requests() -> list[tuple[Place, str]]:
    """Every place with the transitions of its state, and one of the others in turn.

    What is offered shows them all (`test_what_is_offered_is_what_is_allowed`).
    """
    found = []
    for turn, place in enumerate(places()):
        here = [name for name in FLOW.names if FLOW.named(name, place.state)]
        others = [name for name in FLOW.names if name not in here]
        found += [(place, name) for name in (*here, *others[turn % max(1, len(others)) :][:1])]
    return found


@pytest.mark.parametrize(("place", "name"), requests(), ids=named)
def test_transition(cast: Cast, place: Place, name: str) -> None:
    client, record = cast.before(place)
    asked(cast, client, record, name)


@pytest.mark.parametrize("case", guard_cases(), ids=named)
def test_guard(cast: Cast, site: Site, case: GuardCase) -> None:
    owner = cast.owner if FLOW.creators() else None
    try:
        record = site.record_with(case.state, dict(case.wanted), owner=owner)
    except LookupError:
        record = site.record_with(case.state, dict(case.wanted))
    client = next(cast.able(record, case.name), None)
    if client is None:
        pytest.fail(f"nobody whom the suite can be may ask for {case}")
    asked(cast, client, record, case.name)


@pytest.mark.parametrize(("state", "transition"), namesakes(), ids=lambda x: getattr(x, "name", x))
def test_of_one_name_the_first_that_fits_is_made(
    cast: Cast, state: str, transition: Transition
) -> None:
    client, record = cast.ready(state, transition)
    asked(cast, client, record, transition.name)


@pytest.mark.parametrize("case", four_eyes(), ids=named)
def test_four_eyes(cast: Cast, site: Site, case: FourEyes) -> None:
    name = case.transition.name
    person = cast.owner if case.by_owner else site.set_roles(cast.other, *case.roles)
    record = site.record_in(
        case.state, owner=person if case.by_owner else None, by={case.earlier: person}
    )
    another = site.client_as(*case.roles, number=ANOTHER)
    if not case.by_owner:  # what somebody else did to another record is of no matter
        site.record_in(case.state, by={case.earlier: another})
    site.set_roles(person, *case.roles)
    saying = f"whoever made {case.earlier} asks for {name} in {case.state}"
    refused(person.move(record, name, REASON), "forbidden", saying)
    asked(cast, another, record, name)


def made_again() -> list[Any]:
    """The rules of four eyes whose earlier transition can be made once more by somebody else, and how."""
    found = []
    for case in four_eyes():
        plan = way_again(case.state, case.earlier, "first", "last", frozenset(case.roles))
        if plan is not None and not case.by_owner:
            found.append(pytest.param(case, plan, id=str(case)))
    return found


@pytest.mark.parametrize(("case", "plan"), made_again())
def test_of_several_who_made_it_the_last_counts(
    cast: Cast, site: Site, case: FourEyes, plan: Plan
) -> None:
    first = site.set_roles(cast.other, *case.roles)
    last = site.client_as(*case.roles, number=ANOTHER)
    record = site.walk(plan, cast={"first": first, "last": last})
    refused(last.move(record, case.transition.name, REASON), "forbidden", f"{case} by the last")
    asked(cast, first, record, case.transition.name)


@pytest.mark.parametrize("case", four_eyes(), ids=named)
def test_no_other_role_is_above_four_eyes(cast: Cast, site: Site, case: FourEyes) -> None:
    """Not that of an admin either."""
    person = cast.owner if case.by_owner else cast.other
    site.set_roles(person, *case.roles)
    owner = person if case.by_owner else None
    record = site.record_in(case.state, owner=owner, by={case.earlier: person})
    site.set_roles(person, *FLOW.person_roles, ADMIN)
    offers(person, record, accepted(person.read(record)))
    refused(person.move(record, case.transition.name, REASON), "forbidden", f"{case}, as an admin")


def own_cases() -> list[tuple[str, Transition]]:
    return [
        (state, t)
        for t in FLOW.transitions
        for state in t.sources
        if OWNER in t.not_by and FLOW.creators() and way_to(state, creator=FLOW.creators()[0])
    ]


@pytest.mark.parametrize(("state", "transition"), own_cases(), ids=lambda x: getattr(x, "name", x))
def test_nobody_decides_on_their_own(
    cast: Cast, site: Site, state: str, transition: Transition
) -> None:
    """Whatever roles they have besides, an admin's too."""
    record = site.standing(state, owner=cast.owner, creator=FLOW.creators()[0], key="own")
    for roles in ((*FLOW.person_roles, ADMIN), FLOW.person_roles):
        owner = site.set_roles(cast.owner, *roles)
        offers(owner, record, accepted(owner.read(record)))
        asked(cast, owner, record, transition.name)


def test_the_comment_of_a_transition_is_trimmed(cast: Cast, site: Site) -> None:
    for place in places():
        client, record = cast.before(place, "trimmed")
        steps = FLOW.open_to(client.actor, record)
        if steps:
            accepted(client.move(record, steps[0].name, "  because of this \n"))
            last = last_entry(site.admin, record)
            assert last["comment"] == "because of this"
            return


def test_a_comment_may_be_left_out_where_none_is_required(cast: Cast) -> None:
    for place in places():
        client, record = cast.before(place, "silent")
        steps = [t for t in FLOW.open_to(client.actor, record) if not t.comment_required]
        if steps:
            asked(cast, client, record, steps[0].name, comment="")
            return


def comment_cases() -> list[tuple[str, Transition]]:
    return [
        (state, transition)
        for transition in FLOW.transitions
        if transition.comment_required
        for state in transition.sources
        if way_to(state) is not None
    ]


@pytest.mark.parametrize(
    ("state", "transition"), comment_cases(), ids=lambda x: getattr(x, "name", x)
)
@pytest.mark.parametrize("comment", ["", "  \n "], ids=["no comment", "only blanks"])
def test_comment_is_required(
    cast: Cast, site: Site, state: str, transition: Transition, comment: str
) -> None:
    record = site.standing(state, owner=cast.owner if FLOW.creators() else None, key="comment")
    for client in cast.able(record, transition.name):
        asked(cast, client, record, transition.name, comment)
        break


# Several reasons to refuse at once: the first in the contract's order is the answer.


@pytest.fixture(scope="module")
def refusable(cast: Cast, site: Site) -> tuple[Client, Record, str, str]:
    """Somebody who sees a record, with a transition possible there that they may not make."""
    for place in places():
        client, record = cast.before(place)
        for name in FLOW.names:
            if FLOW.answer(client.actor, record, name, comment=REASON) == "forbidden":
                elsewhere = [n for n in FLOW.names if not FLOW.named(n, record.state)]
                return client, record, name, elsewhere[0] if elsewhere else ""
    pytest.skip("everybody may do everything that they see")


def test_malformed_comes_before_stale(refusable: tuple[Client, Record, str, str]) -> None:
    client, record, name, _ = refusable
    body = {"version": record.version + 7, "state": "approved"}
    refused(client.post(f"{client.at(record)}/transitions/{name}", body), "invalid")


def test_stale_comes_before_wrong_state(refusable: tuple[Client, Record, str, str]) -> None:
    client, record, name, elsewhere = refusable
    refused(client.move(record, elsewhere or name, version=record.version + 7), "stale")


def test_stale_comes_before_forbidden(refusable: tuple[Client, Record, str, str]) -> None:
    client, record, name, _ = refusable
    refused(client.move(record, name, version=record.version + 7), "stale")
    refused(client.edit(record, {}, version=record.version + 7), "stale")


def test_forbidden_comes_before_a_missing_comment(
    refusable: tuple[Client, Record, str, str],
) -> None:
    client, record, name, _ = refusable
    refused(client.move(record, name), "forbidden")


def test_an_unknown_transition_is_not_found(refusable: tuple[Client, Record, str, str]) -> None:
    client, record, _, _ = refusable
    body = {"version": record.version}
    for name in ("fly", "__class__", "%2e%2e"):
        answer = client.post(f"{client.at(record)}/transitions/{name}", body)
        refused(answer, ("not_found", "invalid"))


def test_an_invisible_record_is_not_found_whatever_is_asked(site: Site, cast: Cast) -> None:
    record = site.standing(FLOW.first_state)
    nobody = site.set_roles(cast.other)
    at = nobody.at(record)
    for answer in (
        nobody.get(at),
        nobody.get(f"{at}/history"),
        nobody.patch(at, {"nonsense": 1}),
        nobody.post(f"{at}/comments", {"nonsense": 1}),
        *(nobody.post(f"{at}/transitions/{name}", {"nonsense": 1}) for name in FLOW.names),
    ):
        refused(answer, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "first"},
        {"version": 1.5},
        {"version": None},
        {"version": 1, "comment": "x" * 2001},
        {"version": 1, "comment": "a\x00b"},
        {"version": 1, "to": "approved"},
        {"version": 1, "state": "approved"},
        {"version": 1, "actor": "admin"},
        [],
        "approve",
        None,
    ],
    ids=str,
)
def test_a_malformed_request_is_refused(site: Site, cast: Cast, body: object) -> None:
    record = site.standing(FLOW.first_state, key="malformed")
    answer = site.admin.post(f"{site.admin.at(record)}/transitions/{FLOW.names[0]}", body)
    problem = refused(answer, "invalid", f"the body {body}")
    assert problem["errors"], "an invalid body is answered with the errors"


@pytest.mark.parametrize("content", ["", "{", "\xff", "{'version': 1}", "[" * 2000, "NaN"])
def test_a_body_that_is_no_json_is_refused(site: Site, content: str) -> None:
    record = site.standing(FLOW.first_state, key="malformed")
    answer = site.admin.post(
        f"{site.admin.at(record)}/transitions/{FLOW.names[0]}",
        content=content.encode("latin-1"),
        headers={"content-type": "application/json"},
    )
    refused(answer, "invalid")


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "9223372036854775808", "9" * 40, "%20"])
def test_a_number_that_no_record_has_is_refused(site: Site, number: str) -> None:
    at = f"{FLOW.path}/{number}"
    for answer in (
        site.admin.get(at),
        site.admin.get(f"{at}/history"),
        site.admin.patch(at, {"version": 1}),
    ):
        refused(answer, ("not_found", "invalid"))


def can_move(place: Place) -> bool:
    """Whether the workflow lets the caller go on from a place and see where that led."""
    flow = FLOW
    return any(
        set(place.caller.roles) & t.by and flow.roles[place.caller.role].sees == "all"
        for t in flow.transitions
        if place.state in t.sources
        and not place.caller.owner
        and not t.guards
        and place.caller.role in flow.roles
    )


@pytest.mark.parametrize("place", [p for p in places() if can_move(p)][:1], ids=named)
def test_an_accepted_write_makes_older_versions_stale(site: Site, cast: Cast, place: Place) -> None:
    client, record = cast.before(place)
    before = record.version
    moved = FLOW.open_to(client.actor, record)[0]
    accepted(client.move(record, moved.name, REASON))
    site.settle(record)
    for name in FLOW.names:
        refused(client.move(record, name, REASON, version=before), "stale")
    refused(client.edit(record, {}, version=before), "stale")
    refused(client.move(record, moved.name, REASON, version=record.version + 1), "stale")


# At once


def rivals() -> list[tuple[str, Transition]]:
    """A transition that two people may make, with follow-ups if there is one, and its state."""
    found = [
        (state, t)
        for t in FLOW.transitions
        for state in t.sources
        if any(role in FLOW.person_roles and FLOW.roles[role].sees == "all" for role in t.by)
        and way_to(state, satisfying(t, state)) is not None
    ]
    return sorted(found, key=lambda pair: not pair[1].follow_ups)[:1]


@pytest.mark.parametrize(("state", "transition"), rivals(), ids=lambda x: getattr(x, "name", x))
def test_of_two_at_once_one_is_accepted(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    role = next(r for r in sorted(transition.by) if r in FLOW.person_roles)
    first = site.set_roles(cast.other, role)
    second = site.client_as(role, number=ANOTHER)
    for turn in range(RACES):
        record = site.record_for(state, transition)
        version = record.version
        for client in (first, second):
            expected = FLOW.answer(client.actor, record, transition.name, comment=REASON)
            assert isinstance(expected, Transition), f"turn {turn}: {expected}"
        answers = at_once(
            *(
                lambda c=client: c.move(record, transition.name, REASON, version=version)  # noqa: B023
                for client in (first, second)
            )
        )
        verdicts = sorted(verdict(answer) for answer in answers)
        assert verdicts == ["ok", "stale"], f"turn {turn}: two at once were answered {verdicts}"
        assert record.version == version + 1


def edited_by_two() -> list[tuple[str, str, str]]:
    """A state, a field and a person's role that may edit it there (or the owner)."""
    found = []
    for state in FLOW.states.values():
        for field in FLOW.fields.values():
            parties = [
                p for p in sorted(state.edited_by) if not field.edited_by or p in field.edited_by
            ]
            found += [(state.name, field.name, party) for party in parties]
    reachable = {place.state for place in places()}
    people = {"owner"} & set(FLOW.creators() and ["owner"]) | set(FLOW.person_roles)
    return [case for case in found if case[0] in reachable and case[2] in people][:1]


@pytest.mark.parametrize(("state", "field", "party"), edited_by_two())
def test_of_two_edits_at_once_one_is_accepted(
    site: Site, cast: Cast, state: str, field: str, party: str
) -> None:
    for turn in range(RACES // 2):
        if party == "owner":
            record = site.record_in(state, owner=cast.owner)
            client = cast.owner
        else:
            record = site.record_in(state)
            client = site.set_roles(cast.other, party)
        version = record.version
        answers = at_once(
            *([lambda r=record, v=version: client.edit(r, {}, version=v)] * 3)  # noqa: B023
        )
        verdicts = sorted(verdict(answer) for answer in answers)
        assert verdicts == ["ok", "stale", "stale"], f"turn {turn}: answered {verdicts}"


def test_every_combination_has_an_expectation() -> None:
    """Only records that nobody can have are left out: in states that no way leads to."""
    covered = {(p.caller.role, p.caller.owner, p.state) for p in places()}
    people = (*FLOW.person_roles, ADMIN, "nobody")
    creators = (*FLOW.creators(), *FLOW.creators(service=True))
    wanted = set()
    for creator in creators:
        reached = set(ways(creator))
        for role in (*people, *FLOW.service_roles):
            if role not in FLOW.service_roles or role != creator:
                wanted |= {(role, False, state) for state in reached}
        owners = people if creator in FLOW.creators() else (creator,)
        wanted |= {(role, True, state) for role in owners for state in reached}
    assert not wanted - covered, f"no expectation for {sorted(wanted - covered)}"
