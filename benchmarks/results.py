"""Figures as Markdown."""

import statistics
from collections.abc import Iterable, Sequence


def middle(values: Sequence[float], digits: int = 0) -> str:
    """The median, and the range in brackets."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def ratio(ours: Sequence[float], floor: Sequence[float]) -> float:
    """Median to median."""
    return statistics.median(ours) / statistics.median(floor)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; columns after the first are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
