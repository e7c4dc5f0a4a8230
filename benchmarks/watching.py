"""From saving a file to the verdict of `watch`, for a change with fifty tests of its own."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from copies import suite
from results import middle, table
from uv import find_uv_bin

TESTS, SAVES = 50, 5
PAUSE = 3  # seconds from a verdict to the next save; nobody is faster


def measure(copy: Path) -> str:
    """A table of seconds for each spike: the tests red at the tenth failure at latest, and green."""
    rows = []
    for spike in ("django", "fastapi"):
        suite(copy, "spike").sync(spike)
        green, red = seconds(copy, spike)
        rows.append((spike, middle(green, 1), middle(red, 1)))
    return table([f"save to verdict, {TESTS} tests, seconds", "green", "red"], rows)


def seconds(copy: Path, spike: str) -> tuple[list[float], list[float]]:
    """How long each verdict took after a save: the green ones and the red ones, saved in turns."""
    rules = copy / f"{spike}_spike" / "spike" / "workflow.py"
    good = rules.read_text(encoding="utf-8")
    bad = good.replace('limit=Decimal("5000.00")', 'limit=Decimal("50.00")')
    found: dict[bool, list[float]] = {True: [], False: []}
    with watched(copy, spike) as lines:
        verdict(lines)
        for turn in range(2 * SAVES):
            wanted = turn % 2 == 1
            time.sleep(PAUSE)
            began = time.perf_counter()
            rules.write_text(good if wanted else bad, encoding="utf-8")
            if verdict(lines) != wanted:
                raise RuntimeError("the verdict is not the one that the code deserves")
            found[wanted].append(time.perf_counter() - began)
    return found[True], found[False]


@contextmanager
def watched(copy: Path, spike: str) -> Iterator[IO[str]]:
    """What `watch` tells, a line at a time."""
    python, chosen = copy / "acceptance" / ".venv" / "bin" / "python", copy / "watched.txt"
    home = copy / "acceptance"
    subprocess.run([find_uv_bin(), "sync", "--quiet"], cwd=home, check=True)
    listed = subprocess.run(
        [python, "-m", "pytest", "-q", "--collect-only", "--spike", spike, "-k", "test_workflow"],
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = [line for line in listed.splitlines() if "::test_transition[" in line]
    guards = [line for line in listed.splitlines() if "::test_guard[" in line]
    chosen.write_text("\n".join((names + guards)[-TESTS:]), encoding="utf-8")
    command = [python, "-m", "suite", "watch", spike, "--tests", chosen]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True)
    try:
        yield cast("IO[str]", process.stdout)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def verdict(lines: IO[str]) -> bool:
    """Whether the next run is green."""
    for line in lines:
        told = json.loads(line)
        if told["event"] == "run":
            return all(test["outcome"] == "passed" for test in told["tests"].values())
    raise RuntimeError("watch has ended")
