"""The decision to sign: one page in the form of a Markdown Architectural Decision Record, and an appendix."""

from twinspike.review import words
from twinspike.review.content import Review, Sentence
from twinspike.review.shared import markdown, shared, tidy
from twinspike.scorecard.areas import Area
from twinspike.scorecard.values import words_of
from twinspike.templating import render

MOST_SENTENCES = 3
SAYS_SOMETHING = 4  # words; fewer, as in "nothing much", are no reason to sign under


def decision_record(review: Review) -> str:
    """The record of the decision, for people to complete and sign (MADR 4)."""
    return tidy(
        render(
            "review/templates/decision.md.jinja",
            **shared(review),
            md=markdown,
            drivers=drivers(review),
            sentences=lambda name: scored(review, name),
            strongest=lambda name: strongest(review, name),
            better="; ".join(better(review)),
            measured=words.measured(review.evidence, review.frameworks),
        )
    )


def drivers(review: Review) -> list[tuple[int, str]]:
    """The titles of the areas by weight, the heaviest first."""
    weights = sorted({area.weight for area in review.plan.areas}, reverse=True)
    return [
        (weight, words.names([a.title for a in review.plan.areas if a.weight == weight], most=20))
        for weight in weights
    ]


def better(review: Review) -> list[str]:
    """For each framework the areas in which it was scored higher, in a sentence."""
    found = []
    for sign, framework in zip((1, -1), review.frameworks, strict=False):
        areas = [
            f"{t.area.title} (by {words.points(t.summary.gap)})"
            for t in review.topics
            if t.summary.gap is not None and t.summary.gap * sign > 0
        ]
        found.append(f"{framework.title} was scored higher in {words.names(areas) or 'no area'}")
    return found


def scored(review: Review, framework: str) -> list[tuple[Area, Sentence]]:
    """The sentences that come with a number, with their areas, in the plan's order."""
    by_area = {topic.area.name: topic for topic in review.topics}
    return [
        (area, sentence)
        for area in review.plan.areas
        for sentence in by_area[area.name].sentences[framework]
        if isinstance(sentence.score, int) and sentence.reason
    ]


def strongest(review: Review, framework: str) -> list[tuple[Area, Sentence]]:
    """The two or three sentences that say most for and against a framework, the good ones first.

    Those with the outermost scores in the heaviest areas, of these the longest, and no sentence twice.
    """

    def strength(pair: tuple[Area, Sentence]) -> tuple[int, int, int]:
        area, sentence = pair
        return abs(_number(sentence) - 3), area.weight, min(len(sentence.reason), 160)

    worth: dict[str, tuple[Area, Sentence]] = {}
    for area, sentence in sorted(scored(review, framework), key=strength, reverse=True):
        words = words_of(sentence.reason)
        if _number(sentence) != 3 and len(words.split()) >= SAYS_SOMETHING:
            worth.setdefault(words, (area, sentence))
    good = [pair for pair in worth.values() if _number(pair[1]) > 3]
    bad = [pair for pair in worth.values() if _number(pair[1]) < 3]
    bad = bad[: max(1, MOST_SENTENCES - len(good))]
    return good[: MOST_SENTENCES - len(bad)] + bad


def _number(sentence: Sentence) -> int:
    return sentence.score if isinstance(sentence.score, int) else 3
