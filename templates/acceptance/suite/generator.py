"""The process that asks, at planned moments: `python -m suite.generator PLAN INTO`, with Locust underneath.

A process of its own, so that its processor time is its own and gevent changes nobody else's sockets. The
plan is JSON: who asks what, at which second. No request waits for the answer to another one.
"""

# Before everything that has sockets: it lets gevent replace them.
import locust  # pyright: ignore[reportMissingImports] - only `load` has it  # isort: skip

import json
import sys
import time
from collections import defaultdict
from itertools import count
from pathlib import Path
from typing import Any

import gevent  # pyright: ignore[reportMissingImports]
from locust.env import Environment  # pyright: ignore[reportMissingImports]
from locust.event import Events  # pyright: ignore[reportMissingImports]

SILENCE = "without an answer"
HEAD_START = 0.5  # seconds in which the first users come to be


class Book:
    """What came of each planned request, by its place in the plan."""

    def __init__(self, plan: dict[str, Any], begin: float) -> None:
        self.begin = begin
        self.requests = plan["requests"]
        self.patience: float = plan["patience"]
        self.sent: dict[int, float] = {}
        self.answered: dict[int, tuple[float, str]] = {}

    def now(self, number: int) -> float:
        """The seconds since the moment for which the request was planned."""
        return time.monotonic() - self.begin - self.requests[number]["due"]

    def hear(self, context: dict[str, int], response: Any, exception: Any, **_: Any) -> None:
        """Take down an answer, or that there is none, as Locust tells it."""
        status = getattr(response, "status_code", 0)
        seconds = self.now(context["number"])
        failure = ""
        if status >= 300:
            failure = f"answered {status}"
        elif exception is not None or not status or seconds > self.patience:
            failure = SILENCE
        self.answered[context["number"]] = (seconds, failure)

    def samples(self) -> list[dict[str, Any]]:
        """All requests as `suite.figures.Sample` has them; what is still open by now is not answered."""
        found = []
        for number, request in enumerate(self.requests):
            failure = SILENCE if number in self.sent else "never sent"
            seconds, failure = self.answered.get(number, (self.patience, failure))
            sent = self.sent.get(number, self.patience)
            told = {"kind": request["kind"], "due": request["due"], "sent": sent}
            found.append({**told, "seconds": seconds, "failure": failure})
        return found


def person(plan: dict[str, Any], book: Book) -> type[Any]:
    """The class of Locust's users, each of whom makes the planned requests of one."""
    own: defaultdict[int, list[int]] = defaultdict(list)
    for number, request in enumerate(plan["requests"]):
        own[request["user"]].append(number)
    users = count()

    class Person(locust.FastHttpUser):
        host = plan["url"]
        network_timeout = connection_timeout = plan["patience"]
        concurrency = 2 * int(plan["patience"]) + 2

        @locust.task
        def ask_all(self) -> None:
            for number in own[next(users)]:
                gevent.sleep(max(0.0, -book.now(number)))
                gevent.spawn(self.ask, number)
            gevent.sleep(plan["seconds"] + 2 * plan["patience"])  # until the runner quits

        def ask(self, number: int) -> None:
            request = book.requests[number]
            book.sent[number] = book.now(number)
            self.client.request(
                request["method"],
                request["path"],
                name=request["kind"],
                data=request["body"],
                headers=plan["callers"][request["caller"]],
                context={"number": number},
            )

    return Person


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Ask as planned; what came of it, and which share of a processor the asking took."""
    begin = time.monotonic() + HEAD_START
    book = Book(plan, begin)
    events = Events()
    events.request.add_listener(book.hear)
    users = Environment(user_classes=[person(plan, book)], events=events)
    runner = users.create_local_runner()
    runner.start(plan["users"], spawn_rate=plan["spawn_rate"])
    gevent.sleep(max(0.0, begin - time.monotonic()))
    used = time.process_time()
    gevent.sleep(plan["seconds"])
    busy = (time.process_time() - used) / plan["seconds"]
    end = time.monotonic() + plan["patience"] + 1
    while len(book.answered) < len(book.requests) and time.monotonic() < end:
        gevent.sleep(0.05)
    samples = book.samples()
    runner.quit()
    return {"samples": samples, "busy": busy}


if __name__ == "__main__":
    found = run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
