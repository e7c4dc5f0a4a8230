"""The acceptance suite notices each fault that is put into Django's spike."""

from collections.abc import Callable
from concurrent.futures import Future

import pytest

from .fault import Fault, read_faults
from .workshop import Workshop, noticed

SPIKE = "django"
FAULTS = [fault for fault in read_faults() if fault.spike == SPIKE]


@pytest.mark.parametrize("case", FAULTS, ids=str)
def test_a_fault_is_noticed(
    case: Fault,
    workshop: Workshop,
    two_at_a_time: Callable[..., dict[Fault, Future[tuple[int, str]]]],
) -> None:
    noticed(case, workshop, two_at_a_time(workshop.run))
