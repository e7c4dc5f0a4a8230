"""The arithmetic of `twinspike load`: when who asks, percentiles, failures, and runs that say nothing."""

from collections import Counter

import pytest
from loads import FIGURES, MOMENTS, TABLE, sample, usual
from rich.console import Console

ALL = {"record", "list", "search", "edit", "approve"}
figures, invalid, percentile = (FIGURES[name] for name in ("figures", "invalid", "percentile"))


def test_everybody_asks_once_a_second_and_evenly() -> None:
    planned = MOMENTS["moments"](200, 30, 200, ALL)
    assert len(planned) == 6000
    assert Counter(int(each.due) for each in planned) == dict.fromkeys(range(30), 200)
    dues = [each.due for each in planned]
    assert dues == pytest.approx([number / 200 for number in range(6000)])
    assert [each.due for each in planned if each.user == 17][:3] == [0.085, 1.085, 2.085]


def test_few_users_ask_evenly_too() -> None:
    assert [each.due for each in MOMENTS["moments"](4, 1, 200, ALL)] == [0, 0.25, 0.5, 0.75]


def test_users_who_come_slowly_ask_from_when_they_come() -> None:
    planned = MOMENTS["moments"](10, 5, 2, ALL)
    assert Counter(int(each.due) for each in planned) == {0: 1, 1: 3, 2: 6, 3: 8, 4: 10}
    assert all(each.due >= each.user / 2 for each in planned)


def test_the_mixture_has_its_shares_and_every_user_asks_for_everything() -> None:
    planned = MOMENTS["moments"](200, 20, 200, ALL)
    shares = Counter(each.kind for each in planned)
    assert shares == {"record": 1600, "list": 1200, "search": 600, "edit": 400, "approve": 200}
    assert {each.kind for each in planned if each.user == 0} == ALL


def test_what_a_workflow_lacks_is_a_look_at_a_record() -> None:
    shares = Counter(MOMENTS["pattern"]({"record", "list", "search"}))
    assert shares == {"record": 11, "list": 6, "search": 3}


def test_a_percentile_is_the_time_of_a_request() -> None:
    times = [number / 1000 for number in range(1, 101)]
    assert [percentile(times, share) for share in (0, 0.5, 0.95, 0.99, 1)] == [1, 50, 95, 99, 100]
    assert percentile([0.004], 0.99) == 4
    assert percentile([], 0.5) is None


def test_a_failed_request_is_never_a_fast_one() -> None:
    found = figures(
        [[*(sample(10) for _ in range(94)), *(sample(1, "answered 500") for _ in range(6))]], 10
    )
    assert (found.p50, found.p95, found.p99) == (10, None, None)
    assert (found.answered, found.failed, found.failures) == (94, 6, {"answered 500": 6})


def test_what_is_answered_after_the_end_lowers_the_achieved_rate() -> None:
    found = figures(
        [[sample(10, due=number / 10) for number in range(99)] + [sample(10_100, due=9.9)]], 10
    )
    assert (found.planned, found.achieved) == (10, 5)


def test_the_turns_of_a_spike_are_one_set_of_figures() -> None:
    found = figures([[sample(10)] * 50, [sample(30)] * 50], 5)
    assert (found.planned, found.achieved, found.p50, found.p95) == (10, 10, 10, 30)
    assert found.under_way == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("late", "busy", "reasons"),
    [
        (0, 0.5, 0),
        (1, 0.5, 0),
        (2, 0.5, 1),
        (0, 0.85, 1),
        (2, 0.85, 2),
    ],
)
def test_a_run_whose_generator_was_at_its_limit_is_invalid(
    late: int, busy: float, reasons: int
) -> None:
    samples = [sample(10, sent=0.3 if number < late else 0.001) for number in range(100)]
    assert len(invalid(samples, busy)) == reasons


def test_the_curve_tells_each_second_what_came_of_what_was_planned_for_it() -> None:
    samples = [sample(10), sample(1500), sample(20, "answered 500", due=1)]
    first, second, *_ = FIGURES["curve"](samples, 3)
    assert first == {"planned": 2, "failed": 0, "answered": 1, "p50": 10, "p95": 1500}
    assert second == {"planned": 1, "failed": 1, "answered": 1, "p50": None, "p95": None}


def test_the_table_fits_a_terminal_and_says_what_is_amiss() -> None:
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(TABLE["table"](usual()))
    text = console.export_text()
    assert "…" not in text
    assert text.count("django") == text.count("fastapi") == 3
    django, fastapi = (
        next(line for line in text.splitlines() if line.strip().startswith(name))
        for name in ("django 2", "fastapi 1")
    )
    assert django.split()[2:9] == ["10", "9", "5", "–", "–", "4", "4.2"]
    assert fastapi.split()[6] == "44"
    assert TABLE["warnings"](usual()) == [
        "django 2: of 40 requests 4 answered 500.",
        "fastapi 2 is invalid: 100.0 % of the requests were sent more than 0.1 s late. "
        "Ask with fewer --users, or on a machine that has nothing else to do.",
    ]
