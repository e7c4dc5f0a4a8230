"""`twinspike check`: the whole suite or a part of it, and a light for the change under way."""

from pathlib import Path

from twinspike.console import say
from twinspike.day import judging, record, working
from twinspike.day.changes import FOLDER
from twinspike.day.folder import day_folder
from twinspike.day.judging import Run
from twinspike.day.progress import PAUSED, RUNNING
from twinspike.day.today import Today, look
from twinspike.errors import UserError
from twinspike.run.suite import run_suite


def check(
    copy: Path, spikes: list[str], *, only: str, change: str, to_stderr: bool = False
) -> tuple[bool, list[Run]]:
    """Judge the spikes, all when none is named: whether all is green, and each one's run.

    `only` is an expression for -k; with `change` only that change's own tests are run. A whole run and a
    run of the own tests are lights of the change under way. Raises `UserError` for what is not there.
    """
    if change:
        today = look(copy)
        named = [today.spike(spike) for spike in spikes] or today.frameworks
        judged = [_own(today, spike, change, only, to_stderr=to_stderr) for spike in named]
        return all(green for green, _ in judged), [run for _, run in judged]
    measured = (copy / FOLDER).is_dir() and (copy / record.FILE).is_file()
    options = ["-k", only] if only else []
    if only and measured:
        options.append("--running")
    file = day_folder(copy) / "outcomes.json"
    file.unlink(missing_ok=True)
    code = run_suite(copy, "check", spikes, "--outcomes", str(file), *options, to_stderr=to_stderr)
    runs = [judging.read(spike, told) for spike, told in judging.told_in(file).items()]
    if measured and not only:
        today = look(copy)
        for run in runs:
            _light(today, run.spike, run)
    return code == 0, runs


def _light(today: Today, spike: str, run: Run) -> None:
    busy = today.at_work(spike)
    if busy is not None and busy[1].state != PAUSED:
        working.light(today, busy[0], spike, run)


def _own(today: Today, spike: str, wanted: str, only: str, *, to_stderr: bool) -> tuple[bool, Run]:
    """Whether the change's own tests are green in the spike, and their run."""
    change = today.change(wanted)
    tests = day_folder(today.copy) / f"{working.own(change, spike)}.txt"
    if not tests.is_file():
        if today.of(change, spike).state != RUNNING:
            raise UserError(
                f"{change.number} was not begun in {spike}: twinspike start {change.number} {spike}"
            )
        begun = working.first_run(today, change, spike, to_stderr=to_stderr)  # it was interrupted
        return begun.run.light == judging.GREEN, begun.run
    if not judging.kept(today.copy, working.own(change, spike)):
        if not to_stderr:
            say(
                f"{change.number} has no tests of its own in {spike}; run the whole suite.",
                "yellow",
            )
        return True, Run(spike)
    options = ["--tests", str(tests), "--running", *(["-k", only] if only else [])]
    run = judging.run(today.copy, spike, *options, to_stderr=to_stderr)
    busy = today.at_work(spike)
    if not only and busy is not None and busy[0] == change:
        _light(today, spike, run)
    return run.light == judging.GREEN, run
