"""Who may edit which field in which state: derived from the workflow."""

import pytest

from suite import values as v
from suite.client import accepted, refused
from suite.fixtures import Cast
from suite.matrix import Place, places
from suite.parts import ADMIN, OWNER, Actor
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()


def edits() -> list[tuple[Place, str]]:
    """Every place with the fields that may be edited there, and one of those that may not, in turn.

    `editable` in an answer has them all (`test_what_is_offered_is_what_is_allowed`).
    """
    found: list[tuple[Place, str]] = []
    for turn, place in enumerate(places()):
        parties = {place.caller.role} | ({OWNER} if place.caller.owner else set())
        may = FLOW.states[place.state].edited_by & parties
        open_to = [
            f.name
            for f in FLOW.fields.values()
            if may and (not f.edited_by or f.edited_by & parties)
        ]
        closed = [name for name in FLOW.fields if name not in open_to]
        found += [(place, name) for name in (*open_to, *closed[turn % max(1, len(closed)) :][:1])]
    return found


@pytest.mark.parametrize(("place", "name"), edits(), ids=str)
def test_edit(cast: Cast, place: Place, name: str) -> None:
    client, record = cast.before(place, "edit")
    before = record.copy()
    new = v.quiet(FLOW, record, name)
    expected = FLOW.refuses_edit(client.actor, before, [name])
    if expected is None and FLOW.refused_values(before.values, {name: new}):
        expected = "invalid"
    answer = client.edit(record, {name: new})
    saying = f"{place} edits {name}"
    if expected:
        refused(answer, expected, saying)
        return
    edited = accepted(answer, saying)
    assert edited[name] == FLOW.fields[name].write(new), f"{saying}: it now has {edited[name]}"
    assert edited["version"] == before.version + 1, f"{saying}: the version did not grow by one"
    assert edited["state"] == before.state, f"{saying}: the state changed"
    assert accepted(client.read(record)) == edited, (
        "the record reads otherwise than it was answered"
    )


@pytest.mark.parametrize("owns", [False, True], ids=["of another", "of one's own"])
@pytest.mark.parametrize("state", FLOW.states)
def test_more_roles_allow_what_each_allows_and_no_more(
    cast: Cast, site: Site, state: str, owns: bool
) -> None:
    """With a field that may be edited and one that may not, as far as there are."""
    if (owns and not FLOW.creators()) or not any(place.state == state for place in places()):
        return
    person = cast.owner if owns else cast.other
    try:
        record = site.standing(state, owner=cast.owner if owns else None, key="roles")
    except LookupError:
        return
    client = site.set_roles(person, *FLOW.person_roles, ADMIN)
    assert accepted(client.read(record))["editable"] == FLOW.editable(client.actor, record)
    answers = {FLOW.refuses_edit(client.actor, record, [name]): name for name in FLOW.fields}
    for expected, name in answers.items():
        change = {name: v.quiet(FLOW, record, name)}
        wrong = FLOW.refused_values(record.values, change)
        answer = client.edit(record, change)
        saying = f"somebody with every role edits {name} in {state}"
        if expected or wrong:
            refused(answer, expected or "invalid", saying)
        else:
            accepted(answer, saying)


def two_fields() -> list[tuple[Place, str, str]]:
    """Places where somebody may edit one field but not another."""
    found = []
    for place in places():
        actor = Actor("somebody", frozenset(place.caller.roles))
        parties = actor.roles | ({"owner"} if place.caller.owner else set())
        if not FLOW.states[place.state].edited_by & parties or FLOW.sees(actor) == "none":
            continue
        if FLOW.sees(actor) == "own" and not place.caller.owner:
            continue
        may = [f.name for f in FLOW.fields.values() if not f.edited_by or f.edited_by & parties]
        may_not = [name for name in FLOW.fields if name not in may]
        if may and may_not:
            found.append((place, may[0], may_not[0]))
    return found


@pytest.mark.parametrize(("place", "allowed", "forbidden"), two_fields(), ids=str)
def test_an_edit_of_two_fields_is_refused_whole(
    cast: Cast, place: Place, allowed: str, forbidden: str
) -> None:
    client, record = cast.before(place, "edit")
    before = dict(record.values)
    both = {name: v.another(FLOW.fields[name], before[name]) for name in (allowed, forbidden)}
    refused(client.edit(record, both), "forbidden", f"{place} edits {allowed} and {forbidden}")
    shown = accepted(client.read(record))
    assert shown[allowed] == FLOW.fields[allowed].write(before[allowed]), "half of it was written"


@pytest.mark.parametrize("role", [*FLOW.roles, ADMIN, "nobody"])
def test_creation(cast: Cast, site: Site, role: str) -> None:
    if role in FLOW.service_roles:
        client = site.service(role)
    else:
        client = site.set_roles(cast.other, *(() if role == "nobody" else (role,)))
    required = {f.name: v.good(f) for f in FLOW.fields.values() if f.required}
    others = [f.name for f in FLOW.fields.values() if not f.required]
    for extra in ([], *([name] for name in others)):
        values = v.fitted(FLOW, required | {n: v.good(FLOW.fields[n]) for n in extra}, extra)
        saying = f"{role} creates a record with {', '.join(extra) or 'what is required'}"
        expected = FLOW.refuses_creation(client.actor, values)
        answer = client.create(values)
        if expected:
            refused(answer, expected, saying)
        else:
            created = accepted(answer, saying)
            assert answer.status_code == 201, saying
            assert created["owner"] == client.actor.username, f"{saying}: owned by another"
            assert (created["version"], created["state"]) == (1, FLOW.first_state), saying
            assert answer.headers["location"].endswith(f"{FLOW.path}/{created['id']}")
            if FLOW.sees(client.actor) != "none":
                assert accepted(client.get(f"{FLOW.path}/{created['id']}")) == created


@pytest.mark.first
@pytest.mark.parametrize("role", [*FLOW.roles, ADMIN, "nobody"])
def test_the_list_has_what_may_be_seen(cast: Cast, site: Site, role: str) -> None:
    site.standing(FLOW.first_state)
    own = site.standing(FLOW.first_state, owner=cast.owner) if FLOW.creators() else None
    if role in FLOW.service_roles:
        client = site.service(role)
    else:
        client = site.set_roles(cast.owner, *(() if role == "nobody" else (role,)))
    everything = site.all_pages(site.admin, FLOW.path, sort="id")
    shown = site.all_pages(client, FLOW.path, sort="id")
    sees = FLOW.sees(client.actor)
    expected = [record["id"] for record in everything if site.may_see(client, record)]
    assert [record["id"] for record in shown] == expected, f"{role} sees {sees}"
    if own and sees == "own" and role not in FLOW.service_roles:
        assert own.id in expected, "the owner sees the own record"


def test_two_roles_see_what_either_sees(cast: Cast, site: Site) -> None:
    client = site.set_roles(cast.other, *FLOW.person_roles, ADMIN)
    record = site.standing(FLOW.first_state)
    accepted(client.read(record), "somebody with every role reads a record")
