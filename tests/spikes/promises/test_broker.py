"""The broker is killed, hangs and comes back, and workers die: people do not notice, and nothing is lost."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from approvals import approving, fail_every_seventh, nothing_is_lost
from breaking import PATIENT, another_is_answered, people_at_work
from brokers import Broker
from suite.receiver import Receiver
from suite.site import Site
from suite.spike import Spike

ROUNDS = 3
AWAY = 2  # seconds
HANGS = 3
BOUND = 3  # seconds in which an approval is answered, whatever the broker does


@pytest.fixture(scope="module")
def broker(spike: Spike, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of the kind that the spike uses, and of nobody else."""
    scheme = spike.environment["BROKER_URL"].partition(":")[0]
    broker = Broker(scheme, tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.signal(signal.SIGKILL)


def test_nothing_is_lost(site: Site, spike: Spike, receiver: Receiver, broker: Broker) -> None:
    taken = fail_every_seventh(receiver)
    site.record_in("approved")
    spike.end()
    changed = {**PATIENT, "BROKER_URL": broker.url}
    web = spike.start("web", **changed)
    workers = [spike.start("worker", **changed) for _ in range(2)]
    spike.start("beat", **changed)
    spike.wait(web)
    slowest = {}
    with people_at_work(site, approving) as (answered, seconds):
        for _ in range(ROUNDS):
            another_is_answered(answered)
            before = len(seconds)
            broker.signal(signal.SIGKILL)
            os.killpg(workers.pop(0).pid, signal.SIGKILL)
            time.sleep(AWAY)
            another_is_answered(answered)
            slowest["away"] = max(slowest.get("away", 0), *seconds[before:])
            workers.append(spike.start("worker", **changed))
            broker.start()
            another_is_answered(answered)
        before = len(seconds)
        broker.signal(signal.SIGSTOP)
        time.sleep(HANGS)
        another_is_answered(answered)
        slowest["hanging"] = max(seconds[before:])
        broker.signal(signal.SIGCONT)
    for _ in range(7):  # one of them fails, and only a sweep will find it
        site.record_in("approved")
    waits = ", ".join(f"{how} {most:.2f} s" for how, most in slowest.items())
    what = f"{ROUNDS} kills of broker and worker; slowest approval with the broker {waits}"
    nothing_is_lost(site, receiver, taken, answered, what)
    assert max(slowest.values()) < BOUND, "people wait for the broker"
