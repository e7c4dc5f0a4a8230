"""The command `score`: what it prints, and the code it ends with."""

import json as jsonlib
from pathlib import Path
from typing import Annotated

import typer

from twinspike.console import say, short
from twinspike.errors import UserError
from twinspike.paths import find_copy
from twinspike.scorecard.card import Card, Finding, Kind

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE", help="Scorecards, or a copy; all of the copy around you, if left out."
    ),
]
Blank = Annotated[
    bool,
    typer.Option("--blank", help="First write a blank scorecard for everybody who has none."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def score(files: Files = None, blank: Blank = False, json: Json = False) -> None:
    """Check scorecards: every problem with its place; ends with 1 when something is missing."""
    from twinspike.scorecard.areas import FILE_NAME, load_plan
    from twinspike.scorecard.blank import write_blanks
    from twinspike.scorecard.collecting import FOLDER, collect

    root, chosen = chosen_files(files or [])
    if blank:
        written = write_blanks(load_plan(root / FILE_NAME), root / FOLDER)
        if not json:
            say(
                f"Wrote {', '.join(short(path) for path in written) or 'nothing: nobody lacks one'}."
            )
    collection = collect(root, chosen)
    if not collection.cards:
        raise UserError(f"There are no scorecards in {short(root / FOLDER)}; try --blank.")
    absent = [] if chosen else collection.absent
    complete = all(card.complete for card in collection.cards) and not absent
    if json:
        data = {
            "complete": complete,
            "absent": absent,
            "scorecards": [as_data(card) for card in collection.cards],
        }
        print(jsonlib.dumps(data, ensure_ascii=False, indent=2))
    else:
        report(collection.cards, absent)
    raise typer.Exit(0 if complete else 1)


def chosen_files(files: list[Path]) -> tuple[Path, list[Path]]:
    """The copy and the scorecards that were named; folders stand for the scorecards in them."""
    chosen: list[Path] = []
    for path in files:
        if path.is_dir():
            inside = sorted(p for p in path.glob("*.md") if not p.name.startswith("."))
            if (path / "scorecard.yml").is_file():
                return find_copy(path), []
            chosen += inside
        elif not path.exists():
            raise UserError(f"{path}: there is no such file.")
        else:
            chosen.append(path)
    roots = {find_copy(path.parent) for path in chosen} or {find_copy(Path())}
    if len(roots) > 1:
        raise UserError("These scorecards belong to different copies; check one copy at a time.")
    return roots.pop(), chosen


def report(cards: tuple[Card, ...], absent: list[str]) -> None:
    """Print what is wrong, what was read in spite of its form, and a last line that sums it up."""
    for card in cards:
        print_card(card)
    for person in absent:
        say(f"{person}: no scorecard (scorecards/{person}.md)", "red")
    good = sum(card.complete for card in cards)
    problems = sum(len(card.of_kind(k)) for card in cards for k in (Kind.UNREADABLE, Kind.MISSING))
    text = f"{good} of {len(cards) + len(absent)} scorecards complete"
    if problems:
        text += f", {problems} problem{'s' if problems > 1 else ''} to mend"
    say(f"{text}.", "green" if not problems and not absent else "bold")


def print_card(card: Card) -> None:
    """Print the findings of one scorecard, the worst first."""
    path = short(card.path)
    for kind in (Kind.UNREADABLE, Kind.MISSING):
        for finding in card.of_kind(kind):
            say(f"{path}:{finding.line}: {quoted(finding)}", "red")
            say(f"    expected {finding.message}")
    notes = card.of_kind(Kind.NOTE)
    if card.complete:
        say(f"{path}: complete", "green")
    for finding in notes:
        place = f"{path}:{finding.line}: {quoted(finding)}: " if finding.text else f"{path}: "
        say(f"{place}{finding.message}", "dim")


def quoted(finding: Finding) -> str:
    """The line itself, cut where it is very long and with what a terminal would act on made visible."""
    text = finding.text.strip()
    if len(text) > 160:
        text = text[:159] + "…"
    text = "".join(c if c.isprintable() or c == " " else f"\\u{ord(c):04x}" for c in text)
    return f"“{text}”" if text else "(an empty line)"


def as_data(card: Card) -> dict[str, object]:
    """What was found in a scorecard, as data; its scores stay between its person and the review."""
    return {
        "person": card.person,
        "file": str(card.path),
        "round": "final" if card.final else "first",
        "complete": card.complete,
        "scored": card.scored,
        "possible": len(card.cells),
        "findings": [
            {"kind": f.kind.value, "line": f.line, "text": f.text, "message": f.message}
            for kind in Kind
            for f in card.of_kind(kind)
        ],
    }
