"""The labels that a scorecard's lines carry; each names its area and its framework itself.

A line says in full what it is about, so that one that strays under another heading, is doubled, or loses
its neighbours is noticed instead of counting for something else.
"""

from dataclasses import dataclass
from enum import Enum

from twinspike.errors import UserError
from twinspike.scorecard.areas import FILE_NAME, Plan
from twinspike.scorecard.card import FELT
from twinspike.scorecard.values import words_of

BEFORE, AFTER, FEELING, COMMITTING = (
    "Before the day",
    "After the day",
    "How it felt",
    "Before committing",
)


class Slot(Enum):
    """What a labelled line holds."""

    SCORE = "score"
    REASON = "reason"
    EXPECTS = "expects"
    BUILT = "built"
    FELT = "felt"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it is printed, the section that it belongs to, and what its value is for.

    `key` is (area, framework) for scores and reasons, (framework, kind) for what was felt, (check,) for an
    answer.
    """

    text: str
    section: str
    slot: Slot
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every label and every section of a plan, by their plain words."""

    labels: dict[str, Label]
    sections: dict[str, str]
    longest_first: tuple[tuple[str, Label], ...]


def vocabulary(plan: Plan) -> Vocabulary:
    """The labels and sections that a scorecard of this plan has.

    Raises `UserError` where two titles of the plan would give the same label or heading.
    """
    labels = [Label("I expect", BEFORE, Slot.EXPECTS), Label("I built", AFTER, Slot.BUILT)]
    for area in plan.areas:
        for framework in plan.frameworks:
            key = (area.name, framework.name)
            text = f"{area.title}, {framework.title}"
            labels.append(Label(text, area.title, Slot.SCORE, key))
            labels.append(Label(f"{text}, why", area.title, Slot.REASON, key))
    for framework in plan.frameworks:
        for kind in FELT:
            text = f"{kind}, {framework.title}"
            labels.append(Label(text, FEELING, Slot.FELT, (framework.name, kind)))
    for check in plan.checklist:
        labels.append(Label(check.title, COMMITTING, Slot.ANSWER, (check.name,)))
    titles = [BEFORE, AFTER, *(area.title for area in plan.areas), FEELING, COMMITTING]
    known = {words_of(label.text): label for label in labels}
    for label in labels:
        if known[words_of(label.text)] is not label:
            raise UserError(f"{FILE_NAME}: areas: two lines would be called “{label.text}”.")
    for title in titles:
        if titles.count(title) > 1:
            raise UserError(f"{FILE_NAME}: areas: “{title}” is a heading of every scorecard.")
    return Vocabulary(
        labels=known,
        sections={words_of(title): title for title in titles},
        longest_first=tuple(sorted(known.items(), key=lambda item: -len(item[0]))),
    )
