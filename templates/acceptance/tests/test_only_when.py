"""Fields that count only where a condition on another field holds, and are empty elsewhere."""

import re
from typing import Any

import pytest

from suite import values as v
from suite.client import Client, accepted, refused
from suite.creation import creator_of, settable_fields
from suite.database import change_past_http
from suite.fixtures import Cast
from suite.forms import as_typed, new_form
from suite.matrix import Place, places
from suite.outlets import filled as address
from suite.outlets import outlets
from suite.parts import OWNER, Field, Guard, Record, Value
from suite.plan import way_to
from suite.screens import Form, Page, send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("data_model")
FLOW = workflow()
TABLE = outlets()
SETTABLE = {field.name for field in settable_fields()}
SOMETIMES = [FLOW.fields[name] for name in FLOW.sometimes]


def condition(field: Field) -> Guard:
    """Where the field counts."""
    assert field.only_when is not None
    return field.only_when


def asked(field: Field) -> Field:
    """The field that decides."""
    return FLOW.fields[condition(field).field]


def elsewhere(field: Field) -> Value:
    """A value of the deciding field with which this one does not count."""
    other, guard = asked(field), condition(field)
    options = [*(v.good(other, number) for number in range(6)), *v.around(other, guard)]
    return next(x for x in options if not guard.holds({other.name: x}))


def body(field: Field, value: Value, *, counts: bool) -> dict[str, Value]:
    """What a new record needs, with this value of the field, where it counts or where it does not."""
    where = v.meeting(asked(field), condition(field)) if counts else elsewhere(field)
    values = {f.name: v.good(f) for f in FLOW.fields.values() if f.required}
    return v.fitted(FLOW, values | {asked(field).name: where}) | {field.name: value}


def filled(field: Field) -> Value:
    """A value that is not empty."""
    return True if field.type == "boolean" else v.good(field)


def at_creation() -> list[Field]:
    """The fields that one person fills in on a new record together with the one that decides."""
    return [field for field in SOMETIMES if field.name in SETTABLE]


def named(field: Field) -> str:
    return field.name


def names_it(answer: Any, field: Field, saying: str) -> None:
    """Assert that the answer refuses this field and no other."""
    problem = refused(answer, "invalid", saying)
    told = [error["field"] for error in problem["errors"]]
    assert told == [field.name], f"{saying}: the error is told of {told}"


@pytest.mark.parametrize("field", at_creation(), ids=named)
def test_a_new_record_has_a_value_only_where_it_counts(
    site: Site, cast: Cast, field: Field
) -> None:
    client = creator_of(site, field.name)
    assert client is not None
    value = filled(field)
    created = accepted(client.create(body(field, value, counts=True)), f"{field.name}, counting")
    assert created[field.name] == field.write(value)
    wrong = client.create(body(field, value, counts=False))
    names_it(wrong, field, f"{field.name}, where it does not count")
    empty = accepted(client.create(body(field, field.empty, counts=False)), f"no {field.name}")
    assert empty[field.name] == field.write(field.empty)
    answer = client.create(body(field, field.empty, counts=True))
    left_out = {n: x for n, x in body(field, None, counts=True).items() if n != field.name}
    if field.needed:
        names_it(answer, field, f"{field.name} empty where it is needed")
        names_it(client.create(left_out), field, f"{field.name} left out where it is needed")
    else:
        accepted(answer, f"{field.name} empty where it is optional")


def where_it_counts(field: Field) -> dict[str, Value]:
    """Values of the field and of the one that decides with which it counts."""
    decides = v.meeting(asked(field), condition(field))
    return {asked(field).name: decides, field.name: filled(field)}


def edits() -> list[tuple[Field, Place]]:
    """Each such field with a place where it has a value and somebody may edit the one that decides."""
    found = []
    for field in SOMETIMES:
        for place in places():
            parties = {place.caller.role} | ({OWNER} if place.caller.owner else set())
            editors = asked(field).edited_by or parties
            may = FLOW.states[place.state].edited_by & parties and editors & parties
            wanted = tuple(where_it_counts(field).items())
            if may and way_to(place.state, wanted, place.creator) is not None:
                found.append((field, place))
                break
    return found


def counting(site: Site, cast: Cast, field: Field, place: Place) -> Record:
    """A record in the place where the field has a value."""
    owner = cast.owner if place.caller.owner and not place.caller.service else None
    wanted = where_it_counts(field)
    return site.record_with(place.state, wanted, owner=owner, creator=place.creator)


def ending(
    site: Site, cast: Cast, field: Field, place: Place
) -> tuple[Client, Record, dict[str, Value]] | None:
    """Somebody, a record, and the edit with which the field stops counting; None where they may not make it."""
    record = counting(site, cast, field, place)
    client = cast.client(place.caller)
    sent = v.with_needed(FLOW, record.values, {asked(field).name: elsewhere(field)})
    return None if FLOW.refuses_edit(client.actor, record, sent) else (client, record, sent)


def by_name(value: Any) -> str:
    return value.name if isinstance(value, Field) else str(value)


@pytest.mark.parametrize(("field", "place"), edits(), ids=by_name)
def test_what_stops_counting_is_emptied_in_the_same_edit(
    site: Site, cast: Cast, field: Field, place: Place
) -> None:
    found = ending(site, cast, field, place)
    if found is None:
        return
    client, record, sent = found
    before = record.copy()
    edited = accepted(client.edit(record, sent), f"{field.name} stops counting")
    empty = field.write(field.empty)
    assert edited[field.name] == empty, f"{field.name} keeps {edited[field.name]!r}"
    assert edited["version"] == before.version + 1, "it takes more than one edit"
    assert accepted(client.read(record))[field.name] == empty
    entries = accepted(site.admin.history(record))["items"]
    last = next(entry for entry in reversed(entries) if entry["action"] == "edit")
    told = {each["field"]: (each["old"], each["new"]) for each in last["changes"]}
    assert told.get(field.name) == (field.write(before.values[field.name]), empty)
    if field.name in FLOW.editable(client.actor, record) and FLOW.due(record) is None:
        again = client.edit(record, {field.name: filled(field)})
        names_it(again, field, f"{field.name} filled in where it does not count")
        assert accepted(client.read(record))[field.name] == empty


@pytest.mark.parametrize(
    ("field", "place"), [(f, p) for f, p in edits() if f.needed and f.name in SETTABLE], ids=by_name
)
def test_what_begins_to_count_is_needed_in_the_same_edit(
    site: Site, cast: Cast, field: Field, place: Place
) -> None:
    record = counting(site, cast, field, place)
    client = cast.client(place.caller)
    if field.name not in FLOW.editable(client.actor, record):
        return
    names_it(client.edit(record, {field.name: field.empty}), field, f"{field.name} emptied")
    there = {asked(field).name: record.values[asked(field).name]}
    away = v.with_needed(FLOW, record.values, {asked(field).name: elsewhere(field)})
    if FLOW.refuses_edit(client.actor, record, away):
        return
    accepted(client.edit(record, away))
    back = v.with_needed(FLOW, record.values, there | {field.name: v.good(field)})
    missing = {name: value for name, value in back.items() if name != field.name}
    answer = client.edit(record, missing)
    names_it(answer, field, f"{field.name} is missing when it begins to count")
    assert accepted(client.edit(record, back))[field.name] == field.write(v.good(field))


@pytest.mark.parametrize(("field", "place"), edits(), ids=by_name)
def test_a_value_that_is_sent_along_as_it_was_is_emptied_too(
    site: Site, cast: Cast, field: Field, place: Place
) -> None:
    """As a form without scripts sends it, which shows every input."""
    found = ending(site, cast, field, place)
    if found is None:
        return
    client, record, sent = found
    if field.name not in FLOW.editable(client.actor, record):
        return
    edited = accepted(client.edit(record, sent | {field.name: record.values[field.name]}))
    assert edited[field.name] == field.write(field.empty)


@pytest.mark.started
@pytest.mark.parametrize(("field", "place"), edits(), ids=by_name)
def test_the_database_keeps_fields_empty_where_they_do_not_count(
    site: Site, cast: Cast, field: Field, place: Place
) -> None:
    record = counting(site, cast, field, place)
    if field.type == "boolean":
        return
    assert site.spike is not None
    address = site.spike.environment["DATABASE_URL"]
    if field.needed:
        gone = None if field.empty is None else ""
        emptied = change_past_http(address, record.id, FLOW.columns, column(field), gone)
        assert not emptied, f"the database takes a record without {field.name} where it is needed"
    value = elsewhere(field)
    if asked(field).type in ("choice", "text", "long_text", "email", "url", "date") or not value:
        away = str(value) if value else asked(field).write(asked(field).empty)
        moved = change_past_http(address, record.id, FLOW.columns, column(asked(field)), away)
        assert not moved, f"the database keeps {field.name} where it does not count"


def column(field: Field) -> str:
    """What the field's column is called."""
    return f"{field.name}_id" if field.type == "person" else field.name


# On the screens


def form_of(site: Site, field: Field) -> tuple[Client, Form] | None:
    """Somebody who fills in both fields on a new record, and the form."""
    for role in FLOW.creators():
        client = site.client_as(role)
        if {field.name, asked(field).name} <= set(FLOW.settable(client.actor)):
            form = new_form(client)
            assert form is not None
            return client, form
    return None


@pytest.mark.parametrize("field", at_creation(), ids=named)
def test_a_form_without_scripts_says_beside_the_field_what_is_wrong(
    site: Site, field: Field
) -> None:
    found = form_of(site, field)
    if found is None:
        return
    client, form = found
    assert field.name in form.names(), f"the form does not ask for {field.name}"
    names = FLOW.settable(client.actor)
    values = body(field, filled(field), counts=False)
    texts = as_typed({name: value for name, value in values.items() if name in names})
    form.fill(**texts)
    before = accepted(site.admin.records(size=1))["total"]
    page = Page(send(client, form))
    assert accepted(site.admin.records(size=1))["total"] == before, f"{field.name} is taken"
    again = page.form_with(field.name)
    assert again is not None, "the form is not shown again"
    kept = next(each.shown for each in again.inputs if each.name == field.name)
    assert kept == texts[field.name] or field.type == "boolean", "what was typed is lost"
    assert "Only where" in page.text, "the page does not say where the field counts"
    tags = re.findall(r"<(?:input|select|textarea)[^>]*>", page.text)
    beside = [tag for tag in tags if f'name="{field.name}"' in tag and 'type="hidden"' not in tag]
    assert any('aria-invalid="true"' in tag for tag in beside), (
        f"nothing is said beside {field.name}"
    )


@pytest.mark.parametrize("field", at_creation(), ids=named)
def test_what_a_browser_leaves_out_is_empty(site: Site, field: Field) -> None:
    """A hidden input is not sent."""
    found = form_of(site, field)
    if found is None:
        return
    client, form = found
    names = FLOW.settable(client.actor)
    values = body(field, field.empty, counts=False)
    form.fill(**as_typed({name: value for name, value in values.items() if name in names}))
    form.inputs = [each for each in form.inputs if each.name != field.name]
    before = accepted(site.admin.records(size=1))["total"]
    answer = send(client, form)
    newest = accepted(site.admin.records(size=1))
    assert newest["total"] == before + 1, f"without {field.name} → {answer.status_code}"
    assert newest["items"][0][field.name] == field.write(field.empty)
    site.wrote(newest["items"][0]["id"])


@pytest.mark.parametrize(("field", "place"), edits(), ids=by_name)
def test_a_page_without_scripts_empties_what_stops_counting(
    site: Site, cast: Cast, field: Field, place: Place
) -> None:
    """The form shows every input, and sends the old value along."""
    found = ending(site, cast, field, place)
    if found is None or place.caller.service:
        return
    client, record, sent = found
    paths = TABLE.pages(site.name, "record")[:1] + TABLE.pages(site.name, "edit")
    pages = [show(client, address(path, record.id)) for path in paths]
    form = next(filter(None, (page.form_with(*sent) for page in pages)), None)
    assert form is not None, f"no page edits {', '.join(sent)}"
    answer = send(client, form.fill(**as_typed(sent)))
    assert answer.is_redirect, f"{field.name} stops counting → {answer.status_code}"
    site.wrote(record)
    assert record.values[field.name] == field.empty, f"{field.name} is kept"


@pytest.mark.parametrize("field", at_creation()[:1], ids=named)
def test_the_form_has_the_script_that_hides_and_shows(site: Site, field: Field) -> None:
    found = form_of(site, field)
    if found is None:
        return
    client, form = found
    page = show(client, form.page)
    scripts = [address for address in page.loads if address.split("?")[0].endswith(".js")]
    texts = [client.http.get(address).text for address in scripts]
    assert any(field.name in text and asked(field).name in text for text in texts)
    policy = page.answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy or "default-src 'self'" in policy, policy
    assert "unsafe" not in policy
