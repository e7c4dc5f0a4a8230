"""The commands `score` and `review`: what they print, and the code they end with."""

import json as jsonlib
from datetime import date as Date
from pathlib import Path
from typing import Annotated, Any

import typer

from twinspike.errors import UserError
from twinspike.scorecard.card import Card, Finding, Kind

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE", help="Scorecards; all of the copy, if left out."),
]
Copy = Annotated[
    Path, typer.Argument(metavar="[COPY]", help="The copy; the folder you are in, if left out.")
]
Blank = Annotated[
    bool,
    typer.Option("--blank", help="First write a blank scorecard for everybody who has none."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Day = Annotated[
    str | None, typer.Option("--date", help="The day of the review, as in 2026-03-31; else today.")
]


def score(files: Files = None, blank: Blank = False, json: Json = False) -> None:
    """Check scorecards: every problem with its place; ends with 1 when something is missing."""
    from twinspike.scorecard.areas import FILE_NAME, load_plan
    from twinspike.scorecard.blank import write_blanks
    from twinspike.scorecard.collecting import FOLDER, collect, find_copy

    root, chosen = chosen_files(files or [], find_copy)
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


def review(copy: Copy = Path(), date: Day = None, json: Json = False) -> None:
    """Write the pages of the review meeting from the scorecards; ends with 1 when one is unreadable."""
    from twinspike.scorecard.collecting import collect, find_copy
    from twinspike.scorecard.pages import FOLDER, write_pages
    from twinspike.scorecard.review import build_review

    root = find_copy(copy)
    collection = collect(root)
    broken = [card for card in collection.cards if not card.readable]
    if broken:
        for card in broken:
            print_card(card)
        raise UserError("Nothing was written: mend these scorecards first, or move them away.")
    built = build_review(collection, day_of(date))
    paths = write_pages(built, root / FOLDER)
    if json:
        print(jsonlib.dumps(summary(built, paths), ensure_ascii=False, indent=2))
        return
    print_review(built, paths)


def chosen_files(files: list[Path], find_copy: Any) -> tuple[Path, list[Path]]:
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


def day_of(text: str | None) -> Date:
    """The date, today for None; raises `UserError` for what is none."""
    if text is None:
        return Date.today()
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise UserError(f"'{text}' is not a date as in 2026-03-31.", exit_code=2) from None


def report(cards: tuple[Card, ...], absent: list[str]) -> None:
    """Print what is wrong, what was read kindly, and a last line that sums it up."""
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


def print_review(built: Any, paths: list[Path]) -> None:
    """Print where the pages are, what is missing from them, and where people differ most."""
    from twinspike.scorecard import words

    say(f"Wrote {', '.join(short(path) for path in paths)}.", "green")
    if paths[-1].name == "decision.new.md":
        say("decision.md was edited by hand and is left as it is; compare it with decision.new.md.")
    if built.absent:
        say(f"Without a scorecard: {words.names(built.absent)}. The page says so.", "yellow")
    if built.missing:
        total = sum(len(who) for _, _, who in built.missing)
        say(f"{total} scores are missing. They are left out, counted and bounded.", "yellow")
    topics = [topic.area.title for topic in built.topics if topic.area.name in built.widest]
    if topics:
        say(f"Where people differ most: {words.names(topics)}.")
    say(f"The lead: {' – '.join(words.verdict(built))}")


def summary(built: Any, paths: list[Path]) -> dict[str, object]:
    """The review as data."""
    from twinspike.scorecard import words

    lead = built.lead
    return {
        "pages": [str(path) for path in paths],
        "date": str(built.day),
        "people": built.people,
        "absent": built.absent,
        "widest": built.widest,
        "areas": [
            {
                "name": t.area.name,
                "weight": t.area.weight,
                "disagreement": plain(t.summary.disagreement),
                "difference": plain(t.summary.gap),
                "medians": {name: plain(y.median) for name, y in t.summary.tallies.items()},
                "scores": {
                    name: {p: words.score_text(s) for p, s in y.scores.items()}
                    for name, y in t.summary.tallies.items()
                },
            }
            for t in built.topics
        ],
        "lead": None
        if lead is None
        else {
            "verdict": words.verdict(built)[0],
            "value": plain(lead.value),
            "band": round(lead.band, 4),
            "lowest": plain(lead.lowest),
            "highest": plain(lead.highest),
            "pairs_counted": lead.counted,
            "pairs_possible": lead.possible,
            "turns_at": {
                flip.area.name: None if flip.weight is None else str(flip.weight)
                for flip in lead.flips
            },
        },
        "next_look": str(built.next_look.day),
    }


def plain(value: Any) -> float | None:
    """A fraction as a number."""
    return None if value is None else round(float(value), 4)


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


def short(path: Path) -> str:
    """The path from here, where that is shorter."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def say(text: str, style: str = "") -> None:
    """Print a line; colour only where the terminal has it, and never a break inside a path."""
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False, emoji=False, markup=False)
    console.print(text, style=style or None)
