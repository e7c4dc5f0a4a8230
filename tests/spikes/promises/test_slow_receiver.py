"""A receiver that hangs slows nobody down who approves."""

import time
from threading import Event

from suite.client import accepted
from suite.receiver import Answer, Receiver
from suite.site import Site

APPROVALS = 60


def test_approving_does_not_wait_for_the_receiver(site: Site, receiver: Receiver) -> None:
    manager = site.client_as("manager")
    first, *records = [site.record_in("submitted") for _ in range(1 + APPROVALS)]
    never = Event()
    for record in (first, *records):
        receiver.answer(record.id, "provision", Answer(after=never))
    accepted(manager.move(first, "approve"))
    assert receiver.wait(first.id, "provision", 1), "nothing hangs"
    seconds = []
    for record in records:
        start = time.perf_counter()
        accepted(manager.move(record, "approve"))
        seconds.append(time.perf_counter() - start)
    never.set()
    p95 = sorted(seconds)[int(APPROVALS * 0.95)]
    print(f"{APPROVALS} approvals while the receiver hangs: p95 {p95 * 1000:.0f} ms")
    assert p95 < 1
