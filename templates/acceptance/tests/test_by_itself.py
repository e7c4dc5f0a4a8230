"""What happens by itself: when its time has come, once, in nobody's name, and never against somebody who was first."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from suite import values as v
from suite.client import Client, accepted, refused, verdict
from suite.fixtures import Cast
from suite.mailing import check_mails
from suite.outlets import outlets
from suite.parts import OWNER, TODAY, Guard, Record, Transition, Value
from suite.plan import satisfying, way_by_itself, way_to
from suite.planner import REASON, Plan
from suite.receiver import PATIENCE, Receiver
from suite.screens import show
from suite.site import Site
from suite.spike import Spike
from suite.workflow_file import workflow

pytestmark = [pytest.mark.area("approval_workflow"), pytest.mark.started]
FLOW = workflow()
YESTERDAY = TODAY - timedelta(days=1)
DOWN = 4  # records that wait while no worker runs
RACES = 4
MINUTE = timedelta(minutes=1)
Ago = Callable[[timedelta], Site]
Due = Callable[..., tuple[Site, Record]]
Looked = Callable[[], None]


def named(transition: Transition) -> str:
    return transition.name


def happening() -> list[Transition]:
    """The transitions that the suite can see happen by itself."""
    return [
        transition
        for transition in FLOW.by_itself
        if long_there(transition) or way_until(transition, YESTERDAY)
    ]


def long_there(transition: Transition) -> tuple[str, dict[str, Value]] | None:
    """A state in which it happens after a time, and values with which it does."""
    for state in transition.sources if transition.after else ():
        wanted = {**past_days(transition), **dict(satisfying(transition, state))}
        if way_to(state, tuple(wanted.items())) is not None:
            return state, wanted
    return None


def way_until(transition: Transition, day: date) -> tuple[int, Plan] | None:
    """The way to a record to which it happens since the day is over, and how many days ago it can be begun."""
    for days in (0, (TODAY - day).days + 1):
        plan = way_by_itself(transition.name, day, days)
        if plan is not None:
            return days, plan
    return None


def kept() -> list[Any]:
    """Records whose day is not over: what happens, in which state it does not yet, and the day."""
    days = {"the day itself": TODAY, "the next day": TODAY + timedelta(days=1), "no day": None}
    return [
        pytest.param(transition, state, day, id=f"{transition.name} in {state}, {what}")
        for transition in FLOW.by_itself
        for state in transition.sources
        for what, day in days.items()
        if transition.on and way_to(state, ((transition.on, day),)) is not None
    ]


def waiting() -> list[Any]:
    """What happens when a record has been in a state for long enough, and such a state."""
    return [
        pytest.param(transition, state, id=f"{transition.name} in {state}")
        for transition in FLOW.by_itself
        for state in transition.sources
        if transition.after and not transition.guards and way_to(state) is not None
    ]


def unmet() -> list[Any]:
    """Records whose time has come and that lack what a guard asks for, and a value that meets it."""
    found = []
    for transition in FLOW.by_itself:
        day = ((transition.on, YESTERDAY),) if transition.on else ()
        for state in transition.sources if not transition.after else ():
            met = [(g.field, x) for g in transition.guards for x in fitting(g)]
            for guard in transition.guards:
                for value in v.around(FLOW.fields[guard.field], guard):
                    wanted = {**dict(met), **dict(day), guard.field: value}
                    if not guard.holds(wanted) and way_to(state, tuple(wanted.items())) is not None:
                        name = f"{transition.name} in {state}, {guard.field} {value or 'nothing'}"
                        found.append(pytest.param(transition, state, wanted, dict(met), id=name))
    return found


def fitting(guard: Guard) -> list[Any]:
    """A value that meets the guard, if one is near."""
    values = v.around(FLOW.fields[guard.field], guard)
    return [value for value in values if guard.holds({guard.field: value})][:1]


def made(site: Site, record: Record, name: str) -> list[dict[str, Any]]:
    """The entries of the transition in the record's history, whose order is looked at on the way."""
    items = accepted(site.admin.history(record))["items"]
    moves = [item for item in items if item["action"] == "transition"]
    for before, after in pairwise(moves):
        assert before["to"] == after["from"], f"{after['transition']} leaves a state that was left"
    written = [item for item in items if item["action"] != "comment"]
    assert accepted(site.admin.read(record))["version"] == len(written), "one version for each"
    return [item for item in moves if item["transition"] == name]


@pytest.fixture(scope="module")
def due(site: Site, ago: Ago) -> Due:
    """Makes a record for which the time of a transition has come, and says where it was made."""

    def make(transition: Transition, day: date = YESTERDAY) -> tuple[Site, Record]:
        if found := long_there(transition):
            then = ago((transition.after or timedelta()) + MINUTE)
            return then, old_record(then, *found, transition)
        way = way_until(transition, day)
        assert way is not None
        days, plan = way
        where = ago(timedelta(days=days)) if days else site
        return where, where.walk(on_foot(plan))

    return make


@pytest.fixture(scope="module")
def worker_has_looked(due: Due) -> Callable[[], None]:
    """Waits until the worker has looked at all that there is: something happens to two newer records in turns.

    With the second one it has come to the end of what it began when the first one was due.
    """

    def wait() -> None:
        transition = happening()[0]
        for _ in range(2):
            where, record = due(transition)
            where.happens(record, transition.name)

    return wait


def past_days(transition: Transition) -> dict[str, Value]:
    """Values of the dates that may not lie in the future, for records that are made in the past."""
    day = TODAY - (transition.after or timedelta()) - timedelta(days=2)
    late = [f for f in FLOW.fields.values() if f.type == "date" and f.high == TODAY]
    return {field.name: day if field.required else None for field in late}


def old_record(then: Site, state: str, wanted: dict[str, Value], transition: Transition) -> Record:
    """A record in the state with the wanted values, made in the past."""
    record = then.record_with(state, wanted)
    made_at = datetime.fromisoformat(accepted(then.admin.read(record))["created_at"])
    age = datetime.now(UTC) - made_at
    assert age > (transition.after or timedelta()) - 15 * MINUTE, "it was not made in the past"
    return record


def on_foot(plan: Plan) -> Plan:
    """The plan without its last step."""
    return Plan(plan.creator, plan.values, plan.steps[:-1])


@pytest.mark.parametrize("transition", happening(), ids=named)
def test_it_happens_once_and_in_nobodys_name(
    site: Site, due: Due, receiver: Receiver, transition: Transition
) -> None:
    where, record = due(transition)
    where.happens(record, transition.name)
    [entry] = made(where, record, transition.name)
    assert entry["actor"] is None, "nobody has done it"
    assert (entry["from"] in transition.sources, entry["to"]) == (True, transition.target)
    assert (entry["comment"], entry["changes"]) == ("", [])
    for name in transition.follow_ups:
        count = sum(name in each.follow_ups for each in where.ledger.entries[record.id])
        deliveries = receiver.wait(record.id, name, count)
        assert len(deliveries) == count, f"{name} arrived {len(deliveries)} times, not {count}"
        data = deliveries[-1].body["data"]
        fields = {n: FLOW.fields[n].write(record.values[n]) for n in FLOW.follow_ups[name]}
        expected = {"id": record.id, "state": transition.target, **fields}
        assert {n: data.get(n) for n in expected} == expected, f"{name} says {data}"
    if FLOW.mails:
        check_mails(site, record, transition, maker=None)


@pytest.mark.parametrize("transition", happening()[:1], ids=named)
def test_the_pages_say_that_it_happened_by_itself(
    site: Site, due: Due, transition: Transition
) -> None:
    where, record = due(transition)
    where.happens(record, transition.name)
    trail = [path for path in outlets().pages(site.name, "admins") if "audit" in path][:1]
    for path in (site.page_of(record), *trail):
        assert "by itself" in show(site.admin, path).text.lower(), f"{path} says that somebody did"


@pytest.mark.parametrize(("transition", "state", "day"), kept())
def test_before_the_day_is_over_nothing_happens(
    site: Site, worker_has_looked: Looked, transition: Transition, state: str, day: date | None
) -> None:
    record = site.record_with(state, {transition.on: day})
    before = accepted(site.admin.read(record))
    assert before["state"] == state, f"{transition.name} comes too early"
    worker_has_looked()
    assert accepted(site.admin.read(record)) == before, f"{transition.name} comes too early"
    page = show(site.admin, site.page_of(record)).text.lower()
    assert "by itself" in page, "the page does not say what will happen by itself"


@pytest.mark.parametrize(("transition", "state", "wanted", "met"), unmet())
def test_it_waits_for_what_its_guards_ask(
    site: Site,
    worker_has_looked: Looked,
    transition: Transition,
    state: str,
    wanted: dict[str, Any],
    met: dict[str, Any],
) -> None:
    record = site.record_with(state, wanted)
    before = accepted(site.admin.read(record))
    assert before["state"] == state, f"{transition.name} with {wanted}"
    worker_has_looked()
    assert accepted(site.admin.read(record)) == before, f"{transition.name} with {wanted}"
    for name, value in met.items():
        if record.values[name] != value:
            editor = editor_of(site, record, name)
            change = v.with_needed(FLOW, record.values, {name: value})
            if editor is None or FLOW.refuses_edit(editor.actor, record, change):
                return
            accepted(editor.edit(record, change))
    site.happens(record, transition.name)


@pytest.mark.parametrize(("transition", "state"), waiting())
def test_before_that_nothing_happens(
    site: Site, ago: Ago, worker_has_looked: Looked, transition: Transition, state: str
) -> None:
    assert transition.after is not None
    later = ago(transition.after - 10 * MINUTE)
    early = old_record(later, state, past_days(transition), transition)
    accepted(later.admin.comment(early, "A comment does not begin it anew."))
    plan = way_to(state, tuple(past_days(transition).items()))
    moved = late_comer(site, ago(transition.after + MINUTE), plan) if plan else None
    worker_has_looked()
    assert not made(later, early, transition.name), f"{transition.name} comes ten minutes too early"
    page = show(site.admin, site.page_of(early)).text.lower()
    assert "by itself" in page, "the page does not say what will happen by itself"
    if moved is not None:
        assert not made(site, moved, transition.name), "the time in other states counts"


def late_comer(site: Site, then: Site, plan: Plan) -> Record | None:
    """A record that is old, but comes into the state of the plan only now."""
    if not plan.steps or not plan.steps[-1].name or not plan.steps[-1].actor:
        return None
    record, last = then.walk(on_foot(plan)), plan.steps[-1]
    demo = site.client_as(plan.creator)
    actor = demo if last.actor == OWNER else site.player(last.actor, plan, {})
    accepted(actor.move(record, last.name, REASON))
    return record


@pytest.fixture
def spike(site: Site) -> Iterator[Spike]:
    """The spike, whose worker a test may end, as it was in the end."""
    assert site.spike is not None
    all_is_sent(site)
    yield site.spike
    if "worker" not in site.spike.running:
        site.spike.start("worker")


def all_is_sent(site: Site) -> None:
    """Wait a while for deliveries: one that a worker is ended in comes twice."""
    end = time.monotonic() + 5
    while accepted(site.admin.get("/api/follow-ups", state="queued", size=1))["total"]:
        if time.monotonic() > end:
            return
        time.sleep(0.1)


@pytest.mark.parametrize("transition", happening(), ids=named)
def test_what_came_due_without_a_worker_happens_later_and_once(
    site: Site, due: Due, spike: Spike, transition: Transition
) -> None:
    """Two workers begin at the same moment."""
    spike.halt("worker")
    made_here = [due(transition) for _ in range(DOWN)]
    for where, record in made_here:
        assert not made(where, record, transition.name), "it happens without the worker"
    spike.start("worker")
    second = spike.start("worker")
    for where, record in made_here:
        where.happens(record, transition.name)
        assert len(made(where, record, transition.name)) == 1, "two workers made it twice"
    all_is_sent(site)
    spike.end_one(second)


@pytest.mark.parametrize("transition", happening()[:1], ids=named)
def test_it_needs_no_receiver_of_follow_ups(due: Due, spike: Spike, transition: Transition) -> None:
    spike.restart("worker", WEBHOOK_URL="")
    try:
        where, record = due(transition)
        where.happens(record, transition.name)
    finally:
        spike.halt("worker")


@pytest.mark.parametrize(("transition", "state", "day"), kept()[:1])
def test_days_end_where_the_setting_says(
    site: Site, due: Due, spike: Spike, transition: Transition, state: str, day: date
) -> None:
    """In a time zone where it is another day now than in UTC."""
    spike.halt("worker")
    if datetime.now(UTC).hour < 10:
        where, record = due(transition)
        spike.start("worker", TIME_ZONE="Etc/GMT+12")
        longer, over = due(transition, YESTERDAY - timedelta(days=1))
        longer.happens(over, transition.name)
        assert not made(where, record, transition.name), "the day is over in UTC alone"
        all_is_sent(site)
        spike.restart("worker")
        where.happens(record, transition.name)
    else:
        site.record_with(state, {transition.on: day})
        over = [found for each in site.ledger.records.values() for found in over_today(each)]
        spike.start("worker", TIME_ZONE="Pacific/Kiritimati")
        for record, name in over:
            site.happens(record, name)
        all_is_sent(site)
        spike.restart("worker")


def over_today(record: Record) -> list[tuple[Record, str]]:
    """What happens to the record where the day is over already, if anything does."""
    return [
        (record, each.name)
        for each in FLOW.by_itself
        if each.on and record.state in each.sources and record.values[each.on] == TODAY
        if each.is_due({**record.values, each.on: YESTERDAY})
    ]


def test_an_unknown_time_zone_is_refused(spike: Spike) -> None:
    for kind in ("web", "worker") if any(t.on or t.after for t in FLOW.by_itself) else ():
        before = len(spike.log.read_bytes())
        process = spike.start(kind, TIME_ZONE="Mars/Olympus", PORT="1")
        assert process.wait(PATIENCE) != 0, f"{kind} starts with a time zone that is none"
        spike.end_one(process)
        assert b"TIME_ZONE" in spike.log.read_bytes()[before:], "the setting is not named"


def races() -> list[Transition]:
    """What happens to a record when its day is over, wherever somebody may move it on meanwhile."""
    return [
        transition
        for transition in happening()
        if transition.on and not transition.guards and all(map(moves_from, transition.sources))
    ][:1]


def moves_from(state: str) -> list[Transition]:
    """What one person can do with any record in the state."""
    here = [t for t in FLOW.transitions if t.by and state in t.sources]
    return [t for t in here if not t.guards and t.approvals == 1]


@pytest.mark.parametrize("transition", races(), ids=named)
def test_whoever_is_first_makes_the_move(
    due: Due, cast: Cast, worker_has_looked: Looked, transition: Transition
) -> None:
    for _ in range(RACES):
        where, record = due(transition)
        other = moves_from(record.state)[0]
        person = next(cast.able(record, other.name), None)
        if person is None:
            return
        version = record.version
        first = verdict(person.move(record, other.name, REASON, version=version))
        assert first in ("ok", "stale"), f"the person is answered {first}"
        if first == "stale":
            where.happens(record, transition.name)
            refused(person.move(record, other.name, REASON, version=version), "stale")
        worker_has_looked()
        count = len(made(where, record, transition.name))
        assert count == (first == "stale"), f"{transition.name} {count} times, {other.name} {first}"


def editor_of(site: Site, record: Record, name: str) -> Client | None:
    """Somebody who may change the field now."""
    for role in FLOW.person_roles:
        client = site.client_as(role)
        if FLOW.refuses_edit(client.actor, record, [name]) is None:
            return client
    return None
