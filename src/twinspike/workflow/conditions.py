"""Which values a field can have, and which conditions no value meets."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeGuard

from twinspike.files.mistakes import UNPRINTABLE, shown

Part = Mapping[str, Any]

TEXTS = {"text", "long_text", "email", "url"}
ORDERED = {"integer", "money", "date"}
ORDERING = {"more_than", "at_least", "less_than", "at_most"}
INTEGER = 2_147_483_647
MONEY = 9_999_999_999.99
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
URL = re.compile(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?#][!-~]*)?")


def why_not(value: Any, field: Part) -> str | None:
    """Why a value cannot be one of the field's, or None."""
    kind = field["type"]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "integer":
        if not number or isinstance(value, float):
            return f"{shown(value)} is not a whole number, but '{field['name']}' is an integer"
        if not -INTEGER <= value <= INTEGER:
            return f"{value} does not fit; an integer has at most {INTEGER} either way"
    elif kind == "money":
        if not number:
            return (
                f"{shown(value)} is not a number, but '{field['name']}' is money; write 500 or 99.5"
            )
        if abs(value) > MONEY:
            return f"{value} does not fit; money has at most ten digits before the point"
        if round(value, 2) != value:
            return f"{value} has more than two digits after the point; money has two"
    elif kind == "date":
        if not is_date(value):
            return f"{shown(value)} is not a date; '{field['name']}' needs one as in 2026-03-31"
    elif kind == "boolean":
        if not isinstance(value, bool):
            return f"{shown(value)} is neither true nor false, but '{field['name']}' is a boolean"
    elif not isinstance(value, str):
        return f"{shown(value)} is not a text, but '{field['name']}' is; put it in quotes"
    elif kind == "choice":
        choices = field.get("choices")
        if choices and value not in choices:
            hint = _choice_hint(value, choices)
            return f"{shown(value)} is not a choice of '{field['name']}'; {hint}"
    elif kind == "email" and not EMAIL.fullmatch(value):
        return f"{shown(value)} is not an e-mail address, but '{field['name']}' is one"
    elif kind == "url" and not URL.fullmatch(value):
        return f"{shown(value)} is not a web address, but '{field['name']}' is one"
    elif not value or value != value.strip() or UNPRINTABLE.search(value):
        return f"{shown(value)} can never be in '{field['name']}', which is one line without outer spaces"
    elif len(value) > field["length"]:
        return f"{shown(value)} is longer than '{field['name']}' can be"
    return None


def comparison(guard: Part) -> tuple[str, Any]:
    """The operator of a condition and what the field is compared with."""
    return next((word, value) for word, value in guard.items() if word != "field")


def is_date(text: object) -> TypeGuard[str]:
    """Whether the text is a day of the calendar, written as in 2026-03-31."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def fixed(field: Part, word: str) -> Any:
    """The bound `min` or `max` where it is a value, and None where it is today or another field."""
    value = field.get(word)
    return None if relative(value) else value


def relative(bound: object) -> TypeGuard[str]:
    """Whether the bound of a date is today or another field, and no day of the calendar."""
    return isinstance(bound, str) and bool(re.match("[a-z]", bound))


def _choice_hint(value: str, choices: list[str]) -> str:
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(value.lower(), list(by_lower), n=1, cutoff=0.6)
    if close:
        return f"did you mean '{by_lower[close[0]]}'?"
    return f"the choices are {', '.join(choices[:8])}{', …' if len(choices) > 8 else ''}"


def guard_problems(guard: Part, field: Part) -> Iterator[tuple[str, str]]:
    """What is wrong with a condition on this field: the key and why."""
    operator, value = comparison(guard)
    if operator == "is_set":
        if field["type"] == "boolean":
            yield operator, f"'{field['name']}' is always true or false; write `equals: true`"
        elif field.get("required"):
            yield operator, f"'{field['name']}' is required, so it is always set; take this away"
        return
    if field["type"] == "person":
        yield operator, f"'{field['name']}' names a person; only is_set makes sense there"
        return
    if operator in ORDERING and field["type"] not in ORDERED:
        yield (
            operator,
            f"'{field['name']}' is of type {field['type']}, which has no order; "
            "use equals, not_equals, is_one_of or is_set",
        )
        return
    if field["type"] == "long_text":
        yield operator, f"'{field['name']}' is a long_text; only is_set makes sense there"
        return
    if operator == "is_one_of" and field["type"] == "boolean":
        yield operator, f"'{field['name']}' is true or false; write `equals: true`"
        return
    values = value if operator == "is_one_of" else [value]
    for number, part in enumerate(values):
        word = f"{operator}[{number}]" if operator == "is_one_of" else operator
        if problem := why_not(part, field):
            yield word, problem
        elif part in values[:number]:
            yield word, f"{shown(part)} is there twice; once is enough"


def may_be_empty(guard: Part, field: Part) -> bool:
    """Whether a field that nobody has filled in meets the condition."""
    operator, value = comparison(guard)
    if field["type"] == "boolean":
        return (value is False) == (operator == "equals")
    return operator == "not_equals" or (operator == "is_set" and value is False)


def steps_of(value: Any, field: Part) -> int:
    """A value as a whole number of its smallest steps: integers, cents, days."""
    if field["type"] == "money":
        return round(value * 100)
    if field["type"] == "date":
        return date.fromisoformat(value).toordinal()
    return int(value)


def impossible(guards: Sequence[Part], field: Part) -> bool:
    """Whether no value of the field meets all of the conditions."""
    pairs = [comparison(guard) for guard in guards]
    set_to = {value for operator, value in pairs if operator == "is_set"}
    needs_value = True in set_to or any(op not in ("is_set", "not_equals") for op, _ in pairs)
    if False in set_to:
        return needs_value
    if field["type"] in ORDERED:
        return _empty_range(pairs, field)
    allowed: set[Any] | None = None
    if field["type"] == "boolean":
        allowed = {True, False}
    elif field["type"] == "choice":
        allowed = set(field.get("choices") or ())
    for operator, value in pairs:
        chosen = {"equals": [value], "is_one_of": value}.get(operator)
        if chosen is not None:
            allowed = set(chosen) if allowed is None else allowed & set(chosen)
    excluded = {value for operator, value in pairs if operator == "not_equals"}
    unset = field["type"] == "choice" and not field.get("required") and not needs_value
    return allowed is not None and not allowed - excluded and not unset


def _empty_range(pairs: Sequence[tuple[str, Any]], field: Part) -> bool:
    edge = {"integer": INTEGER, "money": round(MONEY * 100), "date": date.max.toordinal()}
    least, most = fixed(field, "min"), fixed(field, "max")
    low = -edge[field["type"]] if least is None else steps_of(least, field)
    high = edge[field["type"]] if most is None else steps_of(most, field)
    if field["type"] == "date" and least is None:
        low = date.min.toordinal()
    chosen: set[int] | None = None
    for operator, value in pairs:
        if operator in ("equals", "is_one_of"):
            values = value if operator == "is_one_of" else [value]
            steps = {steps_of(part, field) for part in values}
            chosen = steps if chosen is None else chosen & steps
        elif operator in ORDERING:
            step = steps_of(value, field)
            low = (
                max(low, step + (operator == "more_than"))
                if operator in ("more_than", "at_least")
                else low
            )
            high = (
                min(high, step - (operator == "less_than"))
                if operator in ("less_than", "at_most")
                else high
            )
    excluded = {steps_of(value, field) for operator, value in pairs if operator == "not_equals"}
    if chosen is not None:
        return not {step for step in chosen if low <= step <= high} - excluded
    return low > high or (low == high and low in excluded)
