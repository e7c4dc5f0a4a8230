"""Mistakes in the bounds of dates that are other date fields, or today.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from twinspike.files.mistakes import Mistake, shown, suggestion
from twinspike.workflow.conditions import is_date, relative

Part = Mapping[str, Any]
TODAY = "today"


class Order(NamedTuple):
    """One date must not be before another; the place of the bound that says so."""

    earlier: str
    later: str
    place: str


def bound_mistakes(fields: Sequence[tuple[int, Part]], names: Sequence[str]) -> Iterator[Mistake]:
    """Bounds that name nothing, go round in a circle, or leave no day; `names` are those of all fields."""
    days = {field["name"]: field for _, field in fields if field["type"] == "date"}
    known = {field["name"] for _, field in fields}
    orders: list[Order] = []
    for index, field in fields:
        for word in ("min", "max") if field["type"] == "date" else ():
            other, place = field.get(word), f"fields[{index}].{word}"
            if not relative(other):
                continue
            if other == field["name"]:
                yield Mistake(place, f"'{other}' is this field itself; name another date")
            elif other != TODAY and other in known and other not in days:
                yield Mistake(
                    place,
                    f"'{other}' is no date; a date is bound by another date field, by today or by a "
                    "day as in 2026-03-31",
                )
            elif other != TODAY and other not in days and other not in names:
                known = [day for day in days if day != field["name"]]
                hint = suggestion(other, [*known, TODAY], "words")
                yield Mistake(
                    place,
                    f"'{other}' is neither another date field nor a day as in 2026-03-31; {hint}",
                )
            elif other == TODAY or other in days:
                pair = (other, field["name"]) if word == "min" else (field["name"], other)
                problem = _circle(orders, *pair)
                if problem:
                    yield Mistake(place, problem)
                else:
                    orders.append(Order(*pair, place))
    for order in orders:
        if problem := _no_day(order, orders, days):
            yield Mistake(order.place, problem)
            return


def _circle(orders: Sequence[Order], earlier: str, later: str) -> str | None:
    """Why the order cannot be added to those before it, or None."""
    twice = [order for order in orders if (order.earlier, order.later) == (earlier, later)]
    if twice:
        return f"{twice[0].place} says the same already; once is enough"
    if earlier in _after(orders, later):
        return (
            f"'{earlier}' must not be before '{later}' already, so both would always be the same day; "
            "take one of the bounds away"
        )
    return None


def _after(orders: Sequence[Order], start: str) -> set[str]:
    """What must not be before the start, itself included."""
    found = {start}
    while more := {order.later for order in orders if order.earlier in found} - found:
        found |= more
    return found


def _no_day(order: Order, orders: Sequence[Order], days: Mapping[str, Part]) -> str | None:
    """Why no day is left between what comes before the order and what comes after it, or None."""
    before = _after([Order(o.later, o.earlier, o.place) for o in orders], order.earlier)
    after = _after(orders, order.later)
    lows = [(_day(days, name, "min"), name) for name in before]
    highs = [(_day(days, name, "max"), name) for name in after]
    first = max(((day, name) for day, name in lows if day), default=None)
    last = min(((day, name) for day, name in highs if day), default=None)
    if first and last and first[0] > last[0]:
        return (
            f"'{first[1]}' cannot be before {shown(first[0].isoformat())}, nor '{last[1]}' after "
            f"{shown(last[0].isoformat())}; no day is left for '{order.later}'"
        )
    return None


def _day(days: Mapping[str, Part], name: str, word: str) -> date | None:
    """The day of the calendar that bounds the field, or this day."""
    if name == TODAY:
        return datetime.now(UTC).date()
    value = days[name].get(word)
    return date.fromisoformat(value) if is_date(value) else None
