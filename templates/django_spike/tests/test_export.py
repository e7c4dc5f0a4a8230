"""What leaves the spike as CSV, and the report."""

from collections.abc import Callable

import pytest

from spike import export
from spike.models import SEARCHED, Record
from spike.workflow import FIRST_STATE, State


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"], ids=repr)
def test_text_is_no_formula(start: str) -> None:
    for name in SEARCHED:
        assert export.cell(Record(**{name: f"{start}1"}), name) == f"'{start}1"


def test_a_number_below_zero_stays_a_number() -> None:
    assert export.cell(Record(version=-1), "version") == -1


def test_the_report_has_every_state(record_in: Callable[..., Record]) -> None:
    record_in()
    report = export.report(Record.objects.all())
    assert [row["state"] for row in report] == [state.value for state in State]
    assert {row["state"]: row["count"] for row in report}[FIRST_STATE] == 1
