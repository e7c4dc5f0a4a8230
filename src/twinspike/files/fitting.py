"""Data from a file checked against a pydantic type: what does not fit, in words instead of pydantic's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import is_dataclass
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from twinspike.files.mistakes import Mistake, shown, suggestion

T = TypeVar("T")


def fit(kind: type[T], data: object) -> tuple[T | None, list[Mistake]]:
    """The data as this type, or None and every mistake in its shape."""
    try:
        return TypeAdapter(kind).validate_python(data), []
    except ValidationError as error:
        return None, [_in_words(kind, detail) for detail in error.errors()]


def empty_values(data: Any, place: str) -> Iterator[Mistake]:
    """A mistake for each key and item without a value."""
    if data is None:
        if place.endswith("]"):
            yield Mistake(place, "the item is empty; write something or take it away")
        else:
            text = "there is nothing after the colon; write something or leave the key out"
            yield Mistake(place, text)
    elif isinstance(data, dict):
        for key, value in data.items():
            # A key that nobody knows has its own mistake.
            if value is not None or " " not in key:
                yield from empty_values(value, f"{place}.{key}" if place else key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from empty_values(value, f"{place}[{index}]")


def _in_words(kind: Any, detail: ErrorDetails) -> Mistake:
    place = _place(detail["loc"])
    error, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if error == "missing":
        return Mistake(place, "is missing")
    if error in ("extra_forbidden", "unexpected_keyword_argument"):
        parent, key = detail["loc"][:-1], str(detail["loc"][-1])
        if value is None and " " in key:
            return Mistake(
                _place(parent), f"'{key}' is not a key here; put a text with a comma in quotes"
            )
        return Mistake(
            place, f"'{key}' is not a key here; {suggestion(key, _keys(kind, parent), 'keys')}"
        )
    if error == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        if isinstance(value, bool):
            return Mistake(place, f"{shown(value)} is not one of {', '.join(words)}")
        return Mistake(place, f"{shown(value)} is not one; {suggestion(value, words, 'words')}")
    if error in ("list_type", "tuple_type"):
        hint = f"; write [{value}]" if isinstance(value, str) and len(value) < 50 else ""
        return Mistake(place, f"{shown(value)} stands where a list belongs{hint}")
    if error in ("model_type", "model_attributes_type", "dict_type", "dataclass_type"):
        return Mistake(
            place, f"{shown(value)} stands where keys and values belong, as in {{name: …}}"
        )
    if error == "too_short":
        least = context["min_length"]
        if least == 1:
            return Mistake(place, "the list is empty; fill it or leave the key out")
        return Mistake(place, f"has {len(value)}; at least {least} are needed")
    if error == "too_long":
        return Mistake(place, f"has {len(value)}; {context['max_length']} are the most")
    return Mistake(place, detail["msg"].removeprefix("Value error, "))


def _place(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _keys(kind: Any, location: Sequence[str | int]) -> list[str]:
    """The keys that the part at this place may have."""
    part = kind
    for step in location:
        if isinstance(step, str):
            part = _part(_types(part)[step])
    return list(_types(part))


def _types(part: Any) -> dict[str, Any]:
    if issubclass(part, BaseModel):
        fields = part.model_fields
        return {info.alias or name: info.annotation for name, info in fields.items()}
    return get_type_hints(part)


def _part(annotation: Any) -> Any:
    """The class of keys and values inside an annotation, as in `list[Field] | None`."""
    if isinstance(annotation, type) and (
        is_dataclass(annotation) or issubclass(annotation, BaseModel)
    ):
        return annotation
    return next((found for each in get_args(annotation) if (found := _part(each))), None)
