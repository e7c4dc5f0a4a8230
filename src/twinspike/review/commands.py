"""The command `review`: what it prints, and the code it ends with."""

import json as jsonlib
from datetime import date as Date
from pathlib import Path
from typing import Annotated, Any

import typer

from twinspike.console import say, short
from twinspike.errors import UsageError, UserError
from twinspike.paths import find_copy

Copy = Annotated[
    Path, typer.Argument(metavar="[COPY]", help="The copy; the folder you are in, if left out.")
]
Day = Annotated[
    str | None, typer.Option("--date", help="The day of the review, as in 2026-03-31; else today.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def review(copy: Copy = Path(), date: Day = None, json: Json = False) -> None:
    """Write the pages of the review meeting from the scorecards; ends with 1 when one is unreadable."""
    from twinspike.review.content import build_review
    from twinspike.review.pages import FOLDER, write_pages
    from twinspike.scorecard.collecting import collect
    from twinspike.scorecard.commands import print_card

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


def day_of(text: str | None) -> Date:
    """The date, today for None; raises `UsageError` for anything that is not one."""
    if text is None:
        return Date.today()
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a date as in 2026-03-31.") from None


def print_review(built: Any, paths: list[Path]) -> None:
    """Print where the pages are, what is missing from them, and where people differ most."""
    from twinspike.review import words

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
    from twinspike.review import words

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
