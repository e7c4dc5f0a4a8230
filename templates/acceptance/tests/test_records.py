"""What a record may hold, and how a body is refused that holds anything else."""

from datetime import datetime
from typing import Any

import pytest

from suite import values as v
from suite.asking import last_entry
from suite.client import Client, accepted, refused
from suite.creation import creator_of, required, required_beside, settable_fields
from suite.fixtures import Cast
from suite.matrix import places
from suite.parts import ADMIN, OWNER, Record
from suite.planner import REASON
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("data_model")
FLOW = workflow()
NOT_FIELDS = ("id", "version", "state", "owner", "role", "roles", "created_at", "no_such_field")


def bad_values() -> list[Any]:
    return [
        pytest.param(field.name, value, id=f"{field.name}: {what}")
        for field in settable_fields()
        for what, value in v.bad(field)
    ]


def good_values() -> list[Any]:
    return [
        pytest.param(field.name, given, shown, id=f"{field.name}: {what}")
        for field in settable_fields()
        for what, given, shown in v.edges(field)
    ]


@pytest.mark.parametrize(("name", "value"), bad_values())
def test_a_bad_value_is_refused(site: Site, cast: Cast, name: str, value: Any) -> None:
    client = creator_of(site, name)
    assert client is not None
    answer = client.post(FLOW.path, required_beside(name, value))
    problem = refused(answer, "invalid", f"a record whose {name} is {str(value)[:40]!r}")
    fields = {error["field"].partition(".")[0] for error in problem["errors"]}
    assert fields == {name}, f"the error is told of {fields}, not of {name}"
    assert problem["errors"][0]["message"], "an error has a message"


@pytest.mark.parametrize(("name", "given", "shown"), good_values())
def test_a_value_at_the_edge_is_taken(
    site: Site, cast: Cast, name: str, given: Any, shown: Any
) -> None:
    client = creator_of(site, name)
    assert client is not None
    saying = f"a record whose {name} is {str(given)[:40]!r}"
    created = accepted(client.post(FLOW.path, required_beside(name, given)), saying)
    assert created[name] == shown, f"{saying}: it has {str(created[name])[:60]!r}"


@pytest.mark.parametrize("name", [field.name for field in settable_fields() if field.required])
def test_a_required_field_is_required(site: Site, cast: Cast, name: str) -> None:
    client = creator_of(site)
    assert client is not None
    body = {n: x for n, x in required().items() if n != name}
    problem = refused(client.post(FLOW.path, body), "invalid", f"a record without {name}")
    assert [error["field"] for error in problem["errors"]] == [name]


def test_every_missing_field_is_told_at_once(site: Site, cast: Cast) -> None:
    client = creator_of(site)
    if client is None or not required():
        return
    problem = refused(client.post(FLOW.path, {}), "invalid", "an empty record")
    assert {error["field"] for error in problem["errors"]} == set(required())


def test_fields_that_nobody_has_given_are_empty(site: Site, cast: Cast) -> None:
    client = creator_of(site)
    if client is None:
        return
    created = accepted(client.post(FLOW.path, required()))
    for field in FLOW.fields.values():
        if field.name not in required():
            empty = field.write(field.empty)
            started = created.get(field.name, empty)  # not there for whoever does not see it
            assert started == empty, f"{field.name} starts as {started!r}"
    assert list(created) != [], "a record has fields"
    assert created["created_at"].endswith("Z"), "moments are given in UTC"
    assert created["updated_at"].endswith("Z"), "moments are given in UTC"
    again = accepted(client.get(f"{FLOW.path}/{created['id']}"))
    assert again == created, "the record reads otherwise than it was answered"


@pytest.mark.parametrize("name", [n for n in NOT_FIELDS if n not in FLOW.fields])
def test_what_is_no_field_is_refused(site: Site, cast: Cast, name: str) -> None:
    client = creator_of(site)
    if client is not None:
        for value in (1, ADMIN, FLOW.first_state):
            answer = client.post(FLOW.path, required() | {name: value})
            problem = refused(answer, "invalid", f"a new record with {name}")
            assert [error["field"] for error in problem["errors"]] == [name]
    if name != "version":
        record = site.standing(FLOW.first_state, key="records")
        for value in (1, ADMIN, FLOW.first_state):
            answer = site.admin.patch(
                site.admin.at(record), {"version": record.version, name: value}
            )
            problem = refused(answer, "invalid", f"{name} edited")
            assert [error["field"] for error in problem["errors"]] == [name]


@pytest.mark.parametrize("body", ["[]", "[{}]", '"text"', "5", "null", "true", ""], ids=repr)
def test_a_body_that_is_no_object_is_refused(site: Site, cast: Cast, body: str) -> None:
    record = site.standing(FLOW.first_state, key="records")
    at = site.admin.at(record)
    calls = [(site.admin, "PATCH", at), (site.admin, "POST", f"{at}/comments")]
    # A spike may take no body for one without fields, which makes a record where none is required.
    if (client := creator_of(site)) and (body or required()):
        calls.append((client, "POST", FLOW.path))
    for caller, method, path in calls:
        json = {"content-type": "application/json"}
        refused(caller.request(method, path, content=body, headers=json), "invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/xml"])
def test_a_body_of_another_kind_is_refused(site: Site, kind: str) -> None:
    record = site.standing(FLOW.first_state, key="records")
    at = f"{site.admin.at(record)}/comments"
    answer = site.admin.post(at, content="comment=x", headers={"content-type": kind})
    assert answer.status_code in (415, 422), f"a body of {kind} → {answer.status_code}"


@pytest.mark.parametrize(
    "comment", ["", "  \t\n", None, "x" * 2001, "a\x00b", "a\x1bb", ["a"]], ids=repr
)
def test_a_senseless_comment_is_refused(site: Site, comment: Any) -> None:
    record = site.standing(FLOW.first_state, key="records")
    refused(site.admin.post(f"{site.admin.at(record)}/comments", {"comment": comment}), "invalid")


def changed_at(shown: dict[str, Any]) -> datetime:
    """When a record was changed last; a moment on the second has no fraction, so text does not compare."""
    return datetime.fromisoformat(shown["updated_at"])


def test_an_edit_touches_nothing_else(site: Site, cast: Cast) -> None:
    found = next(filter(None, (editing(site, cast, name) for name in FLOW.steady)), None)
    if found is None:
        return
    client, record = found
    name = next(n for n in FLOW.editable(client.actor, record) if n in FLOW.steady)
    before = accepted(site.admin.read(record))
    accepted(client.edit(record, {name: v.quiet(FLOW, record, name)}))
    after = accepted(site.admin.read(record))
    kept = set(before) - {name, "version", "updated_at", "transitions", "editable"}
    assert {n: before[n] for n in kept} == {n: after[n] for n in kept}
    assert changed_at(after) > changed_at(before), "an edit leaves updated_at"


def test_an_edit_tells_what_it_changed_and_no_more(site: Site, cast: Cast) -> None:
    found = next(filter(None, (editing(site, cast, name) for name in FLOW.steady)), None)
    if found is None:
        return
    client, record = found
    names = FLOW.editable(client.actor, record)
    name = next(n for n in names if n in FLOW.steady)
    field, old = FLOW.fields[name], record.values[name]
    new = v.another(field, old)
    accepted(client.edit(record, {n: record.values[n] for n in names} | {field.name: new}))
    last = last_entry(client, record)
    change = {"field": field.name, "old": field.write(old), "new": field.write(new)}
    assert last["changes"] == ([change] if new != old else [])


def test_a_transition_moves_the_moment_of_the_last_change(site: Site, cast: Cast) -> None:
    for place in places():
        client, record = cast.before(place, "moved")
        steps = FLOW.open_to(client.actor, record)
        if steps:
            before = accepted(site.admin.read(record))
            accepted(client.move(record, steps[0].name, REASON))
            after = accepted(site.admin.read(record))
            assert changed_at(after) > changed_at(before), "a transition leaves updated_at"
            assert after["created_at"] == before["created_at"]
            return


def clearable() -> list[str]:
    return [field.name for field in FLOW.fields.values() if field.required]


@pytest.mark.parametrize("name", clearable())
def test_a_required_field_cannot_be_emptied(site: Site, name: str) -> None:
    record = site.standing(FLOW.first_state, key="records")
    for empty in {"": ["", None]}.get(str(FLOW.fields[name].empty), [None]):
        body = {"version": record.version, name: empty}
        answer = site.admin.patch(site.admin.at(record), body)
        problem = refused(answer, "invalid", f"{name} changed to {empty!r}")
        assert [error["field"] for error in problem["errors"]] == [name]


def editing(site: Site, cast: Cast, name: str) -> tuple[Client, Record] | None:
    """Somebody who may edit the field now, and a new record on which they may."""
    for state in FLOW.states.values():
        for party in sorted(state.edited_by):
            try:
                if party == OWNER:
                    record, client = (
                        site.record_in(state.name, owner=cast.owner),
                        cast.owner,
                    )
                elif party in FLOW.person_fields:
                    username = FLOW.fields[party].people[0]
                    record = site.record_with(state.name, {party: username})
                    client = site.named(username)
                else:
                    record, client = site.record_in(state.name), site.client_as(party)
            except LookupError:
                continue
            if name in FLOW.editable(client.actor, record):
                return client, record
    return None


OPTIONAL = [f.name for f in FLOW.fields.values() if not f.needed and f.type != "boolean"]


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_field_can_be_emptied_again(site: Site, cast: Cast, name: str) -> None:
    found = editing(site, cast, name)
    if found is None:
        return
    client, record = found
    if not FLOW.counts(name, record.values) or name not in (*FLOW.steady, *FLOW.sometimes):
        return
    field = FLOW.fields[name]
    accepted(client.edit(record, {name: v.good(field, 2)}))
    emptied = accepted(client.edit(record, {name: field.empty}), f"{name} emptied")
    assert emptied[name] == field.write(field.empty), f"{name} is still {emptied[name]!r}"
    assert accepted(client.read(record))[name] == field.write(field.empty)
    last = last_entry(client, record)
    change = {"field": name, "old": field.write(v.good(field, 2)), "new": field.write(field.empty)}
    assert last["changes"] == [change]


MONEY = [
    field.name
    for field in settable_fields()
    if field.type == "money" and (field.low is None or field.low <= 0)
]


@pytest.mark.parametrize("given", ["-0", "-0.00", "0"])
@pytest.mark.parametrize("name", MONEY)
def test_nothing_has_no_sign(site: Site, cast: Cast, name: str, given: str) -> None:
    client = creator_of(site, name)
    assert client is not None
    created = accepted(client.post(FLOW.path, required_beside(name, given)))
    assert created[name] == "0.00", f"{given} is answered as {created[name]}"
    entry = accepted(client.get(f"{FLOW.path}/{created['id']}/history"))["items"][0]
    assert [c["new"] for c in entry["changes"] if c["field"] == name] == ["0.00"]
    assert accepted(client.get(f"{FLOW.path}/{created['id']}"))[name] == "0.00"
