"""Two hundred people at once, each asking once a second, all get their answers.

The rate is planned and does not wait for answers; what is late or refused is a failure of the spike, and a
generator that is itself out of breath makes the run invalid.
"""

import json
import resource
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from threading import Barrier, Thread
from urllib.parse import urlsplit

import httpx
from suite.client import Client
from suite.site import Site

PEOPLE = 200
SECONDS = 30
SESSIONS = 10  # a password costs a tenth of a second of a core, which is not what is measured here
LATE = 1.0  # seconds
COMMENT = json.dumps({"comment": "Seen."})


def ask(
    start: Barrier, number: int, url: str, client: Client, paths: list[str], found: Counter[str]
) -> None:
    """One person: six times out of ten a record, three times the list, once a comment."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.http.cookies.jar)
    headers = {
        "Cookie": cookies,
        "X-CSRF-Token": client.csrf or "",
        "Content-Type": "application/json",
    }
    at_list, record = paths[0], paths[1 + number % (len(paths) - 1)]
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    start.wait()
    begin = time.monotonic() + number / PEOPLE
    for turn in range(SECONDS):
        due = begin + turn
        time.sleep(max(0.0, due - time.monotonic()))
        kind = (turn + number) % 10
        try:
            if kind == 0:
                connection.request("POST", f"{record}/comments", COMMENT, headers)
            else:
                connection.request("GET", at_list if kind < 4 else record, headers=headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, HTTPException) as error:
            connection.close()
            found[type(error).__name__] += 1
        else:
            right = status == (201 if kind == 0 else 200)
            on_time = time.monotonic() - due < LATE
            found[("in time" if on_time else "late") if right else str(status)] += 1
    connection.close()


def processor_seconds() -> float:
    """The processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def test_two_hundred_people_are_answered(site: Site, start_web: Callable[..., str]) -> None:
    url = start_web(DEBUG="0", WEB_CONCURRENCY="2")
    readers = [site.client_as("manager", number=number) for number in range(SESSIONS)]
    records = [site.admin.at(site.record_in("submitted")) for _ in range(SESSIONS)]
    found: Counter[str] = Counter()
    start = Barrier(PEOPLE + 1)
    people = [
        Thread(
            target=ask,
            args=(start, n, url, readers[n % SESSIONS], [site.flow.path, *records], found),
        )
        for n in range(PEOPLE)
    ]
    for person in people:
        person.start()
    start.wait()
    began, used = time.monotonic(), processor_seconds()
    for person in people:
        person.join()
    busy = (processor_seconds() - used) / (time.monotonic() - began)
    planned = PEOPLE * SECONDS
    print(
        f"{planned} requests planned in {SECONDS} s: {dict(found)}, the generator used {busy:.0%} of a core"
    )
    assert busy < 0.8, "the generator was out of breath; the run says nothing"
    assert set(found) <= {"in time", "late"}, "a request was refused or failed"
    assert found["in time"] >= 0.95 * planned
    time.sleep(1)
    assert httpx.get(f"{url}/healthz", timeout=1).status_code == 200, "it did not survive"
