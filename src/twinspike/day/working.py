"""Beginning and ending work on a change: what is refused, what is measured, what the record is told."""

from dataclasses import dataclass
from pathlib import Path

from twinspike.console import say
from twinspike.day import judging, measuring, record, sizes, targets
from twinspike.day.changes import Change
from twinspike.day.clock import Worked
from twinspike.day.folder import day_folder
from twinspike.day.judging import Run
from twinspike.day.measuring import Measured
from twinspike.day.progress import DONE, PAUSED, RUNNING, SKIPPED, Progress
from twinspike.day.today import Today, look
from twinspike.errors import UserError
from twinspike.run.suite import run_suite

ENDED = {DONE: "done", SKIPPED: "skipped"}


def own(change: Change, spike: str) -> str:
    """What the list of the change's own tests is called."""
    return f"own-{change.number}-{spike}"


def refuse_start(today: Today, change: Change, spike: str) -> None:
    """Raise `UserError` when the change cannot be begun now in this spike."""
    if today.of(change, spike).state == DONE:
        raise UserError(f"{change.number} is done in {spike}; there is nothing to start.")
    busy = today.at_work(spike)
    if busy is None or (busy[0] == change and busy[1].state == PAUSED):
        return
    other, progress = busy
    if other == change:
        raise UserError(f"{change.number} is under way in {spike} already.")
    raise UserError(
        f"{other.number} is {'under way' if progress.state == RUNNING else 'paused'} in {spike}. End it "
        f"first: twinspike done {other.number} {spike}, or twinspike skip {other.number} {spike} --why …"
    )


def keep_the_morning(today: Today, spike: str, *, to_stderr: bool) -> None:
    """Before the first change: tell the record how many lines the spike needs, and keep its database.

    Raises `UserError` when the spike does not start.
    """
    known = [event for event in today.day.events if event.kind == "morning"]
    if any(event.data.get("framework") == spike for event in known):
        return
    if not to_stderr:
        say("Before the first change: its lines are counted, and its database is kept.", "dim")
    lines = sizes.lines_by_area(today.copy, spike)
    if run_suite(today.copy, "morning", [spike], to_stderr=to_stderr) != 0:
        raise UserError(
            f"The {spike} spike does not start as it is; mend that before the first change."
        )
    record.add(today.copy, "morning", framework=spike, lines=lines)


@dataclass(frozen=True)
class Begun:
    """A change that was just begun: the run of its own tests."""

    run: Run
    own: list[str]


def start(today: Today, change: Change, spike: str, by: str) -> Today:
    """Start the clock and give the spike the change as its target; gives the day as it is then."""
    path = targets.path_of(today.copy, spike)
    source = path if path.is_file() else today.copy / "workflow.yml"
    before_file(today, change, spike).write_bytes(source.read_bytes())
    (day_folder(today.copy) / f"{own(change, spike)}.txt").unlink(missing_ok=True)
    record.add(
        today.copy,
        "start",
        change=change.number,
        framework=spike,
        title=change.title,
        area=change.area,
        by=by,
        first=not any(today.of(change, name).last("start") for name in today.frameworks),
        picture=measuring.picture(today.copy, spike),
    )
    now = look(today.copy)
    targets.follow(now, spike)
    return now


def before_file(today: Today, change: Change, spike: str) -> Path:
    """The target that the spike had before this change was begun."""
    return day_folder(today.copy) / f"before-{change.number}-{spike}.yml"


def resume(today: Today, change: Change, spike: str, by: str) -> None:
    """Let the clock of a paused change go on."""
    record.add(today.copy, "resume", change=change.number, framework=spike, by=by)


def first_run(today: Today, change: Change, spike: str, *, to_stderr: bool = False) -> Begun:
    """Run the whole suite with the new target, find the change's own tests, and tell the record."""
    copy = today.copy
    before = judging.tests_of(copy, spike, before_file(today, change, spike))
    red_before = judging.kept(copy, f"red-{spike}") or judging.red_in_results(copy, spike)
    whole = judging.run(copy, spike, to_stderr=to_stderr)
    if whole.light == judging.AMBER:
        light(today, change, spike, whole)
        return Begun(whole, [])
    tests = judging.own_tests(whole, before, red_before)
    judging.keep(copy, own(change, spike), tests)
    mine = whole.of(tests) if tests else whole
    light(today, change, spike, mine)
    return Begun(mine, tests)


def light(today: Today, change: Change, spike: str, run: Run) -> None:
    """Tell the record of a run of the tests, with the lines changed since the change was begun."""
    lines = since_start(today, change, spike).total
    record.add(
        today.copy, "light", change=change.number, framework=spike, **run.as_data(), lines=lines
    )


def since_start(today: Today, change: Change, spike: str) -> Measured:
    """What differs in the spike from the moment at which the change was begun."""
    picture = today.of(change, spike).last("start").get("picture")
    if not picture:
        return Measured()
    return measuring.between(today.copy, spike, str(picture), measuring.picture(today.copy, spike))


def pause(today: Today, spike: str) -> Change:
    """Stop the clock of what is under way in the spike. Raises `UserError` when nothing is."""
    busy = today.at_work(spike)
    if busy is None:
        raise UserError(f"Nothing is under way in {spike}.")
    change, progress = busy
    if progress.state == PAUSED:
        raise UserError(
            f"{change.number} is paused in {spike} already; "
            f"twinspike start {change.number} {spike} goes on."
        )
    record.add(today.copy, "pause", change=change.number, framework=spike)
    return change


def refuse_end(today: Today, change: Change, spike: str) -> Progress:
    """How far the change is. Raises `UserError` when it was not begun or has ended."""
    progress = today.of(change, spike)
    if progress.state in ENDED:
        raise UserError(f"{change.number} is {ENDED[progress.state]} in {spike} already.")
    if progress.state not in (RUNNING, PAUSED):
        raise UserError(
            f"{change.number} was not begun in {spike}: twinspike start {change.number} {spike}"
        )
    return progress


@dataclass(frozen=True)
class Cost:
    """What a change has cost in one framework."""

    minutes: float
    gaps: int
    measured: Measured
    run: Run


def end(today: Today, change: Change, spike: str, run: Run, worked: Worked) -> Cost:
    """Tell the record that the change is done, with what it has cost.

    `worked` is up to the moment at which its end was asked for: nobody works while the whole suite runs.
    """
    progress = today.of(change, spike)
    measured = since_start(today, change, spike)
    judging.keep(today.copy, f"red-{spike}", [test for test, _ in run.failures])
    record.add(
        today.copy,
        "done",
        change=change.number,
        framework=spike,
        title=change.title,
        area=change.area,
        by=progress.by,
        first=progress.last("start").get("first") is True,
        minutes=worked.minutes,
        lines=measured.lines,
        files=measured.files,
        tests=measured.tests,
        migrations=measured.migrations,
        lights=colours(progress),
        green=run.light == judging.GREEN,
        passed=run.passed,
        failed=run.failed,
        answered=progress.answered,
    )
    return Cost(worked.minutes, len(worked.gaps), measured, run)


def colours(progress: Progress) -> dict[str, int]:
    """How many of the runs of the change had each colour."""
    seen = [event.data.get("light") for event in progress.lights]
    return {colour: seen.count(colour) for colour in (judging.RED, judging.AMBER, judging.GREEN)}


def skip(today: Today, change: Change, spike: str, why: str) -> None:
    """Tell the record that the change is left out in this spike, and why."""
    progress = today.of(change, spike)
    if progress.state in ENDED:
        raise UserError(f"{change.number} is {ENDED[progress.state]} in {spike} already.")
    measured = since_start(today, change, spike)
    record.add(
        today.copy,
        "skip",
        change=change.number,
        framework=spike,
        title=change.title,
        area=change.area,
        why=why,
        by=progress.by,
        lights=colours(progress),
        minutes=progress.worked(record.now()).minutes,
        lines=measured.lines,
        files=measured.files,
    )
    targets.follow(look(today.copy), spike)
