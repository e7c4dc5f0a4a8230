"""What happens by itself: when its time has come, once, in nobody's name, and never against somebody who was first."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from suite.client import Client, accepted, refused, verdict
from suite.fixtures import Cast
from suite.outlets import outlets
from suite.plan import REASON, Plan, way_by_itself, way_to
from suite.receiver import Receiver
from suite.screens import show
from suite.site import Site
from suite.spike import Spike
from suite.workflow import Record, Transition, today, workflow

pytestmark = [pytest.mark.area("approval_workflow"), pytest.mark.started]
FLOW = workflow()
YESTERDAY = today() - timedelta(days=1)
DOWN = 4  # records that wait while no worker runs
RACES = 4


def happening() -> list[Any]:
    """The transitions that the suite can see happen by itself, and how."""
    plans = [(t, way_by_itself(t.name, YESTERDAY)) for t in FLOW.by_itself]
    return [pytest.param(t, plan, id=t.name) for t, plan in plans if plan is not None]


def kept() -> list[Any]:
    """Records whose day is not over: what happens, in which state it does not yet, and the day."""
    now = today()
    days = {"the day itself": now, "the next day": now + timedelta(days=1), "no day": None}
    return [
        pytest.param(transition, state, day, id=f"{transition.name} in {state}, {what}")
        for transition in FLOW.by_itself
        for state in transition.sources
        for what, day in days.items()
        if transition.on and way_to(state, ((transition.on, day),)) is not None
    ]


def unmet() -> list[Any]:
    """Records whose time has come and that lack what a guard asks for."""
    return []


def made(site: Site, record: Record, name: str) -> list[dict[str, Any]]:
    """The entries of the transition in the record's history, whose order is looked at on the way."""
    items = accepted(site.admin.history(record))["items"]
    moves = [item for item in items if item["action"] == "transition"]
    for before, after in pairwise(moves):
        assert before["to"] == after["from"], f"{after['transition']} leaves a state that was left"
    written = [item for item in items if item["action"] != "comment"]
    assert accepted(site.admin.read(record))["version"] == len(written), "one version for each"
    return [item for item in moves if item["transition"] == name]


@pytest.mark.parametrize(("transition", "plan"), happening())
def test_it_happens_once_and_in_nobodys_name(
    site: Site, receiver: Receiver, transition: Transition, plan: Plan
) -> None:
    record = site.walk(plan)
    entries = made(site, record, transition.name)
    assert len(entries) == plan.steps.count(plan.steps[-1]), "it happens once"
    entry = entries[-1]
    assert entry["actor"] is None, "nobody has done it"
    assert (entry["from"] in transition.sources, entry["to"]) == (True, transition.target)
    assert (entry["comment"], entry["changes"]) == ("", [])
    for name in transition.follow_ups:
        count = sum(name in each.follow_ups for each in site.ledger.entries[record.id])
        deliveries = receiver.wait(record.id, name, count)
        assert len(deliveries) == count, f"{name} arrived {len(deliveries)} times, not {count}"
        data = deliveries[-1].body["data"]
        fields = {n: FLOW.fields[n].write(record.values[n]) for n in FLOW.follow_ups[name]}
        expected = {"id": record.id, "state": transition.target, **fields}
        assert {n: data.get(n) for n in expected} == expected, f"{name} says {data}"


@pytest.mark.parametrize(("transition", "plan"), happening())
def test_the_pages_say_that_it_happened_by_itself(
    site: Site, transition: Transition, plan: Plan
) -> None:
    record = site.walk(plan)
    trail = [path for path in outlets().pages(site.name, "admins") if "audit" in path][:1]
    for path in (site.page_of(record), *trail):
        assert "by itself" in show(site.admin, path).text.lower(), f"{path} says that somebody did"


@pytest.mark.parametrize(("transition", "state", "day"), kept())
def test_before_the_day_is_over_nothing_happens(
    site: Site, transition: Transition, state: str, day: date | None
) -> None:
    record = site.record_with(state, {transition.on: day})
    before = accepted(site.admin.read(record))
    worker_has_looked(site)
    assert accepted(site.admin.read(record)) == before, f"{transition.name} comes too early"
    page = show(site.admin, site.page_of(record)).text.lower()
    assert "by itself" in page, "the page does not say what will happen by itself"


def worker_has_looked(site: Site) -> None:
    """Wait until something has happened by itself to a record that is newer than all others."""
    plan = next(each.values[1] for each in happening())
    site.walk(plan)


def on_foot(plan: Plan) -> Plan:
    """The plan without what happens by itself in the end."""
    return Plan(plan.creator, plan.values, plan.steps[:-1])


@pytest.fixture
def spike(site: Site) -> Iterator[Spike]:
    """The spike, with its worker as it was in the end."""
    assert site.spike is not None
    yield site.spike
    if "worker" not in site.spike.running:
        site.spike.start("worker")


@pytest.mark.parametrize(("transition", "plan"), happening())
def test_what_came_due_without_a_worker_happens_later_and_once(
    site: Site, spike: Spike, transition: Transition, plan: Plan
) -> None:
    """Two workers begin at the same moment."""
    spike.halt("worker")
    records = [site.walk(on_foot(plan)) for _ in range(DOWN)]
    for record in records:
        assert not made(site, record, transition.name), "it happens without the worker"
    spike.start("worker")
    second = spike.start("worker")
    for record in records:
        site.happens(record, transition.name)
        assert len(made(site, record, transition.name)) == 1, "two workers made it twice"
    spike.end_one(second)


@pytest.mark.parametrize(("transition", "plan"), happening()[:1])
def test_it_needs_no_receiver_of_follow_ups(
    site: Site, spike: Spike, transition: Transition, plan: Plan
) -> None:
    spike.restart("worker", WEBHOOK_URL="")
    try:
        site.walk(plan)
    finally:
        spike.halt("worker")


def test_an_unknown_time_zone_is_refused(spike: Spike) -> None:
    for kind in ("web", "worker") if any(t.on or t.after for t in FLOW.by_itself) else ():
        process = spike.start(kind, TIME_ZONE="Mars/Olympus", PORT="1")
        assert process.wait(30) != 0, f"{kind} starts with a time zone that is none"
        spike.end_one(process)
        assert "TIME_ZONE" in spike.tail(30), "the setting is not named"


def races() -> list[Any]:
    """A day that somebody can bring to an end, and what somebody else may do there meanwhile."""
    found = []
    for transition in FLOW.by_itself:
        for state in transition.sources:
            others = [t for t in FLOW.transitions if t.by and state in t.sources and not t.guards]
            if transition.on and not transition.guards and others and way_to(state) is not None:
                found.append(pytest.param(transition, state, others[0], id=transition.name))
    return found[:1]


@pytest.mark.parametrize(("transition", "state", "other"), races())
def test_whoever_is_first_makes_the_move(
    site: Site, cast: Cast, transition: Transition, state: str, other: Transition
) -> None:
    for _ in range(RACES):
        record = site.record_in(state)
        editor = editor_of(site, record, transition.on)
        person = next(cast.able(record, other.name), None)
        if editor is None or person is None:
            return
        accepted(editor.edit(record, {transition.on: YESTERDAY}))
        version = record.version
        first = verdict(person.move(record, other.name, REASON, version=version))
        assert first in ("ok", "stale"), f"the person is answered {first}"
        if first == "stale":
            site.happens(record, transition.name)
            refused(person.move(record, other.name, REASON, version=version), "stale")
        worker_has_looked(site)
        count = len(made(site, record, transition.name))
        assert count == (first == "stale"), f"{transition.name} {count} times, {other.name} {first}"


def editor_of(site: Site, record: Record, name: str) -> Client | None:
    """Somebody who may change the field now."""
    for role in FLOW.person_roles:
        client = site.client_as(role)
        if FLOW.refuses_edit(client.actor, record, [name]) is None:
            return client
    return None
