"""The statistics against computations of another kind: by hand, by brute force, by simulation."""

# ruff: noqa: S311 - simulations draw numbers, not secrets

import itertools
import math
import random
import statistics as standard
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinspike.review.noise import band, chance, components
from twinspike.review.statistics import (
    Verdict,
    lead,
    lean,
    mean_distance,
    median,
    summarise,
    widest_first,
)
from twinspike.scorecard.areas import Area, Framework
from twinspike.scorecard.values import Mark

FRAMEWORKS = (Framework("django", "Django"), Framework("fastapi", "FastAPI"))
NUMBERS = st.lists(st.integers(1, 5), max_size=30)
FEW = settings(max_examples=100, derandomize=True, deadline=None, database=None)


def areas(*weights):
    """An area for each weight: a0, a1, …"""
    return [Area(f"a{n}", f"Area {n}", weight) for n, weight in enumerate(weights)]


def scores(table):
    """Scores by person from rows of (django, fastapi) pairs, one pair for each area."""
    return {
        f"p{n}": {
            (f"a{m}", framework.name): pair[index]
            for m, pair in enumerate(row)
            for index, framework in enumerate(FRAMEWORKS)
        }
        for n, row in enumerate(table)
    }


def lead_of(weights, table):
    """The lead for these weights and rows."""
    given = scores(table)
    return lead(summarise(areas(*weights), FRAMEWORKS, given), list(given))


@FEW
@given(NUMBERS)
def test_the_median_is_that_of_the_standard_library(values):
    assert median(values) == (standard.median(values) if values else None)


@FEW
@given(NUMBERS)
def test_the_mean_distance_is_the_mean_over_all_pairs(values):
    pairs = [abs(a - b) for a, b in itertools.combinations(values, 2)]
    assert mean_distance(values) == (Fraction(sum(pairs), len(pairs)) if pairs else None)


ROWS = st.lists(
    st.lists(
        st.tuples(*[st.sampled_from([1, 2, 3, 4, 5, Mark.NOT_REACHED, Mark.MISSING])] * 2),
        min_size=3,
        max_size=3,
    ),
    min_size=1,
    max_size=6,
)
WEIGHTS = st.lists(st.integers(0, 10), min_size=3, max_size=3)


@FEW
@given(WEIGHTS, ROWS)
def test_the_lead_is_the_weighted_mean_of_mean_differences(weights, table):
    means = {}
    for index in range(3):
        both = [row[index] for row in table if all(isinstance(s, int) for s in row[index])]
        if both and weights[index]:
            means[index] = standard.fmean(a - b for a, b in both)
    result = lead_of(weights, table)
    if not means:
        assert result.value is None
        assert result.verdict is Verdict.NONE
        return
    expected = sum(weights[i] * m for i, m in means.items()) / sum(weights[i] for i in means)
    assert float(result.value) == pytest.approx(expected)
    assert result.counted == sum(
        all(isinstance(s, int) for s in row[i]) for row in table for i in range(3) if weights[i]
    )


@FEW
@given(WEIGHTS, ROWS)
def test_no_filling_in_of_what_is_missing_leaves_the_bounds(weights, table):
    result = lead_of(weights, table)
    draw = random.Random(repr((weights, table)))
    for _ in range(5):
        full = [
            [tuple(s if isinstance(s, int) else draw.randint(1, 5) for s in pair) for pair in row]
            for row in table
        ]
        value = lead_of(weights, full).value
        if value is not None:
            assert result.lowest <= value <= result.highest


@FEW
@given(WEIGHTS, ROWS)
def test_the_bounds_are_reached_by_the_worst_and_the_best_case(weights, table):
    result = lead_of(weights, table)
    worst = [
        [tuple(s if isinstance(s, int) else e for s, e in zip(p, (1, 5), strict=True)) for p in row]
        for row in table
    ]
    best = [
        [tuple(s if isinstance(s, int) else e for s, e in zip(p, (5, 1), strict=True)) for p in row]
        for row in table
    ]
    if any(weights):
        assert lead_of(weights, worst).value == result.lowest
        assert lead_of(weights, best).value == result.highest


@FEW
@given(WEIGHTS, ROWS)
def test_at_its_flip_weight_the_lead_is_nil_and_turns_around_it(weights, table):
    for index, flip in enumerate(lead_of(weights, table).flips):
        if flip.weight is None:
            continue

        def at(weight, index=index):
            changed = [Fraction(w) for w in weights]
            changed[index] = weight
            return lead_of(changed, table).value

        value = at(flip.weight)
        assert value in (0, None)
        if flip.weight > 0:
            below, above = at(flip.weight / 2), at(flip.weight * 2)
            assert below is not None
            assert above is not None
            assert (below < 0 < above) or (above < 0 < below)


@FEW
@given(WEIGHTS, ROWS)
def test_where_there_is_no_flip_weight_no_weight_turns_the_lead(weights, table):
    for index, flip in enumerate(lead_of(weights, table).flips):
        if flip.weight is not None:
            continue
        values = []
        for weight in (0, 1, 2, 5, 10, 1000):
            changed = list(weights)
            changed[index] = weight
            values.append(lead_of(changed, table).value)
        signs = {value > 0 for value in values if value}
        assert len(signs) <= 1


def test_two_areas_by_hand():
    result = lead_of((2, 1), [[(4, 2), (2, 5)], [(5, 4), (3, 4)]])
    assert result.value == Fraction(2 * Fraction(3, 2) - 2, 3)
    assert [flip.weight for flip in result.flips] == [Fraction(4, 3), Fraction(3, 2) * 2 / 2]


def test_one_person_alone():
    result = lead_of((1,) * 7, [[(4, 3)] * 7])
    assert result.value == 1
    assert result.verdict is Verdict.CLOSE
    (summary, *_) = summarise(areas(1), FRAMEWORKS, scores([[(4, 3)]]))
    assert summary.disagreement is None


def test_unanimous_people_do_not_differ_and_a_wide_lead_is_clear():
    table = [[(5, 2)] * 7] * 5
    result = lead_of((1,) * 7, table)
    assert result.value == 3
    assert result.verdict is Verdict.AHEAD
    assert all(s.disagreement == 0 for s in summarise(areas(*[1] * 7), FRAMEWORKS, scores(table)))


def test_two_camps_differ_most_and_give_no_lead():
    table = [[(5, 1), (3, 3)]] * 4 + [[(1, 5), (3, 3)]] * 4
    result = lead_of((1, 1), table)
    assert result.value == 0
    assert result.verdict is Verdict.CLOSE
    summaries = summarise(areas(1, 1), FRAMEWORKS, scores(table))
    assert [s.area.name for s in widest_first(summaries)] == ["a0", "a1"]
    assert summaries[0].disagreement == Fraction(16 * 4, 28)
    assert summaries[0].favour() == (4, 4, 0)


def test_where_the_level_differs_alike_the_area_with_opposite_leads_comes_first():
    table = [[(5, 3), (5, 3)], [(3, 1), (3, 5)]]
    summaries = summarise(areas(1, 1), FRAMEWORKS, scores(table))
    assert [s.area.name for s in widest_first(summaries)] == ["a1", "a0"]


def test_an_area_that_nobody_reached_is_left_out_and_named():
    table = [[(5, 2), (Mark.NOT_REACHED, 4)]] * 3
    result = lead_of((1, 3), table)
    assert result.value == 3
    assert [area.name for area in result.left_out] == ["a1"]
    assert (result.counted, result.possible) == (3, 6)
    assert result.verdict is Verdict.UNCOUNTED or result.lowest > 0
    assert result.lowest == Fraction(3 + 3 * (1 - 4), 4)
    assert result.verdict is Verdict.UNCOUNTED


def test_when_all_weights_are_0_there_is_no_lead():
    result = lead_of((0, 0), [[(5, 1), (5, 1)]] * 3)
    assert result.value is None
    assert result.verdict is Verdict.NONE


def test_an_area_of_weight_0_does_not_count():
    assert lead_of((1, 0), [[(4, 3), (1, 5)]] * 3).value == 1


def test_two_hundred_people():
    draw = random.Random(7)
    table = [[(draw.randint(1, 5), draw.randint(1, 5)) for _ in range(7)] for _ in range(200)]
    result = lead_of((1,) * 7, table)
    assert float(result.value) == pytest.approx(
        standard.fmean(a - b for row in table for a, b in row)
    )
    assert 0.1 < result.band < 0.15


def test_a_missing_score_moves_nobody_elses():
    full = [[(5, 1), (2, 4)], [(4, 3), (3, 3)]]
    holed = [[(5, 1), (Mark.MISSING, 4)], [(4, 3), (3, 3)]]
    by_area = summarise(areas(1, 1), FRAMEWORKS, scores(full))
    holed_by_area = summarise(areas(1, 1), FRAMEWORKS, scores(holed))
    assert by_area[0].gap == holed_by_area[0].gap
    assert holed_by_area[1].gap == 0
    assert holed_by_area[1].tallies["fastapi"].numbers == {"p0": 4, "p1": 3}


def test_a_person_leans_over_the_areas_that_they_scored_in_both():
    given = scores([[(5, 3), (Mark.NOT_REACHED, 4), (2, 3)]])["p0"]
    assert lean(areas(1, 5, 2), FRAMEWORKS, given) == Fraction(2 - 2, 3)
    assert lean(areas(0, 5, 0), FRAMEWORKS, given) is None


# The noise band.


def equal_shares(people, number_of_areas):
    """The shares in the lead when everybody scored everything and all weights are the same."""
    return {
        (f"p{p}", f"a{a}"): 1 / (people * number_of_areas)
        for p in range(people)
        for a in range(number_of_areas)
    }


def simulated(people, number_of_areas, *, halo, noise=1.0, runs=4000, seed=1):
    """Leads of teams that compare two equally good frameworks."""
    draw = random.Random(seed)

    def judgement(bias):
        return max(1, min(5, round(3 + bias + draw.gauss(0, noise))))

    leads = []
    for _ in range(runs):
        total = 0
        for _ in range(people):
            first, second = draw.gauss(0, halo), draw.gauss(0, halo)
            total += sum(judgement(first) - judgement(second) for _ in range(number_of_areas))
        leads.append(abs(total) / (people * number_of_areas))
    return sorted(leads)


@pytest.mark.parametrize(("people", "expected"), [(3, 0.92), (5, 0.70), (8, 0.55)])
def test_the_band_is_what_others_found_for_a_team_of_this_size(people, expected):
    assert band(equal_shares(people, 8)) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(("people", "number_of_areas"), [(1, 8), (3, 7), (8, 7)])
def test_the_band_agrees_with_a_simulation(people, number_of_areas):
    leads = simulated(people, number_of_areas, halo=0.5)
    assert band(equal_shares(people, number_of_areas)) == pytest.approx(
        leads[int(0.95 * len(leads))], abs=0.08
    )


@pytest.mark.parametrize(("people", "share"), [(1, 0.38), (3, 0.09), (5, 0.03)])
def test_without_a_lean_half_a_point_is_as_common_as_others_found(people, share):
    leads = simulated(people, 8, halo=0.0)
    assert sum(value >= 0.5 for value in leads) / len(leads) == pytest.approx(share, abs=0.05)


def test_the_chances_of_the_five_scores_are_areas_under_the_normal_curve():
    chances = chance(3, 1)
    assert sum(chances) == pytest.approx(1)
    assert chances[2] == pytest.approx(math.erf(0.5 / math.sqrt(2)))
    assert chances[0] == pytest.approx(chances[4])


def test_the_variance_within_is_that_of_a_rounded_normal():
    _, alone = components(halo=1e-9)
    p2 = (math.erf(1.5 / math.sqrt(2)) - math.erf(0.5 / math.sqrt(2))) / 2
    p1 = 0.5 - math.erf(1.5 / math.sqrt(2)) / 2
    assert alone == pytest.approx(2 * (p2 * 1 + p1 * 4), rel=1e-3)


def test_more_people_and_more_equal_weights_make_the_band_narrower():
    assert band(equal_shares(8, 7)) < band(equal_shares(3, 7)) < band(equal_shares(1, 7))
    lopsided = {("p0", "a0"): 0.9, ("p0", "a1"): 0.1}
    assert band(lopsided) > band(equal_shares(1, 2))


def test_the_band_holds_in_95_of_100_teams_that_lean():
    width = band(equal_shares(3, 7))
    leads = simulated(3, 7, halo=0.5, seed=3)
    assert sum(value <= width for value in leads) / len(leads) == pytest.approx(0.95, abs=0.015)
