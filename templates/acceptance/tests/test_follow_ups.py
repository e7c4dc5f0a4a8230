"""Follow-ups: sent once for each accepted transition, signed, tried again, and never lost."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from suite.client import accepted, refused
from suite.fixtures import RETRY_DELAYS, Cast
from suite.parts import Record, Transition
from suite.plan import satisfying, way_to
from suite.planner import REASON
from suite.receiver import PATIENCE, Answer, Delivery, Receiver
from suite.site import Site
from suite.spike import STOP_SECONDS
from suite.workflow import Workflow
from suite.workflow_file import workflow

pytestmark = [pytest.mark.area("follow_ups_and_api"), pytest.mark.started]
FLOW = workflow()
# A proxy that is away.
NO_WAY = {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
ATTEMPTS = len(RETRY_DELAYS) + 1
RETRY_AFTER = 2


@dataclass(frozen=True)
class Sent:
    """A transition that was made, with the record as it was afterwards."""

    record: Record
    transition: Transition

    @property
    def name(self) -> str:
        """The follow-up that is looked at."""
        return self.transition.follow_ups[0]


def following() -> list[tuple[str, Transition]]:
    """Each transition with follow-ups, and a state from which it can be made."""
    found = []
    for transition in FLOW.transitions:
        if transition.by_itself:
            continue
        states = [
            state
            for state in transition.sources
            if way_to(state, satisfying(transition, state)) is not None
        ]
        if transition.follow_ups and states:
            found.append((states[0], transition))
    return found


def first_to_send() -> tuple[str, Transition]:
    """One of them on whose way nothing else sends the same: what arrives for its record is its own."""
    for state, transition in following():
        plan = way_to(state, satisfying(transition, state))
        before = {step.name for step in plan.steps} if plan else set()
        sent = {name for t in FLOW.transitions if t.name in before for name in t.follow_ups}
        if transition.follow_ups[0] not in sent:
            return state, transition
    return following()[0]


@pytest.fixture(scope="session")
def send(site: Site, cast: Cast, receiver: Receiver) -> Callable[..., Sent]:
    """Make a transition that has follow-ups; the receiver answers its first one as told."""

    def make(*answers: Answer | int) -> Sent:
        state, transition = first_to_send()
        client, record = cast.ready(state, transition)
        receiver.answer(record.id, transition.follow_ups[0], *answers)
        accepted(client.move(record, transition.name, REASON))
        return Sent(record.copy(), transition)

    return make


@pytest.fixture(scope="session")
def all_sent(send: Callable[..., Sent], receiver: Receiver) -> dict[str, Sent]:
    """Every kind of trouble at once, so that the waits run side by side.

    Whoever looks at what comes of one by itself is marked `last`: other tests run meanwhile.
    """
    failing = [500] * ATTEMPTS
    return {
        "dead": send(*failing),
        "replayed": send(*failing),
        "retried": send(500),
        "redirected": send(Answer(302, {"location": f"{receiver.url}/elsewhere"})),
        "later": send(Answer(503, {"retry-after": str(RETRY_AFTER)})),
        "gone": send(410),
        "not found": send(404),
        "refused": send(401),
        "plain": send(),
        "unread": send(Answer(200, {"content-length": "100000000"})),
        "packed": send(Answer(200, {"content-encoding": "gzip"}, body=b"this is not gzip")),
    }


@pytest.fixture(scope="session")
def dripping(site: Site, send: Callable[..., Sent]) -> Sent:
    """A follow-up whose receiver never ends its answer, and a second worker for all others."""
    if site.spike is not None:
        site.spike.start("worker")
    return send(Answer(0, drips=True))


def listed(site: Site, sent: Sent) -> list[dict[str, Any]]:
    """The rows of what was sent, as an admin sees them."""
    rows = site.all_pages(site.admin, "/api/follow-ups")
    mine = [r for r in rows if r["record_id"] == sent.record.id and r["name"] == sent.name]
    return [row for row in mine if row.get("recipient") is None]  # the others are mails


def settled(site: Site, sent: Sent, state: str, seconds: float = PATIENCE) -> dict[str, Any]:
    """The row once it is in the state; fails when time is up."""
    end = time.monotonic() + seconds
    while True:
        rows = listed(site, sent)
        assert len(rows) == 1, f"{len(rows)} rows for one follow-up"
        if rows[0]["state"] == state:
            return rows[0]
        if time.monotonic() > end:
            pytest.fail(f"the follow-up is {rows[0]['state']} after {seconds} s, not {state}")
        time.sleep(0.1)


needs_follow_ups = pytest.mark.parametrize("sends", [True] if following() else [])


@pytest.mark.parametrize(
    ("state", "transition"), following(), ids=lambda x: getattr(x, "name", None) or str(x)
)
def test_each_transition_sends_its_follow_ups(
    site: Site, cast: Cast, receiver: Receiver, state: str, transition: Transition
) -> None:
    client, record = cast.ready(state, transition)
    accepted(client.move(record, transition.name, REASON))
    for name in transition.follow_ups:
        # An earlier transition on the way here may have sent the same.
        count = sum(name in entry.follow_ups for entry in site.ledger.entries[record.id])
        deliveries = receiver.wait(record.id, name, count)
        assert len(deliveries) == count, f"{name} arrived {len(deliveries)} times, not {count}"
        mine = [d for d in deliveries if d.body.get("data", {}).get("version") == record.version]
        assert mine, f"no {name} tells of version {record.version}"
        checked(FLOW, mine[0], record, name)


def checked(flow: Workflow, delivery: Delivery, record: Record, name: str) -> None:
    assert delivery.verified, f"{name} is not signed as it should be"
    assert set(delivery.body) >= {"type", "timestamp", "data"}
    assert delivery.body["timestamp"].endswith("Z"), "moments are given in UTC"
    assert delivery.body["type"] == f"{flow.snake}.{name}"
    fields = {n: flow.fields[n].write(record.values[n]) for n in flow.follow_ups[name]}
    expected = {"id": record.id, "version": record.version, "state": record.state, **fields}
    data = delivery.body["data"]
    assert {n: data.get(n) for n in expected} == expected, f"{name} says {data}"
    told = [n for n in flow.fields if n in data and n not in flow.follow_ups[name]]
    assert not told, f"{name} also tells {', '.join(told)}"
    assert abs(delivery.timestamp - delivery.at) < 10, "the timestamp is not that of the attempt"


@needs_follow_ups
def test_a_delivery_is_shown_to_admins(site: Site, all_sent: dict[str, Sent], sends: bool) -> None:
    row = settled(site, all_sent["plain"], "delivered")
    assert (row["attempts"], row["last_error"], row["next_attempt_at"]) == (1, "", None)
    created, delivered = (datetime.fromisoformat(row[n]) for n in ("created_at", "delivered_at"))
    assert delivered >= created
    assert row["webhook_id"]


@pytest.mark.last
@needs_follow_ups
def test_a_failed_attempt_is_repeated(
    site: Site, receiver: Receiver, all_sent: dict[str, Sent], sends: bool
) -> None:
    sent = all_sent["retried"]
    first, second = receiver.wait(sent.record.id, sent.name, 2)
    assert first.webhook_id == second.webhook_id, "the id changed on a retry"
    assert first.body == second.body, "the payload changed on a retry"
    assert second.verified, "the retry is not signed as it should be"
    assert second.at - first.at >= RETRY_DELAYS[0], "the retry came before its delay"
    assert settled(site, sent, "delivered")["attempts"] == 2


@contextmanager
def held(receiver: Receiver, send: Callable[..., Sent], status: int) -> Iterator[Sent]:
    """A follow-up that has arrived and is answered only when the block ends."""
    release = threading.Event()
    try:
        sent = send(Answer(status, after=release))
        assert receiver.wait(sent.record.id, sent.name, 1), "the follow-up was not sent"
        yield sent
    finally:
        release.set()


@needs_follow_ups
def test_a_message_tells_what_was_when_it_was_queued(
    site: Site, cast: Cast, receiver: Receiver, send: Callable[..., Sent], sends: bool
) -> None:
    """Whatever becomes of the record before it arrives."""
    with held(receiver, send, 500) as sent:
        record = site.ledger.records[sent.record.id]
        for name in FLOW.names:
            client = next(cast.able(record, name), site.admin)
            made = FLOW.answer(client.actor, record, name, comment=REASON)
            if isinstance(made, Transition) and sent.name not in made.follow_ups:
                accepted(client.move(record, name, REASON))
                break
    settled(site, sent, "delivered")
    told = [delivery.body for delivery in receiver.of(sent.record.id, sent.name)]
    assert told[0] == told[1], "the message has changed with the record"


@pytest.mark.last
@needs_follow_ups
@pytest.mark.parametrize("case", ["not found", "refused"])
def test_a_refusal_may_end_and_is_tried_again(
    site: Site, all_sent: dict[str, Sent], case: str, sends: bool
) -> None:
    row = settled(site, all_sent[case], "delivered")
    assert row["attempts"] == 2, "only 410 says that there is no use"


@needs_follow_ups
@pytest.mark.parametrize("case", ["unread", "packed"])
def test_the_body_of_an_answer_does_not_matter(
    site: Site, all_sent: dict[str, Sent], case: str, sends: bool
) -> None:
    row = settled(site, all_sent[case], "delivered", seconds=8)
    assert row["attempts"] == 1, f"the body of the answer counted: {row['last_error']}"


@needs_follow_ups
def test_a_secret_is_read_with_and_without_its_prefix(
    site: Site, receiver: Receiver, send: Callable[..., Sent], sends: bool
) -> None:
    """As the library of Standard Webhooks reads it; the worker goes on with the shorter one.

    And past whatever proxy was meant for whoever started it.
    """
    assert site.spike is not None
    before = send()  # so that the worker is at work, not on its way to it
    assert receiver.wait(before.record.id, before.name, 1), "the follow-up was not sent"
    secret = site.spike.environment["WEBHOOK_SECRET"].removeprefix("whsec_")
    seconds = site.spike.restart("worker", WEBHOOK_SECRET=secret, **NO_WAY)
    assert seconds < STOP_SECONDS, "SIGTERM does not end the worker"
    sent = send()
    if not receiver.wait(sent.record.id, sent.name, 1):
        site.spike.restart("worker")  # as it was, for the other tests
        pytest.fail("a secret without whsec_ is read otherwise, or a proxy is asked")


@needs_follow_ups
def test_a_worker_holds_a_follow_up_for_about_a_minute(
    site: Site, receiver: Receiver, dripping: Sent, sends: bool
) -> None:
    """When the worker is killed now, the next attempt is due by the moment that the row shows."""
    assert receiver.wait(dripping.record.id, dripping.name, 1), "the follow-up was not sent"
    due = datetime.fromisoformat(listed(site, dripping)[0]["next_attempt_at"])
    held = (due - datetime.now(UTC)).total_seconds()
    assert 20 < held < 120, f"the row is held for {held:.0f} s; a try may take 15"
    state = listed(site, dripping)[0]["state"]
    assert state == "queued", f"a row that is being sent counts as {state}"


@pytest.mark.last
@needs_follow_ups
def test_a_redirect_is_not_followed(
    site: Site, receiver: Receiver, all_sent: dict[str, Sent], sends: bool
) -> None:
    sent = all_sent["redirected"]
    settled(site, sent, "delivered")
    paths = {delivery.path for delivery in receiver.of(sent.record.id, sent.name)}
    assert paths == {"/hook"}, "a redirect was followed"
    assert len(receiver.of(sent.record.id, sent.name)) == 2, "a redirect counts as a failure"


@pytest.mark.last
@needs_follow_ups
def test_retry_after_is_honoured(
    site: Site, receiver: Receiver, all_sent: dict[str, Sent], sends: bool
) -> None:
    sent = all_sent["later"]
    first, second = receiver.wait(sent.record.id, sent.name, 2)
    assert second.at - first.at >= RETRY_AFTER - 0.05, "the retry came before Retry-After"
    assert second.timestamp > first.timestamp, "a retry has a timestamp of its own"


@pytest.mark.last
@needs_follow_ups
def test_gone_is_dead_at_once(
    site: Site, receiver: Receiver, all_sent: dict[str, Sent], sends: bool
) -> None:
    row = settled(site, all_sent["gone"], "dead")
    assert row["attempts"] == 1
    assert row["next_attempt_at"] is None
    assert "410" in row["last_error"], f"the last error is {row['last_error']!r}"


@pytest.mark.last
@needs_follow_ups
def test_after_the_last_delay_it_is_dead(
    site: Site, receiver: Receiver, all_sent: dict[str, Sent], sends: bool
) -> None:
    sent = all_sent["dead"]
    row = settled(site, sent, "dead")
    assert row["attempts"] == ATTEMPTS
    assert (row["next_attempt_at"], row["delivered_at"]) == (None, None)
    assert "500" in row["last_error"], f"the last error is {row['last_error']!r}"
    deliveries = receiver.of(sent.record.id, sent.name)
    assert len(deliveries) == ATTEMPTS
    assert len({delivery.webhook_id for delivery in deliveries}) == 1
    gaps = [b.at - a.at for a, b in pairwise(deliveries)]
    for gap, delay in zip(gaps, RETRY_DELAYS, strict=True):
        assert gap >= delay, f"waited {gap:.2f} s where the schedule says {delay}"


@pytest.mark.last
@needs_follow_ups
def test_an_admin_replays_a_dead_one(
    site: Site, receiver: Receiver, all_sent: dict[str, Sent], sends: bool
) -> None:
    sent = all_sent["replayed"]
    dead = settled(site, sent, "dead")
    answer = accepted(site.admin.post(f"/api/follow-ups/{dead['id']}/retry"))
    assert (answer["state"], answer["attempts"]) == ("queued", 0)
    assert answer["next_attempt_at"], "a replayed follow-up is due"
    delivered = settled(site, sent, "delivered")
    assert delivered["webhook_id"] == dead["webhook_id"], "the replay has another id"
    assert delivered["attempts"] == 1
    refused(site.admin.post(f"/api/follow-ups/{dead['id']}/retry"), "wrong_state")


@pytest.mark.last
@needs_follow_ups
def test_the_list_of_follow_ups_can_be_filtered(
    site: Site, all_sent: dict[str, Sent], sends: bool
) -> None:
    settled(site, all_sent["dead"], "dead")
    page = accepted(site.admin.get("/api/follow-ups", state="dead", size=2))
    assert {row["state"] for row in page["items"]} == {"dead"}
    assert (page["page"], page["size"]) == (1, 2)
    rows = site.all_pages(site.admin, "/api/follow-ups")
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    second = accepted(site.admin.get("/api/follow-ups", page=2, size=2))
    assert [row["id"] for row in second["items"]] == [row["id"] for row in rows[2:4]]
    refused(site.admin.get("/api/follow-ups", state="lost"), "invalid")
    refused(site.admin.get("/api/follow-ups", size=0), ("invalid", "not_found"))
    refused(site.admin.post("/api/follow-ups/999999999/retry"), "not_found")
    refused(site.admin.post("/api/follow-ups/x/retry"), ("not_found", "invalid"))


@pytest.mark.last
@needs_follow_ups
def test_a_slow_receiver_slows_nobody_down(
    site: Site, cast: Cast, receiver: Receiver, send: Callable[..., Sent], sends: bool
) -> None:
    with held(receiver, send, 204):
        state, transition = first_to_send()
        took = []
        for _ in range(5):
            client, record = cast.ready(state, transition)
            began = time.perf_counter()
            accepted(client.move(record, transition.name, REASON))
            took.append(time.perf_counter() - began)
    usual = sorted(took)[len(took) // 2]
    assert usual < 2, f"while the receiver is slow a transition takes {usual:.1f} s"


@pytest.mark.last
@needs_follow_ups
def test_a_receiver_that_drips_is_given_up(receiver: Receiver, dripping: Sent, sends: bool) -> None:
    seconds = receiver.gave_up(dripping.record.id, dripping.name, seconds=19)
    assert seconds is not None, "the worker waits for ever for an answer that never ends"
    assert seconds < 18, f"a whole exchange may take 15 s; this one took {seconds:.0f}"


@pytest.mark.last
def test_nothing_is_lost_and_nothing_is_sent_twice(site: Site, receiver: Receiver) -> None:
    """Over everything that the suite has done: one row and one effect for each follow-up."""
    site.settle()
    expected = Counter(
        (number, name, entry.version)
        for number, entries in site.ledger.entries.items()
        for entry in entries
        for name in entry.follow_ups
    )
    end = time.monotonic() + 1.5 * PATIENCE
    while site.admin.get("/api/follow-ups", state="queued", size=1).json()["total"]:
        if time.monotonic() > end:
            break
        time.sleep(0.1)
    rows = [
        r for r in site.all_pages(site.admin, "/api/follow-ups") if r["record_id"] in ours(site)
    ]
    queued = [row for row in rows if row["state"] == "queued"]
    assert not queued, f"{len(queued)} follow-ups are still queued"
    names = Counter(row["webhook_id"] for row in rows)
    assert set(names.values()) <= {1}, "two follow-ups share a webhook id"
    rows = [row for row in rows if row.get("recipient") is None]  # the others are mails
    wanted = Counter((number, name) for number, name, _ in expected.elements())
    got = Counter((row["record_id"], row["name"]) for row in rows)
    assert got == wanted, f"lost {wanted - got}, not asked for {got - wanted}"
    effects = Counter(
        (d.record_id, d.name, d.body["data"]["version"])
        for d in receiver.all()
        if d.verified and 200 <= d.answered < 300 and d.record_id in ours(site)
    )
    dead = Counter((row["record_id"], row["name"]) for row in rows if row["state"] == "dead")
    twice = {key: count for key, count in effects.items() if count > 1}
    assert not twice, f"sent more than once: {twice}"
    missing = [key for key in expected if not effects[key] and not dead[key[:2]]]
    assert not missing, f"never arrived: {missing}"
    assert not [key for key in effects if key not in expected], "sent without a transition"
    unsigned = [delivery for delivery in receiver.all() if not delivery.verified]
    assert not unsigned, f"{len(unsigned)} deliveries were not signed as they should be"


def ours(site: Site) -> set[int]:
    """The records that the suite has made; others are not followed."""
    return set(site.ledger.entries)
