"""`watch` beside the other commands of the day, which somebody gives in another terminal."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .conftest import DayCopy


@contextmanager
def watched(day_copy: DayCopy) -> Iterator[Callable[[], dict[str, Any]]]:
    """`twinspike watch django`; gives what it tells next."""
    process = subprocess.Popen(
        [sys.executable, "-m", "twinspike", "watch", "django", "--json"],
        cwd=day_copy.home,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = process.stdout
    too_long = threading.Timer(300, process.kill)
    too_long.start()
    try:
        yield lambda: json.loads(next(lines))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        too_long.cancel()


def test_it_goes_on_with_the_change_that_is_started_meanwhile(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    with watched(day_copy) as told:
        assert set(told()["tests"]) == {"test_b"}
        day_copy.ok("skip", "01", "django", "--why", "Too large.")
        day_copy.lists(before="test_b", after="test_a test_b")
        day_copy.tell(test_a="passed", test_b="failed")
        day_copy.ok("start", "02", "django")
        assert told() == {"event": "started", "change": "02"}
        assert set(told()["tests"]) == {"test_a", "test_b"}
    lights = [(event["change"], event["light"]) for event in day_copy.events("light")]
    assert lights == [("01", "red"), ("01", "red"), ("02", "red"), ("02", "red")]
