"""One hour for the meeting: the widest disagreements get most of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from twinspike.review.statistics import AreaSummary, widest_first

HOUR = 60
TALK = 30
MOST_TOPICS = 3

QUESTIONS = (
    "Did auth stay clean?",
    "Did the staff screens help or get in the way?",
    "Did the approval flow stay readable after the second change?",
)


@dataclass(frozen=True, slots=True)
class Item:
    """A part of the hour: from which minute, for how many, and what about."""

    start: int
    minutes: int
    title: str
    area: str = ""


def topics(summaries: Sequence[AreaSummary]) -> list[AreaSummary]:
    """The areas to talk about: at most three where people differ, the widest first."""
    return [s for s in widest_first(summaries) if s.disagreement][:MOST_TOPICS]


def hour(summaries: Sequence[AreaSummary]) -> list[Item]:
    """The hour's parts, which always fill 60 minutes."""
    chosen = topics(summaries)
    parts: list[tuple[int, str, str]] = [(5, "Everybody reads this page in silence", "")]
    for summary in chosen:
        parts.append((TALK // len(chosen), summary.area.title, summary.area.name))
    if not chosen:
        parts.append((TALK, "Nobody differs: what would change our minds?", ""))
    parts += [
        (10, "What was measured and what was expected, beside what we think now", ""),
        (5, "The questions before committing", ""),
        (10, "Decide, write down why, and set the date of the next look", ""),
    ]
    items = []
    start = 0
    for minutes, title, area in parts:
        items.append(Item(start, minutes, title, area))
        start += minutes
    return items


@dataclass(frozen=True, slots=True)
class NextLook:
    """When to look again: the proposed day, and the first and last that make sense."""

    day: date
    earliest: date
    latest: date


def next_look(review: date) -> NextLook:
    """Three weeks after the review, moved to Monday if that is a weekend; two to four weeks are fine."""
    day = review + timedelta(weeks=3)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    return NextLook(day, review + timedelta(weeks=2), review + timedelta(weeks=4))
