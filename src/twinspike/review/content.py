"""Everything that the review's pages show, computed once for all three."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from twinspike.errors import UserError
from twinspike.review.agenda import Item, NextLook, hour, next_look, topics
from twinspike.review.evidence import Evidence, gather
from twinspike.review.history import History, weight_history
from twinspike.review.statistics import (
    AreaSummary,
    Lead,
    lead,
    lean,
    summarise,
    widest_first,
)
from twinspike.scorecard.areas import Area, Framework, Plan
from twinspike.scorecard.card import Card, Cell
from twinspike.scorecard.collecting import Collection
from twinspike.scorecard.values import NO_DIFFERENCE, Mark, Score, begins_with


@dataclass(frozen=True, slots=True)
class Sentence:
    """What one person said about an area in a framework, with the score in both rounds."""

    person: str
    label: str
    score: Score
    reason: str
    before: Score | None = None

    @property
    def moved(self) -> bool:
        """Whether the score changed between the rounds."""
        return (
            self.before is not None
            and self.before is not self.score
            and (self.before != self.score)
        )


@dataclass(frozen=True, slots=True)
class Topic:
    """An area as the page shows it: its summary, and what was said for each framework."""

    summary: AreaSummary
    sentences: dict[str, list[Sentence]]
    first_round: AreaSummary | None

    @property
    def area(self) -> Area:
        """The area itself."""
        return self.summary.area

    @property
    def outermost(self) -> tuple[str, Sentence, Sentence] | None:
        """The framework whose scores lie furthest apart, with the lowest and the highest of them."""
        found = None
        widest = 0
        for framework, sentences in self.sentences.items():
            numbered = [(s.score, s) for s in sentences if isinstance(s.score, int)]
            if numbered and numbered[-1][0] - numbered[0][0] > widest:
                widest = numbered[-1][0] - numbered[0][0]
                found = (framework, numbered[0][1], numbered[-1][1])
        return found


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a person expected, read only where it begins with one of the choices, and what they scored."""

    person: str
    words: str
    expected: str | None
    lean: Fraction | None


@dataclass(frozen=True, slots=True)
class Review:
    """All that the pages show; `people` are those who handed in scores."""

    plan: Plan
    day: date
    people: list[str]
    labels: dict[str, str]
    absent: list[str]
    cards: dict[str, Card]
    final: list[str]
    topics: list[Topic]
    agenda: list[Item]
    widest: list[str]
    not_reached: list[tuple[Area, Framework, list[str]]]
    missing: list[tuple[Area, Framework, list[str]]]
    lead: Lead | None
    first_lead: Lead | None
    expectations: list[Expectation]
    evidence: Evidence
    history: History
    next_look: NextLook

    @property
    def frameworks(self) -> tuple[Framework, ...]:
        """The frameworks that were tried."""
        return self.plan.frameworks


def build_review(collection: Collection, day: date) -> Review:
    """The review of these scorecards on this day; raises `UserError` where nobody handed in any."""
    plan = collection.plan
    first = {p: card for p, card in collection.first.items() if card.scored}
    final = {p: card for p, card in collection.final.items() if card.scored}
    people = sorted({*first, *final}, key=str.casefold)
    if not people:
        raise UserError("Nobody has filled in a scorecard yet; they are in scorecards/.")
    cards = {p: final.get(p) or first[p] for p in people}
    summaries = summarise(plan.areas, plan.frameworks, scores_of(cards))
    before = summarise(plan.areas, plan.frameworks, scores_of(first)) if final and first else None
    labels = initials(people)
    both = len(plan.frameworks) == 2
    shown = widest_first(summaries)
    return Review(
        plan=plan,
        day=day,
        people=people,
        labels=labels,
        absent=[p for p in dict.fromkeys([*plan.team, *collection.first]) if p not in cards],
        cards=cards,
        final=[p for p in people if p in final],
        topics=[
            topic(summary, plan, cards, first if final else {}, labels, before) for summary in shown
        ],
        agenda=hour(summaries),
        widest=[summary.area.name for summary in topics(summaries)],
        not_reached=marked(summaries, plan, Mark.NOT_REACHED),
        missing=marked(summaries, plan, Mark.MISSING),
        lead=lead(summaries, people) if both else None,
        first_lead=lead(before, list(first)) if both and before else None,
        expectations=[expectation(p, plan, cards[p], first.get(p)) for p in people],
        evidence=gather(collection.root, [f.name for f in plan.frameworks]),
        history=weight_history(collection.root, plan.weights),
        next_look=next_look(day),
    )


def scores_of(cards: dict[str, Card]) -> dict[str, dict[tuple[str, str], Score]]:
    """The scores alone."""
    return {p: {key: cell.score for key, cell in card.cells.items()} for p, card in cards.items()}


def topic(
    summary: AreaSummary,
    plan: Plan,
    cards: dict[str, Card],
    first: dict[str, Card],
    labels: dict[str, str],
    before: list[AreaSummary] | None,
) -> Topic:
    """One area with its sentences, lowest score first, those without a number last."""
    sentences: dict[str, list[Sentence]] = {}
    for framework in plan.frameworks:
        key = (summary.area.name, framework.name)
        said = []
        for person, card in cards.items():
            cell = card.cells[key]
            earlier = first[person].cells[key] if card.final and person in first else None
            said.append(sentence(person, labels[person], cell, earlier))
        said.sort(
            key=lambda s: (not isinstance(s.score, int), s.score if isinstance(s.score, int) else 0)
        )
        sentences[framework.name] = said
    earlier_summary = next((s for s in before or () if s.area is summary.area), None)
    return Topic(summary, sentences, earlier_summary)


def sentence(person: str, label: str, cell: Cell, earlier: Cell | None) -> Sentence:
    """What the person said, with the earlier score where there is one."""
    return Sentence(person, label, cell.score, cell.reason, earlier.score if earlier else None)


def marked(
    summaries: list[AreaSummary], plan: Plan, mark: Mark
) -> list[tuple[Area, Framework, list[str]]]:
    """Where this mark stands in place of a number, and whose it is."""
    return [
        (summary.area, framework, people)
        for summary in summaries
        for framework in plan.frameworks
        if (people := summary.tallies[framework.name].marked(mark))
    ]


def expectation(person: str, plan: Plan, card: Card, first: Card | None) -> Expectation:
    """What was expected before the day, beside the person's own lead."""
    words = (first.expects if first else "") or card.expects
    choices = {f.title: f.name for f in plan.frameworks} | {NO_DIFFERENCE: "even"}
    chosen = begins_with(words, choices) if len(plan.frameworks) == 2 else None
    expected = choices[chosen] if chosen else None
    own = {key: cell.score for key, cell in card.cells.items()}
    return Expectation(person, words, expected, lean(plan.areas, plan.frameworks, own))


def initials(people: list[str]) -> dict[str, str]:
    """The shortest beginning of each name that nobody else's name has, three letters at most.

    Where three letters are not enough, a number.
    """
    labels: dict[str, str] = {}
    folded = {person: person.casefold() for person in people}
    for number, person in enumerate(people, start=1):
        for length in (1, 2, 3):
            start = folded[person][:length]
            same = sum(other.startswith(start) for other in folded.values())
            if same == 1 or start == folded[person]:
                labels[person] = person[:length].strip().capitalize()
                break
        else:
            labels[person] = str(number)
    return labels
