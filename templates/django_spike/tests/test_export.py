"""What leaves the spike as CSV, and the report."""

from collections.abc import Callable

import pytest

from spike import export
from spike.models import Record
from spike.workflow import FIRST_STATE, State


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"], ids=repr)
def test_text_is_no_formula(start: str) -> None:
    assert export.cell(f"{start}1") == f"'{start}1"


def test_a_number_below_zero_stays_a_number() -> None:
    assert export.cell(-1) == -1


def test_the_report_has_every_state(record_in: Callable[..., Record]) -> None:
    record_in()
    report = export.report(Record.objects.all())
    assert [row["state"] for row in report] == [state.value for state in State]
    assert {row["state"]: row["count"] for row in report}[FIRST_STATE] == 1
