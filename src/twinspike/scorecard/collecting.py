"""Finding and reading the scorecards of a copy."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from twinspike.scorecard.areas import FILE_NAME, Plan, load_plan
from twinspike.scorecard.blank import blank_scorecard
from twinspike.scorecard.card import Card, Finding, Kind
from twinspike.scorecard.reading import read_card
from twinspike.scorecard.scanner import Known

FOLDER = "scorecards"
FINAL = "final"


@dataclass(frozen=True, slots=True)
class Collection:
    """The scorecards of a copy, first round and final, in the order of their names."""

    root: Path
    plan: Plan
    cards: tuple[Card, ...]

    @property
    def first(self) -> dict[str, Card]:
        """The first round by person."""
        return {card.person: card for card in self.cards if not card.final}

    @property
    def final(self) -> dict[str, Card]:
        """The round after the discussion by person."""
        return {card.person: card for card in self.cards if card.final}

    @property
    def absent(self) -> list[str]:
        """Who is in the team but has no scorecard."""
        return [person for person in self.plan.team if person not in self.first]


def scorecard_files(root: Path, plan: Plan) -> list[Path]:
    """The scorecards of both rounds; README.md is one only if somebody has that name."""
    folder = root / FOLDER
    found = [*sorted(folder.glob("*.md")), *sorted((folder / FINAL).glob("*.md"))]
    return [
        path
        for path in found
        if not path.name.startswith(".")
        and (path.stem.casefold() != "readme" or path.stem in plan.team)
    ]


def collect(root: Path, files: Iterable[Path] = ()) -> Collection:
    """Read the given scorecards, or all of the copy's."""
    plan = load_plan(root / FILE_NAME)
    known = Known.of(plan, blank_scorecard(plan, ""))
    paths = list(dict.fromkeys(files)) or scorecard_files(root, plan)
    cards = [read_card(path, known, final=path.resolve().parent.name == FINAL) for path in paths]
    for card in cards:
        if plan.team and card.person not in plan.team:
            remark = f"{card.person} is not in the team of {FILE_NAME}; counted all the same"
            card.findings.append(Finding(Kind.NOTE, 1, "", remark))
    mention_twins(cards)
    return Collection(root, plan, tuple(cards))


def mention_twins(cards: list[Card]) -> None:
    """Note scorecards of different people that are the same word for word."""
    seen: dict[tuple[object, ...], Card] = {}
    for card in cards:
        if not card.scored:
            continue
        key = (card.final, *((k, c.score, c.reason) for k, c in sorted(card.cells.items())))
        other = seen.setdefault(key, card)
        if other is not card:
            remark = f"the same as {other.person}'s, word for word"
            card.findings.append(Finding(Kind.NOTE, 1, "", remark))
