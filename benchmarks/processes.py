"""What processes use, with all that they have started."""

from typing import Any

import psutil


def family(process: Any) -> list[psutil.Process]:
    """A process and what it has started."""
    first = psutil.Process(process.pid)
    return [first, *first.children(recursive=True)]


def processor_seconds(process: Any) -> float:
    """The processor time so far."""
    times = [each.cpu_times() for each in family(process)]
    return sum(time.user + time.system for time in times)


def megabytes(process: Any) -> float:
    """The memory that is this family's own."""
    return sum(each.memory_full_info().uss for each in family(process)) / 1_000_000
