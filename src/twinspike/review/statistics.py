"""What the scores say, in exact fractions.

Medians for the level: scores are ranks, and a median does not pretend otherwise (Stevens 1946, "On the theory
of scales of measurement"). The mean distance between two people (Gini's mean difference) for disagreement:
agreement coefficients such as alpha or the intraclass correlation mean nothing for three to eight people.
The lead is a weighted mean of differences within the same person and area, so that a strict and a mild
person count alike; scores that are not there are left out, counted, and bounded, never filled in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from twinspike.review.noise import HIGHEST, LOWEST, band
from twinspike.scorecard.areas import Area, Framework
from twinspike.scorecard.values import Mark, Score

Scores = Mapping[str, Mapping[tuple[str, str], Score]]
"""The scores by person, then by (area, framework), all by name."""


def median(values: Iterable[int]) -> Fraction | None:
    """The middle value, or the mean of the two middle ones; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[half])
    return Fraction(ordered[half - 1] + ordered[half], 2)


def mean_distance(values: Iterable[int]) -> Fraction | None:
    """How far two different people's values are apart on average; None for fewer than two.

    Gini's mean difference: with the values in order, value number i (from 0) of n is the greater one in i
    pairs and the lesser one in n - 1 - i.
    """
    ordered = sorted(values)
    n = len(ordered)
    if n < 2:
        return None
    total = sum(value * (2 * index - n + 1) for index, value in enumerate(ordered))
    return Fraction(2 * total, n * (n - 1))


@dataclass(frozen=True, slots=True)
class Tally:
    """One area in one framework: who gave what, and the middle."""

    scores: Mapping[str, Score]

    @property
    def numbers(self) -> dict[str, int]:
        """The scores that are numbers, by person."""
        return {person: score for person, score in self.scores.items() if isinstance(score, int)}

    def marked(self, mark: Mark) -> list[str]:
        """Who has this mark in place of a number."""
        return [person for person, score in self.scores.items() if score is mark]

    @property
    def median(self) -> Fraction | None:
        """The median of the numbers; None without numbers."""
        return median(self.numbers.values())

    @property
    def distance(self) -> Fraction | None:
        """The mean distance between two people, None where there are not two."""
        return mean_distance(self.numbers.values())


@dataclass(frozen=True, slots=True)
class AreaSummary:
    """One area: the tally of each framework, and each person's difference between the two."""

    area: Area
    tallies: Mapping[str, Tally]
    gaps: Mapping[str, int]

    @property
    def gap(self) -> Fraction | None:
        """The mean difference, first framework minus second; None where nobody scored both."""
        if not self.gaps:
            return None
        return Fraction(sum(self.gaps.values()), len(self.gaps))

    @property
    def disagreement(self) -> Fraction | None:
        """The mean distance between two people's scores, averaged over the frameworks."""
        distances = [t.distance for t in self.tallies.values() if t.distance is not None]
        return sum(distances, Fraction(0)) / len(distances) if distances else None

    @property
    def rank(self) -> tuple[Fraction, Fraction, int]:
        """Orders areas by disagreement, then by disagreement on which framework is ahead, then weight."""
        return (
            self.disagreement or Fraction(-1),
            mean_distance(self.gaps.values()) or Fraction(-1),
            self.area.weight,
        )

    def favour(self) -> tuple[int, int, int]:
        """How many people scored the first framework higher, the second, and both the same."""
        gaps = self.gaps.values()
        return (
            sum(gap > 0 for gap in gaps),
            sum(gap < 0 for gap in gaps),
            sum(gap == 0 for gap in gaps),
        )


def summarise(
    areas: Sequence[Area], frameworks: Sequence[Framework], scores: Scores
) -> list[AreaSummary]:
    """A summary of each area, in the given order."""
    summaries = []
    for area in areas:
        tallies = {
            f.name: Tally({p: given[area.name, f.name] for p, given in scores.items()})
            for f in frameworks
        }
        gaps = {}
        if len(frameworks) == 2:
            first, second = (tallies[f.name].numbers for f in frameworks)
            gaps = {p: first[p] - second[p] for p in scores if p in first and p in second}
        summaries.append(AreaSummary(area, tallies, gaps))
    return summaries


def widest_first(summaries: Iterable[AreaSummary]) -> list[AreaSummary]:
    """The areas with the widest disagreement first; equal ones stay in their order."""
    return sorted(summaries, key=lambda summary: summary.rank, reverse=True)


class Verdict(Enum):
    """What the lead allows to say."""

    AHEAD = "ahead"
    CLOSE = "too close to call"
    UNCOUNTED = "too close to call: missing scores could turn it"
    NONE = "no lead can be computed"


@dataclass(frozen=True, slots=True)
class Flip:
    """The weight of an area at which the lead would be exactly 0, the others unchanged; None if no weight does that."""

    area: Area
    gap: Fraction | None
    weight: Fraction | None


@dataclass(frozen=True, slots=True)
class Lead:
    """The lead of the first framework over the second, in points; below zero the second leads.

    `value` is None where no area with a weight has anybody who scored both. `lowest` and `highest` are what
    it could be if the scores that are not there were any from 1 to 5.
    """

    value: Fraction | None
    band: float
    lowest: Fraction
    highest: Fraction
    counted: int
    possible: int
    left_out: tuple[Area, ...]
    flips: tuple[Flip, ...]
    verdict: Verdict

    @property
    def clear(self) -> bool:
        """Whether the lead is more than chance explains and no missing score could turn it."""
        return self.verdict is Verdict.AHEAD


def lead(summaries: Sequence[AreaSummary], people: Sequence[str]) -> Lead:
    """The lead over all areas by their weights; both frameworks must be there."""
    counting = [s for s in summaries if s.gap is not None and s.area.weight]
    total = sum(s.area.weight for s in counting)
    value: Fraction | None = None
    shares: dict[tuple[str, str], float] = {}
    if total:
        value = weighted(counting) / total
        for s in counting:
            for person in s.gaps:
                shares[person, s.area.name] = s.area.weight / total / len(s.gaps)
    width = band(shares) if shares else 0.0
    lowest, highest = bounds(summaries, people)
    return Lead(
        value=value,
        band=width,
        lowest=lowest,
        highest=highest,
        counted=sum(len(s.gaps) for s in summaries if s.area.weight),
        possible=sum(len(people) for s in summaries if s.area.weight),
        left_out=tuple(s.area for s in summaries if s.gap is None and s.area.weight),
        flips=tuple(flip(summaries, s) for s in summaries),
        verdict=judge(value, width, lowest, highest),
    )


def weighted(summaries: Iterable[AreaSummary]) -> Fraction:
    """The sum of the areas' gaps by weight; an area without a gap adds nothing."""
    return sum((s.area.weight * (s.gap or Fraction(0)) for s in summaries), Fraction(0))


def judge(value: Fraction | None, width: float, lowest: Fraction, highest: Fraction) -> Verdict:
    """What may be said about a lead of this value within this band and these bounds."""
    if value is None:
        return Verdict.NONE
    if abs(value) <= width:
        return Verdict.CLOSE
    if lowest <= 0 <= highest:
        return Verdict.UNCOUNTED
    return Verdict.AHEAD


def bounds(summaries: Sequence[AreaSummary], people: Sequence[str]) -> tuple[Fraction, Fraction]:
    """The least and the greatest lead if every score that is not there were some number from 1 to 5."""
    total = sum(s.area.weight for s in summaries)
    if not total or not people:
        return Fraction(0), Fraction(0)
    ends = [Fraction(0), Fraction(0)]
    for summary in summaries:
        first, second = (tally.numbers for tally in summary.tallies.values())
        share = Fraction(summary.area.weight, total * len(people))
        for person in people:
            ends[0] += share * (first.get(person, LOWEST) - second.get(person, HIGHEST))
            ends[1] += share * (first.get(person, HIGHEST) - second.get(person, LOWEST))
    return ends[0], ends[1]


def flip(summaries: Sequence[AreaSummary], one: AreaSummary) -> Flip:
    """The weight of one area at which the lead is 0.

    The weighted sum of gaps is linear in each weight, so its root is exact (Triantaphyllou & Sánchez 1997,
    "A sensitivity analysis approach for some deterministic multi-criteria decision-making methods"). A
    negative root, or no root, means that no weight of this area does it.
    """
    others = weighted([s for s in summaries if s is not one])
    if not one.gap:
        return Flip(one.area, one.gap, None)
    weight = -others / one.gap
    return Flip(one.area, one.gap, weight if weight >= 0 else None)


def lean(
    areas: Sequence[Area], frameworks: Sequence[Framework], given: Mapping[tuple[str, str], Score]
) -> Fraction | None:
    """One person's own lead, over the areas where both scores are numbers; None without such an area."""
    total = weights = Fraction(0)
    for area in areas:
        scores = [given[area.name, f.name] for f in frameworks]
        numbers = [Fraction(score) for score in scores if isinstance(score, int)]
        if len(numbers) == 2:
            total += area.weight * (numbers[0] - numbers[1])
            weights += area.weight
    return total / weights if weights else None
