"""Whether data has the shape that a JSON Schema asks for: the part of it that workflow.schema.json uses."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from twinspike.files.mistakes import Mistake, shown, suggestion

Schema = Mapping[str, Any]

KINDS = {
    "object": "keys and values, as in {name: …}",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


def misshapen(value: object, schema: Schema, whole: Schema, place: str = "") -> Iterator[Mistake]:
    """Every mistake in the shape of a value; `whole` is the schema that references point into."""
    if "$ref" in schema:
        yield from misshapen(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, place)
        return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, kind) for kind in kinds):
        wanted = " or ".join(KINDS[kind] for kind in kinds)
        truth = isinstance(value, bool) and "string" in kinds
        hint = "; YAML reads yes, no, on and off as true or false, so use quotes" if truth else ""
        yield Mistake(place, f"{shown(value)} stands where {wanted} belongs{hint}")
    elif "enum" in schema and value not in schema["enum"]:
        yield Mistake(
            place, f"{shown(value)} is not one; {suggestion(value, schema['enum'], 'words')}"
        )
    elif isinstance(value, dict):
        yield from _keys(value, schema, whole, place)
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield Mistake(place, f"has {len(value)}; at least {schema['minItems']} are needed")
        if len(value) > schema.get("maxItems", len(value)):
            yield Mistake(place, f"has {len(value)}; {schema['maxItems']} are the most")
        for index, part in enumerate(value):
            yield from misshapen(part, schema["items"], whole, f"{place}[{index}]")
    elif isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            most = schema["maxLength"]
            yield Mistake(place, f"{shown(value)} has {len(value)} characters; {most} are the most")
        elif "pattern" in schema and not re.search(rf"{schema['pattern'][:-1]}\Z", value):
            yield Mistake(place, f"{shown(value)} is not written as it must be; see the schema")
    elif isinstance(value, int) and not _within(value, schema):
        least, most = schema["minimum"], schema["maximum"]
        yield Mistake(place, f"{shown(value)} is out of range; {least} to {most} are possible")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Mistake(place, f"{shown(value)} is not a number to compare with")


def _within(value: int, schema: Schema) -> bool:
    return schema.get("minimum", value) <= value <= schema.get("maximum", value)


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    types = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
    return kind in types and isinstance(value, types[kind])


def _keys(value: Mapping[str, Any], schema: Schema, whole: Schema, place: str) -> Iterator[Mistake]:
    properties = schema["properties"]
    before = f"{place}." if place else ""
    for key in value:
        if key not in properties:
            hint = suggestion(key, properties, "keys")
            yield Mistake(f"{before}{key}", f"'{key}' is not a key here; {hint}")
    for key in schema.get("required", ()):
        if key not in value:
            yield Mistake(f"{before}{key}", "is missing")
    for key, part in value.items():
        if key in properties:
            yield from misshapen(part, properties[key], whole, f"{before}{key}")
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        yield Mistake(place, "needs `field` and exactly one comparison")


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
    """The key as it was written; `on` is true for YAML."""
    if key is True:
        return "on"
    return str(key).lower() if isinstance(key, bool) else str(key)
