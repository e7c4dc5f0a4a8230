"""Blank scorecards, from the same source as those that came with the copy."""

from pathlib import Path

from twinspike.scorecard.areas import Plan
from twinspike.templating import render


def blank_scorecard(plan: Plan, person: str) -> str:
    """The Markdown of a scorecard in which nothing is filled in yet."""
    return render(
        "scorecard/scorecard.md.jinja",
        person=person,
        project=plan.project,
        record=plan.record,
        frameworks=plan.frameworks,
        areas=plan.areas,
        checklist=plan.checklist,
    )


def write_blanks(plan: Plan, folder: Path) -> list[Path]:
    """Write a blank scorecard for everybody in the team who has none; gives the new files."""
    folder.mkdir(exist_ok=True)
    written = []
    for person in plan.team:
        path = folder / f"{person}.md"
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(blank_scorecard(plan, person))
        except FileExistsError:
            continue
        written.append(path)
    return written
