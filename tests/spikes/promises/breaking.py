"""People at work while processes are killed and started again."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from subprocess import Popen
from threading import Event, Thread

import httpx
from suite.client import Client, accepted
from suite.parts import Record
from suite.site import Site
from suite.spike import Spike, procfile

MOST_SECONDS = 60
PEOPLE = 3
PAUSES = (0.2, 0.9, 0.5, 1.2) * 4  # seconds of work before each kill
PATIENT = {"RETRY_DELAYS": ",".join(["0.5"] * 10)}
# What is done next: by whom, with which record, which transition.
Step = tuple[Client, Record, str]


def work_until(
    stop: Event, find: Callable[[], Step], answered: list[int], seconds: list[float]
) -> None:
    """Take one step after the other; notes the ids of what was answered with 200, and how soon."""
    while not stop.is_set():
        try:
            client, record, transition = find()
            began = time.perf_counter()
            answer = client.move(record, transition)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            accepted(answer)
            seconds.append(time.perf_counter() - began)
            answered.append(record.id)


def another_is_answered(answered: list[int]) -> None:
    """Wait for one more step, so that each kill meets people at work, however slow the machine is."""
    before, end = len(answered), time.monotonic() + MOST_SECONDS
    while len(answered) == before:
        assert time.monotonic() < end, "the load is no load"
        time.sleep(0.02)


@contextmanager
def people_at_work(
    site: Site, find: Callable[[Site, int], Step]
) -> Iterator[tuple[list[int], list[float]]]:
    """People who work for as long as the block runs: the ids of what was answered with 200, and how soon."""
    stop, answered, seconds = Event(), [], []
    people = []
    for number in range(PEOPLE):
        find(site, number)  # who signs in for it, does so before anything breaks
        given = (stop, partial(find, site, number), answered, seconds)
        people.append(Thread(target=work_until, args=given, daemon=True))
    for person in people:
        person.start()
    yield answered, seconds
    another_is_answered(answered)
    stop.set()
    for person in people:
        person.join()


def kinds_of(spike: Spike) -> list[str]:
    """What runs: a web process, two workers, and what wakes them where the spike has that."""
    return ["web", "worker", "worker", *({"beat"} & procfile(spike.name).keys())]


def start_all(spike: Spike, **changed: str) -> list[Popen[bytes]]:
    """Start all of it, and wait until the web process answers."""
    started = [spike.start(kind, **changed) for kind in kinds_of(spike)]
    spike.wait(started[0])
    return started


def kill(running: Iterable[Popen[bytes]]) -> None:
    """Kill these processes at once."""
    for process in running:
        os.killpg(process.pid, signal.SIGKILL)


def kill_again_and_again(spike: Spike, answered: list[int], running: list[Popen[bytes]]) -> str:
    """Kill all that runs and start it again while people work; gives what was done, in words."""
    for pause in PAUSES:
        another_is_answered(answered)
        time.sleep(pause)
        kill(running)
        running = start_all(spike, **PATIENT)
    return f"{len(PAUSES)} kills of {', '.join(kinds_of(spike))}"
