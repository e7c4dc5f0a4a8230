"""The commands of the day: what they take, refuse and print."""

import json as jsonlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twinspike.console import counted, on_a_terminal, say
from twinspike.errors import UsageError, UserError

if TYPE_CHECKING:
    from twinspike.day.load import Wanted

Spike = Annotated[str, typer.Argument(metavar="SPIKE", help="django or fastapi.")]
Number = Annotated[str, typer.Argument(metavar="CHANGE", help="Its number, as in 02.")]
Copy = Annotated[
    Path, typer.Option("--copy", metavar="FOLDER", help="The copy; else the folder you are in.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Go on without asking.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who builds it.")]


def day(copy: Copy = Path(), json: Json = False) -> None:
    """Show the plan of the day: each change on both sides, and what is next for whom."""
    from twinspike.day.plan import as_data, show
    from twinspike.day.today import look

    today = look(copy)
    if json:
        _print(as_data(today))
        return
    show(today)


def start(
    change: Number,
    spike: Spike,
    by: By = "",
    yes: Yes = False,
    copy: Copy = Path(),
    json: Json = False,
) -> None:
    """Begin a change in one spike: show the request, start the clock, run its tests once."""
    from twinspike.day import answer_key, targets, working
    from twinspike.day.progress import PAUSED
    from twinspike.day.today import look

    today = look(copy)
    spike = today.spike(spike)
    wanted = today.change(change)
    today.check_clock(yes)
    working.refuse_start(today, wanted, spike)
    if today.of(wanted, spike).state == PAUSED:
        working.resume(today, wanted, spike, by)
        if json:
            light = today.of(wanted, spike).last("light").get("light")
            _print({"change": wanted.number, "framework": spike, "light": light})
        else:
            say(f"{wanted.number} goes on in {spike}.")
        return
    missing = today.open_before(wanted, spike)
    if missing and not yes:
        _ask(
            f"{_numbers(missing)} {'comes' if len(missing) == 1 else 'come'} first and "
            f"{'is' if len(missing) == 1 else 'are'} part of what {wanted.number} asks for. "
            f"Begin {wanted.number} in {spike} all the same?"
        )
    if not json:
        _request(wanted, today.areas[wanted.area])
    working.keep_the_morning(today, spike, to_stderr=json)
    if not json:
        say("Its tests are found and run once, by the whole suite.", "dim")
    today = working.start(today, wanted, spike, by)
    if wanted.workflow is not None and today.built(spike) >= max(map(today.built, today.titles)):
        answer_key.follow_pages(today.copy, targets.workflow_of(today, wanted.number))
    begun = working.first_run(today, wanted, spike, to_stderr=json)
    if json:
        _print(
            {
                "change": wanted.number,
                "framework": spike,
                "title": wanted.title,
                "own_tests": len(begun.own),
                **begun.run.with_failures(),
            }
        )
    else:
        _begun(wanted.number, spike, begun)


def _begun(number: str, spike: str, begun: Any) -> None:
    from twinspike.day.judging import AMBER, GREEN

    if begun.run.light == AMBER:
        say(f"Amber: the tests could not run. {begun.run.trouble}", "yellow")
    elif begun.run.light == GREEN:
        say(
            "It starts green: the spike does everything that this change asks for, or none of its "
            "tests looks. Look at it on the screens, then end it.",
            "green",
        )
    else:
        say(f"Red: {_tests(begun.run.failed)} of its {len(begun.own)} to make green.", "red")
    say(f"Next: twinspike watch {spike}; at the end: twinspike done {number} {spike}")


def _request(change: Any, area: str) -> None:
    block = change.block
    say(f"\n{change.number}  {block.title}", "bold")
    say(f"{block.asked_by} asks: {block.why}")
    say(f"It exercises {area}; about {block.minutes} minutes.")
    if change.workflow is None:
        say(f"\n{change.words}\n")
    else:
        say(f"The workflow that it leads to: changes/{change.path.name}\n")


def pause(spike: Spike, copy: Copy = Path(), json: Json = False) -> None:
    """Stop the clock of what is under way in a spike; `start` lets it go on."""
    from twinspike.day import record, working
    from twinspike.day.today import look

    today = look(copy)
    change = working.pause(today, today.spike(spike))
    if json:
        minutes = look(copy).of(change, spike).worked(record.now()).minutes
        _print({"change": change.number, "framework": spike, "minutes": minutes})
        return
    say(f"{change.number} is paused in {spike}. To go on: twinspike start {change.number} {spike}")


def done(
    change: Number,
    spike: Spike,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="End it though tests are red; that is a finding.")
    ] = False,
    yes: Yes = False,
    copy: Copy = Path(),
    json: Json = False,
) -> None:
    """End a change in one spike: whole suite, minutes, lines, files; ends with 1 when it is red."""
    from twinspike.day import judging, record, targets, working
    from twinspike.day.progress import PAUSED
    from twinspike.day.today import look

    today = look(copy)
    spike = today.spike(spike)
    wanted = today.change(change)
    today.check_clock(yes)
    progress = working.refuse_end(today, wanted, spike)
    worked = progress.worked(record.now())
    targets.follow(today, spike)
    run = judging.run(today.copy, spike, to_stderr=json)
    green = run.light == judging.GREEN
    if not green and not unfinished:
        working.light(today, wanted, spike, run)
        raise UserError(
            f"{wanted.number} is not done in {spike}: "
            + (run.trouble or f"{_tests(run.failed)} red")
            + (". It is still paused." if progress.state == PAUSED else ". The clock goes on.")
            + "\nTo end it as it is, which is a finding: add --unfinished."
        )
    working.light(today, wanted, spike, run)
    cost = working.end(look(today.copy), wanted, spike, run, worked)
    if json:
        _print(
            {
                "change": wanted.number,
                "framework": spike,
                "green": green,
                "minutes": cost.minutes,
                "lines": cost.measured.lines,
                "files": cost.measured.files,
                "tests": cost.measured.tests,
                "migrations": cost.measured.migrations,
            }
        )
    else:
        _cost(look(today.copy), wanted.number, spike, cost)
    raise typer.Exit(0 if green else 1)


def _cost(today: Any, number: str, spike: str, cost: Any) -> None:
    measured = cost.measured
    say(
        f"{number} is done in {spike}: {cost.minutes:g} minutes, {counted(measured.total, 'line')} in "
        f"{counted(measured.files, 'file')}"
        + (f", and {measured.tests['lines']} of tests" if measured.tests["lines"] else "")
        + (
            f", {measured.migrations['lines']} of migrations"
            if measured.migrations["lines"]
            else ""
        )
        + ".",
        "green",
    )
    for area, lines in measured.lines.items():
        say(f"  {today.areas.get(area, area)}: {lines}")
    if cost.gaps:
        say("A gap of more than four hours was not counted.", "yellow")
    upcoming = today.next_change(spike)
    if upcoming is not None and upcoming.number > number:
        say(f"Next: twinspike start {upcoming.number} {spike}  ({upcoming.title})")


def skip(
    change: Number,
    spike: Spike,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The reason, in a sentence.")
    ] = "",
    copy: Copy = Path(),
    json: Json = False,
) -> None:
    """Leave a change out in one spike, with the reason; the review shows both."""
    from twinspike.day import working
    from twinspike.day.today import look

    today = look(copy)
    spike = today.spike(spike)
    wanted = today.change(change)
    if not why.strip():
        raise UsageError("Say why in a sentence: --why 'No time left.'")
    working.skip(today, wanted, spike, why.strip())
    if json:
        _print({"change": wanted.number, "framework": spike, "why": why.strip()})
        return
    say(f"{wanted.number} is skipped in {spike}.")
    if wanted.workflow is not None and wanted.number != today.numbers[-1]:
        say(
            "Later changes stand on it. To take it over from the answer key: "
            f"twinspike answer {wanted.number} {spike} --apply"
        )


def answer(
    change: Number,
    spike: Spike,
    apply: Annotated[
        bool, typer.Option("--apply", help="Merge it into the spike, with a migration.")
    ] = False,
    copy: Copy = Path(),
    json: Json = False,
) -> None:
    """Show the answer key of a change as a difference to what is there, or merge it in."""
    from twinspike.day import answer_key, record, targets
    from twinspike.day.today import look

    today = look(copy)
    spike = today.spike(spike)
    wanted = today.change(change)
    before = targets.workflow_of(today, today.built(spike, wanted.number))
    if wanted.workflow is not None:
        pieces = answer_key.pieces(today.copy, spike, before, wanted.workflow)
    elif patch := answer_key.patch_of(today.copy, wanted, spike):
        begins_with = targets.workflow_of(today, wanted.number)
        if apply and before != begins_with:
            earlier = [each for each in today.changes if each.number < wanted.number]
            missing = max(each.number for each in earlier if each.workflow is not None)
            raise UserError(
                f"{wanted.number} stands on {missing}, which {spike} does not have yet. "
                f"Take that over first: twinspike answer {missing} {spike} --apply"
            )
        pieces = answer_key.pieces_of_patch(today.copy, spike, begins_with, patch)
    else:
        raise UserError(
            f"{wanted.number} has no answer key: nobody has written one for these words. "
            f"What has to be true stands in changes/{wanted.path.name}."
        )
    marked = [piece for piece in pieces if piece.conflicts]
    said = record.add(
        today.copy, "answer", change=wanted.number, framework=spike, applied=apply and bool(pieces)
    )
    migration = ""
    if apply and pieces:
        answer_key.apply(today.copy, pieces)
        targets.follow(look(today.copy), spike)
        if wanted.workflow is not None and not marked:
            migration = answer_key.make_migration(
                today.copy,
                spike,
                f"change_{wanted.path.stem.replace('-', '_')}",
                answer_key.fillings(before, wanted.workflow),
            )
    if json:
        _print(
            {
                "change": wanted.number,
                "framework": spike,
                "applied": said.data["applied"],
                "files": [{"path": piece.path, "conflicts": piece.conflicts} for piece in pieces],
                "migration": migration,
            }
        )
    elif not pieces:
        say(f"Nothing differs: {wanted.number} is in the {spike} spike already.")
    elif not apply:
        print("".join(piece.diff() for piece in pieces), end="")
    else:
        for piece in pieces:
            conflicts = f"  {counted(piece.conflicts, 'conflict')}" if piece.conflicts else ""
            say(f"{piece.path}{conflicts}", "yellow" if conflicts else "")
        if migration:
            say(migration)
    if marked and apply:
        raise UserError(
            f"{counted(len(marked), 'file')} of yours {'differs' if len(marked) == 1 else 'differ'} "
            "from the answer key in the same lines; both stand between the "
            "marks <<<<<<< and >>>>>>>. Decide, then make the migration, if tables changed: see the spike's README."
        )


def watch(spike: Spike, copy: Copy = Path(), json: Json = False) -> None:
    """Keep a spike running, reload it on save, and say red, amber or green within seconds."""
    from twinspike.day.today import look
    from twinspike.day.watching import watch

    today = look(copy)
    watch(today, today.spike(spike), as_json=json)


def board(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The local port; any free one, if 0.")
    ] = 8010,
    once: Annotated[
        bool, typer.Option("--once", help="Write board.html and end, without a server.")
    ] = False,
    copy: Copy = Path(),
    json: Json = False,
) -> None:
    """Show the day on one page at a local address, and keep it as board.html."""
    from twinspike.day.board import as_data, serve, write
    from twinspike.day.today import look

    today = look(copy)
    path = write(today)
    if json:
        _print(as_data(today))
        return
    if once:
        say(f"Wrote {path}.")
        return
    serve(today.copy, port)


def check(copy: Path, spikes: list[str], *, only: str, change: str, json: bool) -> bool:
    """Judge the spikes of the copy and say what came of it; whether all is green."""
    from twinspike.day.checking import check

    green, runs = check(copy, spikes, only=only, change=change, to_stderr=json)
    if json:
        _print({"green": green, "spikes": {run.spike: run.with_failures() for run in runs}})
    return green


def load(copy: Path, spikes: list[str], wanted: "Wanted", *, json: bool) -> bool:
    """Put the spikes of the copy under load; whether all was answered and the figures say something."""
    from twinspike.day.load import load

    well, told = load(copy, spikes, wanted, to_stderr=json)
    if json and told:
        _print(told)
    return well


def _ask(question: str) -> None:
    if not on_a_terminal():
        raise UserError(f"{question} Add --yes.")
    if not typer.confirm(question):
        raise UserError("Nothing was begun.")


def _numbers(changes: list[Any]) -> str:
    numbers = [change.number for change in changes]
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"


def _tests(count: int) -> str:
    return counted(count, "test")


def _print(data: Any) -> None:
    print(jsonlib.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")
