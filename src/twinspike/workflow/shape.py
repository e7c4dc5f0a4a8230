"""Mistakes in the shape of a workflow: keys and kinds of values, in words instead of pydantic's."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from twinspike.workflow.mistakes import Mistake, suggestion
from twinspike.workflow.model import (
    FollowUp,
    Guard,
    Role,
    State,
    Transition,
    Workflow,
    WorkflowField,
    shown,
)


def plain(data: Any) -> Any:
    """The data with days as texts (2026-03-31), as JSON has them."""
    if isinstance(data, dict):
        return {_key(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple, set)):
        return [plain(value) for value in data]
    if isinstance(data, (date, datetime)):
        return data.isoformat()
    if isinstance(data, bytes):
        return data.decode("latin-1")
    return data


def _key(key: object) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def nothings(data: Any, place: str) -> Iterator[Mistake]:
    """A mistake for each key and item without a value."""
    if data is None:
        text = "there is nothing after the colon; write something or leave the key out"
        yield Mistake(place, text)
    elif isinstance(data, dict):
        for key, value in data.items():
            # A key that nobody knows has its own mistake.
            if value is not None or " " not in key:
                yield from nothings(value, f"{place}.{key}" if place else key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from nothings(value, f"{place}[{index}]")


def in_words(detail: ErrorDetails) -> Mistake:
    place = _place(detail["loc"])
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return Mistake(place, "is missing")
    if kind == "extra_forbidden":
        parent, key = detail["loc"][:-1], str(detail["loc"][-1])
        keys = _keys(parent)
        if value is None and " " in key:
            return Mistake(
                _place(parent), f"'{key}' is no key here; put a text with a comma in quotes"
            )
        return Mistake(place, f"'{key}' is no key here; {suggestion(key, keys, 'keys')}")
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        if isinstance(value, bool):
            return Mistake(place, f"{shown(value)} is not one of {', '.join(words)}")
        return Mistake(place, f"{shown(value)} is not one; {suggestion(value, words, 'words')}")
    if kind == "list_type":
        hint = f"; write [{value}]" if isinstance(value, str) and len(value) < 50 else ""
        return Mistake(place, f"{shown(value)} stands where a list belongs{hint}")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return Mistake(
            place, f"{shown(value)} stands where keys and values belong, as in {{name: …}}"
        )
    if kind == "too_short":
        least = context["min_length"]
        if least == 1:
            return Mistake(place, "the list is empty; fill it or leave the key out")
        return Mistake(place, f"has {len(value)}; at least {least} are needed")
    if kind == "too_long":
        return Mistake(place, f"has {len(value)}; {context['max_length']} are the most")
    return Mistake(place, detail["msg"].removeprefix("Value error, "))


def _place(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


_PARTS: dict[str, type[BaseModel]] = {
    "fields": WorkflowField,
    "roles": Role,
    "states": State,
    "transitions": Transition,
    "follow_ups": FollowUp,
    "when": Guard,
}


def _keys(parent: Sequence[str | int]) -> list[str]:
    names = [part for part in parent if isinstance(part, str)]
    part = _PARTS[names[-1]] if names else Workflow
    return [info.alias or name for name, info in part.model_fields.items()]
