"""A command that is killed, whatever way, leaves nothing running: no suite, no tests, no web, no worker."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from twinspike.day import judging, record

from .copies import ROOT, Copy

TERM, KILL = signal.SIGTERM, signal.SIGKILL
CASES = [
    ("check django", TERM),
    ("check fastapi", KILL),
    ("done 01 django", KILL),
    ("done 01 fastapi", TERM),
    ("watch django", KILL),
    ("watch fastapi", TERM),
]


def running(home: Path) -> list[psutil.Process]:
    """The processes that work in the folder or below it."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd().startswith(str(home)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def wait_until(met: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def has_begun(home: Path) -> bool:
    """Whether tests, a web process and a worker run."""
    lines = []
    for process in running(home):
        with suppress(psutil.Error):  # it has ended by now
            lines.append(" ".join(process.cmdline()))
    return all(
        any(any(word in line for word in words) for line in lines)
        for words in (
            ("-m pytest", "suite.waiting"),
            ("gunicorn", "uvicorn", "spike web"),
            ("deliver", "worker"),
        )
    )


@pytest.mark.parametrize(
    ("command", "number"), CASES, ids=lambda each: each if isinstance(each, str) else each.name
)
def test_nothing_runs_on(copy: Copy, command: str, number: signal.Signals, tmp_path: Path) -> None:
    twin = copy.twin(tmp_path / "copy")
    spike = command.split()[-1]
    record.add(twin.home, "start", change="01", framework=spike, by="anna")
    judging.keep(twin.home, f"own-01-{spike}", ["tests/test_workflow.py::test_guard[none]"])
    process = subprocess.Popen(
        [sys.executable, "-m", "twinspike", *command.split()],
        cwd=twin.home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: has_begun(twin.home), 120, "the suite has not begun")
        process.send_signal(number)
        process.wait(30)
        wait_until(lambda: not running(twin.home), 30, f"{running(twin.home)} still run")
    finally:
        for left in running(twin.home):
            left.kill()
        process.wait()
    lights = [event for event in record.read(twin.home)[0] if event.kind == "light"]
    assert lights == [], "a run that was stopped is no light"


def test_two_signals_at_once_are_one() -> None:
    """As after Ctrl-C, which reaches the suite itself and whoever has started it."""
    waits = "from suite.spike import stop_on_signals; stop_on_signals(); print(flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", waits],
        cwd=ROOT / "templates" / "acceptance",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    for number in (signal.SIGSTOP, signal.SIGINT, TERM, signal.SIGCONT):
        process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert b"KeyboardInterrupt" in said
    assert b"race condition" not in said
