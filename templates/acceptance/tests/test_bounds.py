"""Dates that must not be before or after another date of the record, or today."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from suite import values as v
from suite.client import Client, accepted, refused
from suite.creation import creator_of, required_beside, settable_fields
from suite.database import change_past_http
from suite.fixtures import Cast
from suite.forms import new_form, typed
from suite.matrix import Place, places
from suite.parts import OWNER, Order, Value
from suite.receiver import PATIENCE
from suite.screens import Form, Page, send
from suite.site import Site
from suite.spike import Spike, free_port
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("data_model")
FLOW = workflow()
SETTABLE = {field.name for field in settable_fields()}
DAY = timedelta(days=1)
EARLY, LATE = "Etc/GMT+12", "Pacific/Kiritimati"  # 26 hours apart: never on the same day


def name_of(order: Order) -> str:
    return f"{order.later} not before {order.earlier}"


def at_creation() -> list[Order]:
    """The orders of dates that one person can fill in on a new record."""
    return [order for order in FLOW.orders if {order.earlier, order.later} <= SETTABLE]


def fitting(*names: str) -> dict[str, Value]:
    """What is required, and good values for these dates too."""
    needed = [f for f in FLOW.fields.values() if f.required or f.name in names]
    return {field.name: v.good(field) for field in needed}


def beyond(order: Order, values: dict[str, Value], moved: str) -> dict[str, Value]:
    """The dates of the order, one of them moved a day too far."""
    first, second = values[order.earlier], values[order.later]
    assert isinstance(first, date)
    assert isinstance(second, date)
    wrong = first - DAY if moved == order.later else second + DAY
    return {order.earlier: first, order.later: second, moved: wrong}


def names_it(answer: Any, order: Order, saying: str) -> None:
    """Assert that the answer refuses the field that has the bound, and no other."""
    problem = refused(answer, "invalid", saying)
    told = [error["field"] for error in problem["errors"]]
    assert told == [order.bearer], f"{saying}: the error is told of {told}, not of {order.bearer}"


@pytest.mark.parametrize("order", at_creation(), ids=name_of)
def test_a_new_record_has_its_dates_in_order(site: Site, cast: Cast, order: Order) -> None:
    client = creator_of(site, order.bearer)
    assert client is not None
    values = fitting(order.earlier, order.later)
    wrong = values | beyond(order, values, order.later)
    names_it(client.create(wrong), order, f"{name_of(order)}: a day before")
    same = FLOW.put_in_order(values | {order.later: values[order.earlier]}, [order.later])
    created = accepted(client.create(same), f"{name_of(order)}: the same day")
    assert created[order.later] == FLOW.fields[order.later].write(same[order.later])


def optional() -> list[tuple[Order, str]]:
    """Each date of an order that may be empty."""
    return [
        (order, name)
        for order in at_creation()
        for name in (order.earlier, order.later)
        if not FLOW.fields[name].required
    ]


@pytest.mark.parametrize(("order", "name"), optional(), ids=str)
def test_an_empty_date_is_in_order(site: Site, cast: Cast, order: Order, name: str) -> None:
    client = creator_of(site, order.bearer)
    assert client is not None
    values = fitting(order.earlier, order.later) | {name: None}
    accepted(client.create(values), f"{name_of(order)}: without {name}")


def edits() -> list[tuple[Order, Place]]:
    """Each order with a place where somebody may edit both of its dates."""
    found = []
    for order in FLOW.orders:
        for place in places():
            parties = {place.caller.role} | ({OWNER} if place.caller.owner else set())
            fields = [FLOW.fields[order.earlier], FLOW.fields[order.later]]
            both = all(not f.edited_by or f.edited_by & parties for f in fields)
            if both and FLOW.states[place.state].edited_by & parties:
                found.append((order, place))
                break
    return found


@pytest.mark.parametrize(("order", "place"), edits(), ids=lambda x: getattr(x, "bearer", str(x)))
def test_an_edit_keeps_dates_in_order(cast: Cast, order: Order, place: Place) -> None:
    client, record = cast.before(place, "bounds")
    good = {name: v.good(FLOW.fields[name]) for name in (order.earlier, order.later)}
    accepted(client.edit(record, good))
    before = accepted(client.read(record))
    for moved in (order.earlier, order.later):
        wrong = {moved: beyond(order, record.values, moved)[moved]}
        names_it(client.edit(record, wrong), order, f"{name_of(order)}: {moved} moved alone")
    assert accepted(client.read(record)) == before, "a refused edit wrote something"
    later = {name: v.good(FLOW.fields[name], 3) for name in good}
    edited = accepted(client.edit(record, later), f"{name_of(order)}: both moved")
    assert edited[order.later] == FLOW.fields[order.later].write(later[order.later])


@pytest.mark.started
@pytest.mark.parametrize(("order", "place"), edits(), ids=lambda x: getattr(x, "bearer", str(x)))
def test_the_database_keeps_dates_in_order(
    site: Site, cast: Cast, order: Order, place: Place
) -> None:
    client, record = cast.before(place, "bounds")
    accepted(client.edit(record, {n: v.good(FLOW.fields[n]) for n in (order.earlier, order.later)}))
    wrong = beyond(order, record.values, order.later)[order.later]
    assert site.spike is not None
    address = site.spike.environment["DATABASE_URL"]
    changed = change_past_http(address, record.id, FLOW.columns, order.later, str(wrong))
    assert not changed, f"the database takes a {order.later} that is before {order.earlier}"


# On the screens


def first_creator(site: Site, name: str) -> Client | None:
    """A person who may fill in the date on a new record."""
    for role in FLOW.creators():
        client = site.client_as(role)
        if name in FLOW.settable(client.actor):
            return client
    return None


def on_forms() -> list[tuple[str, str]]:
    """Each date with a bound that a person fills in on a new record, and what is wrong with the other."""
    people = {name for name in SETTABLE if FLOW.creators()}
    return [
        (f.name, side) for f in FLOW.fields.values() for side, _ in f.bounds if f.name in people
    ]


@pytest.mark.parametrize(("name", "side"), on_forms(), ids=str)
def test_the_form_says_beside_the_date_what_is_wrong(site: Site, name: str, side: str) -> None:
    client = first_creator(site, name)
    if client is None:
        return
    form = new_form(client)
    assert form is not None
    other = dict(FLOW.fields[name].bounds)[side]
    names = FLOW.settable(client.actor)
    form.fill(**typed(names))
    limit = (
        v.good(FLOW.fields[other])
        if other in FLOW.fields
        else FLOW.fields[name].low or FLOW.fields[name].high
    )
    assert isinstance(limit, date)
    wrong = limit - DAY if side == "before" else limit + DAY
    form.fill(**{name: wrong.isoformat()})
    before = accepted(site.admin.records(size=1))["total"]
    page = Page(send(client, form))
    assert accepted(site.admin.records(size=1))["total"] == before, (
        f"{name} is taken {side} {other}"
    )
    again = page.form_with(name)
    assert again is not None, "the form is not shown again"
    assert value_of(again, name) == wrong.isoformat(), "what was typed is lost"
    label = FLOW.fields[other].label if other in FLOW.fields else other
    assert f"must not be {side} {label}" in page.text
    tags = [tag for tag in re.findall(r"<input[^>]*>", page.text) if f'name="{name}"' in tag]
    assert any('aria-invalid="true"' in tag for tag in tags), f"nothing is said beside {name}"


def value_of(form: Form, name: str) -> str | None:
    return next(each.value for each in form.inputs if each.name == name)


def known_to_browsers() -> list[tuple[str, str, str]]:
    """Each date with its `min` or `max`, where it is today or a day of the calendar, as a browser has it."""
    found = []
    for field in FLOW.fields.values() if any(f.bounds for f in FLOW.fields.values()) else ():
        for word, day in (("min", field.low), ("max", field.high)):
            if field.type == "date" and field.name in SETTABLE and day is not None:
                found.append((field.name, word, day.isoformat()))
    return found


@pytest.mark.parametrize(("name", "word", "day"), known_to_browsers(), ids=str)
def test_the_browser_knows_the_bound(site: Site, name: str, word: str, day: str) -> None:
    client = first_creator(site, name)
    form = new_form(client) if client else None
    if client is None or form is None:
        return
    page = client.http.get(form.page, follow_redirects=True).text
    tags = [tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag]
    assert any(f'{word}="{day}"' in tag for tag in tags), f"{name} has no {word} of {day}: {tags}"


# Today


def bound_to_today() -> list[tuple[str, str]]:
    """The dates that today bounds, with the side on which they may not be."""
    return [(f.name, side) for f in FLOW.fields.values() for side, x in f.bounds if x == "today"]


def elsewhere(site: Site, zone: str) -> Iterator[Site]:
    """The same spike on the same database, in another time zone."""
    assert site.spike is not None
    environment = site.spike.environment | {"TIME_ZONE": zone, "PORT": str(free_port())}
    with Spike(site.spike.name, environment, site.spike.log) as spike:
        spike.wait(spike.start("web"))
        found = Site(FLOW, spike.url, site.password, spike=spike, name=site.name)
        with closing(found):
            yield found


@pytest.fixture(scope="module")
def early(site: Site) -> Iterator[Site]:
    """The spike where it is yesterday for longest."""
    yield from elsewhere(site, EARLY)


@pytest.fixture(scope="module")
def late(site: Site) -> Iterator[Site]:
    """The spike where it is tomorrow first."""
    yield from elsewhere(site, LATE)


def today_in(zone: str) -> date:
    return datetime.now(ZoneInfo(zone)).date()


@pytest.mark.started
@pytest.mark.parametrize(("name", "side"), bound_to_today(), ids=str)
def test_today_is_the_day_of_the_time_zone_and_binds_only_what_changes(
    site: Site, early: Site, late: Site, name: str, side: str
) -> None:
    """With a record that was made in time, and looked at when its date has become too early or too late."""
    if name not in SETTABLE:
        return
    then, now = (early, late) if side == "before" else (late, early)
    day = today_in(EARLY if side == "before" else LATE)
    creator, elsewhere = creator_of(then, name), creator_of(now, name)
    assert creator is not None
    assert elsewhere is not None
    body = required_beside(name, day.isoformat())
    problem = refused(elsewhere.post(FLOW.path, body), "invalid", f"{name} {side} today")
    assert name in [error["field"] for error in problem["errors"]]
    created = accepted(creator.post(FLOW.path, body), f"{name} today")
    site.wrote(created["id"])
    record = now.wrote(created["id"])
    worse = day - DAY if side == "before" else day + DAY
    if name in FLOW.editable(elsewhere.actor, record):
        kept = accepted(elsewhere.edit(record, {name: day}), f"{name} as it was")
        assert kept[name] == day.isoformat()
        other = next((n for n in FLOW.editable(elsewhere.actor, record) if is_free(n)), None)
        if other is not None:
            change = {other: v.another(FLOW.fields[other], record.values[other])}
            accepted(elsewhere.edit(record, change), f"{other}, where {name} is {side} today")
        moved = FLOW.put_in_order(record.values | {name: worse}, [name])
        dates = {n: x for n, x in moved.items() if x != record.values[n]}
        allowed = {n: x for n, x in dates.items() if n in FLOW.editable(elsewhere.actor, record)}
        refused(elsewhere.edit(record, allowed), "invalid", f"{name} moved further")
        site.wrote(created["id"])


def is_free(name: str) -> bool:
    """Whether no bound is about the field."""
    names = {n for order in FLOW.orders for n in (order.earlier, order.later)}
    return name in FLOW.steady and name not in names and not FLOW.fields[name].bounds


@pytest.mark.started
@pytest.mark.parametrize("zone", ["Mars/Phobos"] if bound_to_today() else [])
def test_a_time_zone_that_is_none_is_refused_at_the_start(site: Site, zone: str) -> None:
    assert site.spike is not None
    environment = site.spike.environment | {"TIME_ZONE": zone, "PORT": str(free_port())}
    with Spike(site.spike.name, environment, site.spike.log) as spike:
        assert spike.run("web", seconds=PATIENCE), f"it starts with TIME_ZONE={zone}"
        assert "TIME_ZONE" in spike.tail(200), "the log does not say which setting is wrong"
