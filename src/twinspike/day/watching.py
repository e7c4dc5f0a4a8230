"""`twinspike watch`: what the suite tells while it watches a spike, as lights for people and the record."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

from twinspike.console import say
from twinspike.day import judging, record, working
from twinspike.day.changes import Change
from twinspike.day.folder import day_folder
from twinspike.day.judging import AMBER, GREEN, Run
from twinspike.day.progress import PAUSED, RUNNING, Day, Progress
from twinspike.day.today import Today, look
from twinspike.errors import UserError
from twinspike.run.suite import end_suite, start_suite

MOST_SHOWN = 5
LOOK_SECONDS = 1.0  # from one look at the record to the next


def watch(today: Today, spike: str, *, as_json: bool) -> None:
    """Watch the spike until Ctrl-C, and go on with each change that is started in it meanwhile.

    Raises `UserError` when no change is under way in it.
    """
    change = _under_way(today, spike)
    with suppress(KeyboardInterrupt):  # the terminal has told the suite too
        while True:
            number = _watch_one(today, change, spike, as_json=as_json)
            if not number:
                return
            if as_json:
                print(json.dumps({"event": "started", "change": number}), flush=True)
            else:
                say(f"\n{number} was started in {spike}; it is watched after its first run.", "dim")
            while not _has_run(_day(today.copy).of(number, spike)):
                time.sleep(LOOK_SECONDS)
            today = look(today.copy)
            change = _under_way(today, spike)


def _watch_one(today: Today, change: Change, spike: str, *, as_json: bool) -> str:
    """Watch the spike for one change until another is started in it; gives the number of that one.

    Empty when the suite has been ended.
    """
    tests = day_folder(today.copy) / f"{working.own(change, spike)}.txt"
    if not tests.is_file():  # the first run was interrupted
        working.first_run(today, change, spike, to_stderr=as_json)
    if not as_json:
        say(f"Watching {spike} for {change.number} {change.title}. Ctrl-C ends it.", "dim")
    process = start_suite(
        today.copy, "watch", [spike], "--tests", str(tests), stdout=subprocess.PIPE
    )
    try:
        for told in _events(process):
            if told is not None:
                _take(today, change, spike, told, quiet=as_json)
                if as_json:
                    print(json.dumps(told, ensure_ascii=False), flush=True)
            busy = _day(today.copy).at_work(spike)
            if busy is not None and busy.change != change.number and busy.state == RUNNING:
                return busy.change
        if process.wait() not in (0, 130):
            raise UserError("The suite has ended; its last lines stand above.")
        return ""
    finally:
        end_suite(process)


def _day(copy: Path) -> Day:
    """What the record says by now; the changes themselves are not read again for it."""
    return Day(record.read(copy)[0])


def _has_run(progress: Progress) -> bool:
    """Whether the first run of a change is over, or nobody works on it any more."""
    return bool(progress.lights) or progress.state != RUNNING


def _under_way(today: Today, spike: str) -> Change:
    busy = today.at_work(spike)
    upcoming = today.next_change(spike)
    if busy is None:
        number = upcoming.number if upcoming else "01"
        raise UserError(
            f"Nothing is under way in {spike}; begin with: twinspike start {number} {spike}"
        )
    if busy[1].state == PAUSED:
        raise UserError(
            f"{busy[0].number} is paused in {spike}; go on with: "
            f"twinspike start {busy[0].number} {spike}"
        )
    return busy[0]


def _events(process: subprocess.Popen[str]) -> Iterator[dict[str, Any] | None]:
    """What the suite tells until it ends; None whenever it was silent for a while."""
    lines: Queue[str | None] = Queue()

    def read() -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=LOOK_SECONDS)
        except Empty:
            yield None
            continue
        if line is None:
            return
        try:
            yield json.loads(line)
        except ValueError:  # a word of uv's
            say(line.rstrip(), "dim")


def _take(today: Today, change: Change, spike: str, told: dict[str, Any], *, quiet: bool) -> None:
    if told["event"] == "restarting":
        files = [name for name in told["files"] if name != "."]
        if not quiet and files:
            say(f"\n{files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''}", "dim")
        return
    if told["event"] == "amber":
        run = Run(spike, trouble=told["text"], seconds=told["seconds"])
    else:
        run = judging.read(spike, told)
    if not quiet:
        show(run, told.get("wanted", 0))
    # Somebody may have ended or paused the change in another terminal meanwhile.
    current = look(today.copy)
    busy = current.at_work(spike)
    if busy is not None and busy[0].number == change.number and busy[1].state != PAUSED:
        working.light(current, change, spike, run)


def show(run: Run, wanted: int) -> None:
    """Say what colour the run has, and the first failures."""
    seconds = f"{run.seconds:.1f} s"
    if run.light == AMBER and not run.trouble:
        say(f"AMBER  no test ran  {seconds}", "yellow")
    elif run.light == AMBER:
        say(f"AMBER  {seconds}\n{run.trouble}", "yellow")
    elif run.light == GREEN:
        say(f"GREEN  all {run.passed}  {seconds}", "bold green")
    else:
        more = "" if run.passed + run.failed >= wanted else " so far"
        say(f"RED  {run.failed} of {wanted}{more}  {seconds}", "bold red")
        for test, reason in run.failures[:MOST_SHOWN]:
            say(f"✗ {test.rpartition('::')[2]}", "red")
            say(f"  {reason}", "dim")
