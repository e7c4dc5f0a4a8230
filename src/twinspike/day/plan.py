"""The plan of the day, as a table and as data: each change on both sides, and what is next for whom."""

from typing import Any

from twinspike.day import record
from twinspike.day.progress import DONE, OPEN, SKIPPED, Progress
from twinspike.day.today import Today

# Shape and colour both tell, as on the board.
MARKS = {"red": ("■", "red"), "amber": ("▲", "yellow"), "green": ("●", "green")}
MOST_LIGHTS = 12


def side(progress: Progress) -> dict[str, Any]:
    """One change in one framework, as data."""
    done = progress.last("done") if progress.state == DONE else {}
    lines = done.get("lines") or {}
    return {
        "state": progress.state,
        "by": progress.by,
        "minutes": done.get("minutes", progress.worked(record.now()).minutes),
        "lines": sum(lines.values()) if done else last_lines(progress),
        "files": done.get("files"),
        "lights": [event.data.get("light") for event in progress.lights],
        "green": done.get("green"),
        "answered": progress.answered,
        "why": progress.last("skip").get("why", "") if progress.state == SKIPPED else "",
    }


def last_lines(progress: Progress) -> int | None:
    """The lines changed by the time of the last light; None before any."""
    return progress.lights[-1].data.get("lines") if progress.lights else None


def as_data(today: Today) -> dict[str, Any]:
    """The whole day."""
    return {
        "project": today.project,
        "changes": [
            {
                "number": change.number,
                "title": change.title,
                "asked_by": change.block.asked_by,
                "area": change.area,
                "minutes": change.block.minutes,
                "builds_first": today.builds_first(change),
                "sides": {name: side(today.of(change, name)) for name in today.frameworks},
            }
            for change in today.changes
        ],
        "next": {name: _next(today, name) for name in today.frameworks},
        "troubles": today.troubles,
    }


def _next(today: Today, framework: str) -> str | None:
    found = today.next_change(framework)
    return None if found is None else found.number


def show(today: Today) -> None:
    """Print the plan."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, emoji=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "Change", "Area"):
        table.add_column(heading)
    for title in today.titles.values():
        table.add_column(title)
    for change in today.changes:
        cells = [_cell(today, change, name) for name in today.frameworks]
        table.add_row(
            change.number, Text(change.title), Text(today.areas.get(change.area, "")), *cells
        )
    console.print(table)
    if not today.changes:
        console.print("There are no changes yet; changes/README.md says how to write one.")
    for name, title in today.titles.items():
        found = today.next_change(name)
        if found is not None:
            busy = today.at_work(name)
            verb = "Under way" if busy else "Next"
            first = " (builds first)" if today.builds_first(found) == name else ""
            console.print(f"{verb} in {title}: {found.number} {found.title}{first}", markup=False)
    for trouble in today.troubles:
        console.print(trouble, style="yellow", markup=False)


def _cell(today: Today, change: Any, framework: str) -> Any:
    from rich.text import Text

    told = side(today.of(change, framework))
    if told["state"] == OPEN:
        return Text("first" if today.builds_first(change) == framework else "second", "dim")
    text = Text(told["state"])
    for light in told["lights"][-MOST_LIGHTS:]:
        mark, colour = MARKS.get(light, ("?", ""))
        text.append(f" {mark}", colour)
    if told["state"] == SKIPPED:
        text.append(f" {told['why']}", "dim")
    else:
        text.append(f" {told['minutes']:.0f} min")
        if told["lines"] is not None:
            text.append(f", {told['lines']} lines")
    return text
