"""`twinspike check`: the whole suite or a part of it, and a light for the change under way."""

from pathlib import Path

from twinspike.console import say
from twinspike.day import judging, record, working
from twinspike.day.changes import FOLDER
from twinspike.day.folder import day_folder
from twinspike.day.progress import PAUSED
from twinspike.day.today import Today, look
from twinspike.errors import UserError
from twinspike.run.suite import run_suite


def check(copy: Path, spikes: list[str], *, only: str, change: str) -> bool:
    """Judge the spikes, all when none is named; whether all is green.

    `only` is an expression for -k; with `change` only that change's own tests are run. A whole run and a
    run of the own tests are lights of the change under way. Raises `UserError` for what is not there.
    """
    if change:
        today = look(copy)
        named = [today.spike(spike) for spike in spikes] or today.frameworks
        green = [_own(today, spike, change, only) for spike in named]
        return all(green)
    options = ["-k", only] if only else []
    if only and (copy / record.FILE).is_file():
        options.append("--running")
    if only or not (copy / FOLDER).is_dir() or not (copy / record.FILE).is_file():
        return run_suite(copy, "check", spikes, *options) == 0
    today = look(copy)
    file = day_folder(copy) / "outcomes.json"
    file.unlink(missing_ok=True)
    code = run_suite(copy, "check", spikes, "--outcomes", str(file))
    for spike, told in judging.told_in(file).items():
        _light(today, spike, judging.read(spike, told))
    return code == 0


def _light(today: Today, spike: str, run: judging.Run) -> None:
    busy = today.at_work(spike)
    if busy is not None and busy[1].state != PAUSED:
        working.light(today, busy[0], spike, run)


def _own(today: Today, spike: str, wanted: str, only: str) -> bool:
    """Whether the change's own tests are green in the spike."""
    change = today.change(wanted)
    tests = day_folder(today.copy) / f"{working.own(change, spike)}.txt"
    if not tests.is_file():
        raise UserError(
            f"{change.number} was not begun in {spike}: twinspike start {change.number} {spike}"
        )
    if not judging.kept(today.copy, working.own(change, spike)):
        say(f"{change.number} has no tests of its own in {spike}; run the whole suite.", "yellow")
        return True
    options = ["--tests", str(tests), "--running", *(["-k", only] if only else [])]
    run = judging.run(today.copy, spike, *options)
    busy = today.at_work(spike)
    if not only and busy is not None and busy[0] == change:
        _light(today, spike, run)
    return run.light == judging.GREEN
