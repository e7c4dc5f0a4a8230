"""`twinspike watch`: what the suite tells while it watches a spike, as lights for people and the record."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from twinspike.console import say
from twinspike.day import judging, working
from twinspike.day.changes import Change
from twinspike.day.folder import day_folder
from twinspike.day.judging import AMBER, GREEN, Run
from twinspike.day.progress import PAUSED
from twinspike.day.today import Today, look
from twinspike.errors import UserError
from twinspike.run.suite import end_suite, start_suite

MOST_SHOWN = 5


def watch(today: Today, spike: str, *, as_json: bool) -> None:
    """Watch the spike until Ctrl-C. Raises `UserError` when no change is under way in it."""
    change = _under_way(today, spike)
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
            _take(today, change, spike, told, quiet=as_json)
            if as_json:
                print(json.dumps(told, ensure_ascii=False), flush=True)
    except KeyboardInterrupt:  # the terminal has told the suite too
        pass
    finally:
        end_suite(process)


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


def _events(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    for line in process.stdout:
        try:
            yield json.loads(line)
        except ValueError:  # a word of uv's
            say(line.rstrip(), "dim")
    if process.wait() not in (0, 130):
        raise UserError("The suite has ended; its last lines stand above.")


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
