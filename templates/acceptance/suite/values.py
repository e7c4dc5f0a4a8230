"""Values for fields: good ones, bad ones, and those on either side of a guard's limit."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from suite.parts import Field, Guard, Record, Value
from suite.workflow import Workflow

EMAIL = re.compile(
    r"^[A-Za-z0-9._%+-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$", re.A
)
URL = re.compile(
    r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?#][!-~]*)?$", re.A
)
STEPS: dict[str, Any] = {"integer": 1, "money": Decimal("0.01"), "date": timedelta(days=1)}
GIVEN_NAMES = ("Ada", "Ben", "Carla")
MOST_MONEY = Decimal("9999999999.99")


def good(field: Field, number: int = 0) -> Value:
    """A plausible value; other numbers give other values where the field has room for them."""
    match field.type:
        case "choice":
            return field.choices[number % len(field.choices)]
        case "boolean":
            return number % 2 == 0
        case "person":
            return field.people[number % len(field.people)]
        case "integer":
            return _within(field, 7 + number, 1)
        case "money":
            return _within(field, Decimal("120.00") + number, Decimal("0.01"))
        case "date":
            return _within(field, field.usual_day + timedelta(days=number), timedelta(days=1))
        case "email":
            address = f"person{number}@example.org"
            return address if len(address) <= field.max_length else f"p{number % 10}@e.org"
        case "url":
            address = f"https://example.org/{number}"
            return address if len(address) <= field.max_length else f"http://e{number % 10}.org"
    return f"{number} {field.name}"[: field.max_length].strip()


def _within(field: Field, value: Any, step: Any) -> Any:
    """The value, or one near the limit that it exceeds."""
    if field.low is not None and value < field.low:
        return field.low
    if field.high is not None and value > field.high:
        lower = field.high - step
        return lower if field.low is None or lower >= field.low else field.high
    return value


def another(field: Field, than: Value) -> Value:
    """A good value that differs from the given one, where the field has two."""
    for number in range(1, 6):
        if good(field, number) != than:
            return good(field, number)
    return than


def quiet(flow: Workflow, record: Record, name: str) -> Value:
    """Another good value of the record's field, with which nothing happens to it by itself if there is one."""
    field, trial = flow.fields[name], record.copy()
    for number in range(1, 6):
        trial.values[name] = good(field, number)
        if trial.values[name] != record.values[name] and flow.due(trial) is None:
            return trial.values[name]
    return another(field, record.values[name])


def fits(field: Field, value: Value) -> bool:
    """Whether the field may hold the value."""
    if value == field.empty and field.type != "boolean":
        return not field.required
    if field.type == "choice":
        return value in field.choices
    if field.type == "person":
        return isinstance(value, str)
    if field.type in ("text", "long_text", "email", "url"):
        text = str(value)
        pattern = {"email": EMAIL, "url": URL}.get(field.type)
        return (
            text == text.strip()
            and len(text) <= field.max_length
            and (pattern is None or bool(pattern.match(text)))
        )
    if isinstance(value, Decimal) and not fits_money(value):
        return False
    low, high, given = field.low, field.high, cast(Any, value)
    return (low is None or given >= low) and (high is None or given <= high)


def fitted(
    workflow: Workflow, values: Mapping[str, Value], kept: Iterable[str] = ()
) -> dict[str, Value]:
    """The values so that they fit each other, those that are kept above all.

    Dates are moved into their order; a field that counts only sometimes has a value only where it counts.
    """
    kept = list(kept)
    found = workflow.put_in_order(values, kept)
    for name in kept:
        guard = workflow.fields[name].only_when
        asked = guard and found.get(name) not in (None, workflow.fields[name].empty)
        if guard and asked and not workflow.counts(name, found):
            found[guard.field] = meeting(workflow.fields[guard.field], guard)
    for name in workflow.sometimes:
        field, counts = workflow.fields[name], workflow.counts(name, found)
        if not counts and name in found:
            found[name] = field.empty
        elif counts and field.needed and found.get(name, field.empty) == field.empty:
            found[name] = good(field)
    return found


def with_needed(
    workflow: Workflow, now: Mapping[str, Value], new: Mapping[str, Value]
) -> dict[str, Value]:
    """The new values of a record that has others now, and what it must be given besides to fit them."""
    after = fitted(workflow, {**now, **new}, new)
    needed = [n for n, x in after.items() if x not in (now[n], workflow.fields[n].empty)]
    return {name: after[name] for name in (*new, *needed)}


def meeting(field: Field, guard: Guard) -> Value:
    """A value that the field may have and that meets the condition."""
    options = [*(good(field, number) for number in range(5)), *around(field, guard)]
    return next(value for value in options if guard.holds({field.name: value}))


def around(field: Field, guard: Guard) -> list[Value]:
    """The values on both sides of what the guard asks, and the empty one, as far as they fit."""
    limits = guard.limit if guard.test == "is_one_of" else (guard.limit,)
    if guard.test == "is_set":
        found: list[Value] = [good(field), field.empty]
    elif field.type in STEPS:
        step = STEPS[field.type]
        found = [near for limit in limits for near in (limit - step, limit, limit + step)]
    elif field.type == "boolean":
        found = [True, False]
    else:
        others = [value for value in field.choices or (good(field, 3),) if value not in limits]
        found = [*limits, *others[:1]]
    return [value for value in unique([*found, field.empty]) if fits(field, value)]


def candidates(workflow: Workflow, name: str, current: Value) -> list[Value]:
    """The values worth trying to satisfy the guards on a field, the present one first."""
    field = workflow.fields[name]
    guards = [guard for t in workflow.transitions for guard in t.guards if guard.field == name]
    found = [current, good(field), *(value for guard in guards for value in around(field, guard))]
    return [v for v in unique(found) if fits(field, v) or v == current]


def unique(values: Iterable[Value]) -> list[Value]:
    """Each value once, in order; 1 and True are not the same."""
    return [value for _, value in dict.fromkeys((type(value), value) for value in values)]


def bad(field: Field) -> Iterator[tuple[str, Any]]:
    """JSON values that the field refuses, each with what is wrong about it."""
    yield "an object", {"x": 1}
    yield "a list", []
    if field.needed:
        yield "nothing", "" if field.empty == "" else None
    if field.empty == "":
        yield "a NUL", "a\x00b"
        yield "a control character", "a\x1bb"
    if field.type in ("text", "long_text"):
        yield "too long", "x" * (field.max_length + 1)
        if field.needed:
            yield "only blanks", " \t "
    match field.type:
        case "choice":
            yield "no choice", "\u2014 none of these \u2014"
        case "email":
            yield "no address", "somebody"
            yield "two addresses", "a@example.org,b@example.org"
            yield "a line break", "a@example.org\nb"
        case "url":
            yield "a script", "javascript:alert(1)"
            yield "no scheme", "example.org"
            yield "a file", "file:///etc/passwd"
        case "integer":
            yield "a fraction", 1.5
            yield "text", "a few"
            yield "below the minimum", field.low - 1
            yield "above the maximum", field.high + 1
        case "money":
            yield "three decimals", "1.005"
            yield "separators, which only people use", "1,234.50"
            yield "text", "a lot"
            yield "infinity", "Infinity"
            yield "eleven digits", "12345678901"
            if field.low is not None and fits_money(field.low - Decimal("0.01")):
                yield "below the minimum", field.write(field.low - Decimal("0.01"))
            if field.high is not None and fits_money(field.high + Decimal("0.01")):
                yield "above the maximum", field.write(field.high + Decimal("0.01"))
        case "date":
            yield "no such day", "2031-02-30"
            yield "another order", "31.12.2031"
            if field.low is not None:
                yield "too early", field.write(field.low - timedelta(days=1))
            if field.high is not None:
                yield "too late", field.write(field.high + timedelta(days=1))
        case "person":
            yield "nobody's username", "nobody.of.this.name"
            yield "a name", named(field.people[0])
            yield "a NUL", "a\x00b"
            yield "somebody with another role", "admin"
        case "boolean":
            yield "text", "perhaps"
            yield "null", None


def named(username: str) -> str:
    """The name of one of the suite's own people."""
    role, _, number = username.rpartition(".")
    return f"{GIVEN_NAMES[int(number) - 1]} {role.replace('_', ' ').title()}"


def fits_money(value: Decimal) -> bool:
    """Whether the amount can be written with ten digits before the point."""
    return abs(value) <= MOST_MONEY


def edges(field: Field) -> Iterator[tuple[str, Any, Any]]:
    """JSON values at the edge of what the field takes: what it is, what is sent, what comes back."""
    match field.type:
        case "text" | "long_text":
            yield "the greatest length", "é" * field.max_length, "é" * field.max_length
            if field.max_length >= 20:
                yield "blanks around it", "  Ann  Lee ", "Ann  Lee"
                yield "many scripts", "名前 Ünï 👩‍💻", "名前 Ünï 👩‍💻"
                yield "markup", "<b>&amp;'\"%", "<b>&amp;'\"%"
        case "choice":
            for choice in field.choices:
                yield f"the choice {choice}", choice, choice
        case "integer":
            yield "the minimum", field.low, field.low
            yield "the maximum", field.high, field.high
        case "money":
            low = field.low if field.low is not None else -MOST_MONEY
            high = field.high if field.high is not None else MOST_MONEY
            yield "the minimum", field.write(low), field.write(low)
            yield "the maximum", field.write(high), field.write(high)
            between = good(field)
            if isinstance(between, Decimal) and between == int(between):
                yield "whole units", str(int(between)), field.write(between)
        case "email" | "url":
            yield "an address", good(field), good(field)
        case "person":
            yield "somebody", good(field, 1), good(field, 1)
        case "date":
            yield "a day", field.write(good(field)), field.write(good(field))
            for what, limit in (("the first day", field.low), ("the last day", field.high)):
                if limit is not None:
                    yield what, field.write(limit), field.write(limit)
        case "boolean":
            yield "true", True, True
            yield "false", False, False
    if not field.needed and field.type != "boolean":
        empty = field.write(field.empty)
        yield "nothing", empty, empty
