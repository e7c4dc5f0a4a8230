"""People who approve while something breaks, and what came of it: nothing lost, nothing made up."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import httpx
from suite.client import accepted
from suite.receiver import Answer, Receiver
from suite.site import Site

MOST_SECONDS = 60
PEOPLE = 3


def fail_every_seventh(receiver: Receiver) -> list[str]:
    """Answer every 7th delivery with 500; gives the list of ids that the receiver took."""
    take, taken, count = receiver.take, [], Counter()

    def flaky(path: str, headers: dict[str, str], data: bytes) -> Answer:
        answer = take(path, headers, data)
        count["deliveries"] += 1
        if count["deliveries"] % 7 == 0:
            return Answer(500)
        taken.append(headers["webhook-id"])
        return answer

    receiver.take = flaky
    return taken


def approve_until(
    stop: Event, site: Site, number: int, answered: list[int], seconds: list[float]
) -> None:
    """Make records and approve them; notes the ids of those whose approval was answered with 200, and how soon."""
    manager = site.client_as("manager", number=number)
    while not stop.is_set():
        try:
            record = site.record_in("submitted")
            began = time.perf_counter()
            answer = manager.move(record, "approve")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            accepted(answer)
            seconds.append(time.perf_counter() - began)
            answered.append(record.id)


def another_is_answered(answered: list[int]) -> None:
    """Wait for one more approval, so that each kill meets people at work, however slow the machine is."""
    before, end = len(answered), time.monotonic() + MOST_SECONDS
    while len(answered) == before:
        assert time.monotonic() < end, "the load is no load"
        time.sleep(0.02)


@contextmanager
def people_at_work(site: Site) -> Iterator[tuple[list[int], list[float]]]:
    """People who approve for as long as the block runs: the ids of what was answered with 200, and how soon."""
    stop, answered, seconds = Event(), [], []
    for number in range(PEOPLE):
        site.client_as("manager", number=number)
    people = [
        Thread(target=approve_until, args=(stop, site, number, answered, seconds), daemon=True)
        for number in range(PEOPLE)
    ]
    for person in people:
        person.start()
    yield answered, seconds
    another_is_answered(answered)
    stop.set()
    for person in people:
        person.join()


def nothing_is_lost(
    site: Site, receiver: Receiver, taken: list[str], answered: list[int], what: str
) -> None:
    """Wait until everything is delivered; then what was approved was sent, and nothing else."""
    end = time.monotonic() + MOST_SECONDS
    while site.admin.get("/api/follow-ups", state="queued").json()["total"]:
        assert time.monotonic() < end, "follow-ups are still queued after a minute"
        time.sleep(0.2)

    assert site.admin.get("/api/follow-ups", state="dead").json()["total"] == 0
    approved = {}
    for record in site.all_pages(site.admin, site.flow.path):
        history = accepted(site.admin.get(f"{site.flow.path}/{record['id']}/history"))["items"]
        approved[record["id"]] = sum(
            any(
                t.name == entry["transition"] and t.target == entry["to"] and t.follow_ups
                for t in site.flow.transitions
            )
            for entry in history
        )
    ids: dict[int, set[str]] = {}
    for delivery in receiver.all():
        assert delivery.verified
        ids.setdefault(delivery.record_id, set()).add(delivery.webhook_id)
    lost = [number for number in approved if approved[number] > len(ids.get(number, ()))]
    phantoms = [number for number in ids if len(ids[number]) > approved.get(number, 0)]
    untaken = set.union(*ids.values()) - set(taken)
    unheard = [number for number in answered if approved[number] != 1]
    print(
        f"{what}, {len(answered)} approvals answered, "
        f"{len(receiver.all())} deliveries of {len(set(taken))} follow-ups: lost {len(lost)}, "
        f"phantom {len(phantoms)}, duplicates {len(taken) - len(set(taken))}"
    )
    assert not lost, "approved, but never delivered"
    assert not phantoms, "delivered without an approval, or again under another webhook-id"
    assert not untaken, "given up before the receiver took it"
    assert not unheard, "answered with 200, but not in the audit trail exactly once"
