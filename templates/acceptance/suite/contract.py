"""The HTTP contract, and whether a spike's own OpenAPI document agrees with it.

Compared are paths, methods, operation ids, parameters, bodies, statuses, media types and schemas with all
references resolved. A spike may say more (titles, descriptions, defaults, further limits), never less and
nothing else.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from suite.spike import HOME
from suite.workflow import ADMIN, TEXTS, Field, Workflow, workflow

METHODS = ("get", "post", "put", "patch", "delete")
LIMITS = ("minimum", "maximum", "minLength", "maxLength", "pattern", "format")
MAY_ADD = {"405", "500", "503", "default"}
MONEY = r"^-?\d{1,10}(\.\d{1,2})?$"


@cache
def contract() -> dict[str, Any]:
    """`contract/openapi.yaml`, brought up to the workflow in use where that has gone on."""
    path = HOME / "contract" / "openapi.yaml"
    return brought_up(yaml.safe_load(path.read_text(encoding="utf-8")), workflow())


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Method and path of each operation, by its id."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


# What depends on the workflow, so that a changed workflow.yml changes what is expected


def brought_up(document: dict[str, Any], flow: Workflow) -> dict[str, Any]:
    """The contract with the record's fields and all names as the workflow has them now."""
    schemas = document["components"]["schemas"]
    base = ["id", "version", "state", "owner", "created_at", "updated_at"]
    record = schemas["Record"]
    record["properties"] = {n: record["properties"][n] for n in base} | {
        field.name: answered(field) for field in flow.fields.values()
    }
    record["required"] = [*base, *flow.fields]
    given = {field.name: asked(field) for field in flow.fields.values()}
    schemas["RecordCreate"]["properties"] = given
    schemas["RecordCreate"]["required"] = [f.name for f in flow.fields.values() if f.required]
    version = schemas["RecordEdit"]["properties"]["version"]
    schemas["RecordEdit"]["properties"] = {"version": version, **given}
    for place in (record, schemas["StateCount"]):
        place["properties"]["state"]["enum"] = list(flow.states)
    schemas["Transition"]["properties"]["to"]["enum"] = list(flow.states)
    schemas["Transition"]["properties"]["name"]["enum"] = list(flow.names)
    people = [*flow.person_roles, ADMIN]
    for name in ("Session", "User"):
        schemas[name]["properties"]["roles"]["items"]["enum"] = [*flow.roles, ADMIN]
    for name in ("UserCreate", "UserEdit"):
        schemas[name]["properties"]["roles"]["items"]["enum"] = people
    for name in ("Grant", "GrantRequest"):
        schemas[name]["properties"]["role"]["enum"] = people
    if flow.follow_ups:
        schemas["FollowUp"]["properties"]["name"]["enum"] = list(flow.follow_ups)
    parameters = document["components"]["parameters"]
    parameters["state"]["schema"]["enum"] = ["", *flow.states]
    sortable = [field.name for field in flow.fields.values() if field.type != "long_text"]
    names = ["id", "state", "created_at", "updated_at", *sortable]
    parameters["sort"]["schema"]["enum"] = ["", *(s + name for name in names for s in ("", "-"))]
    return document


def asked(field: Field) -> dict[str, Any]:
    """The schema of a field in a body."""
    none = [] if field.required else ["null"]
    match field.type:
        case "text" | "long_text":
            schema = {"type": "string", "maxLength": field.max_length}
            return schema | ({"minLength": 1} if field.required else {})
        case "email" | "url":
            # Which pattern is the same for every workflow; the rendered contract has it in words.
            return {"type": "string", "maxLength": field.max_length}
        case "choice":
            return {"type": "string", "enum": [*field.choices, *([] if field.required else [""])]}
        case "integer":
            return {"type": ["integer", *none], "minimum": field.low, "maximum": field.high}
        case "money":
            return {"type": ["string", *none], "pattern": MONEY}
        case "date":
            return {"type": ["string", *none], "format": "date"}
    return {"type": "boolean"}


def answered(field: Field) -> dict[str, Any]:
    """The schema of a field in an answer."""
    if field.type in TEXTS:
        return {"type": "string"}
    kinds = {"integer": "integer", "money": "string", "date": "string"}
    return {"type": [kinds[field.type], "null"]} if field.type in kinds else {"type": "boolean"}


# Comparing


def differences(spike: Mapping[str, Any]) -> list[str]:
    """How the spike's document differs from the contract, a line each."""
    wanted, got = Document(contract()), Document(spike)
    found = list(_paths(wanted, got))
    if not str(spike.get("openapi", "")).startswith("3.1"):
        found.insert(0, f"openapi: expected 3.1, got {spike.get('openapi')}")
    return found


class Document:
    """An OpenAPI document whose references can be resolved."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.operations = {
            (_numbered(path), method): (item, operation)
            for path, item in raw["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        }

    def resolve(self, part: Any) -> dict[str, Any]:
        """What a part stands for, when it is a reference."""
        while isinstance(part, Mapping) and "$ref" in part:
            target: Any = self.raw
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name.replace("~1", "/").replace("~0", "~")]
            part = {**target, **{n: x for n, x in part.items() if n != "$ref"}}
        return dict(part)

    def schema(self, part: Any) -> dict[str, Any]:
        """One flat schema: references resolved, `allOf` merged, the branches of `anyOf` united."""
        part = self.resolve(part)
        for each in part.pop("allOf", ()):
            part = _merged(self.schema(each), part)
        kinds = part.get("type", [])
        part["type"] = {kinds} if isinstance(kinds, str) else set(kinds)
        if "const" in part:
            part["enum"] = [part.pop("const")]
        for key in ("anyOf", "oneOf"):
            branches = [self.schema(each) for each in part.pop(key, ())]
            if branches:
                part = _united(part, branches)
        return part


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    both = {**first, **second}
    both["properties"] = {**first.get("properties", {}), **second.get("properties", {})}
    both["required"] = [*first.get("required", ()), *second.get("required", ())]
    return both


def _united(part: dict[str, Any], branches: list[dict[str, Any]]) -> dict[str, Any]:
    """A schema that says what all branches say together; a lone "" or null adds no limits."""
    real = [b for b in branches if b["type"] != {"null"} and not _is_blank(b)]
    united = {**(_merged_all(real)), **{n: x for n, x in part.items() if n != "type"}}
    united["type"] = part["type"].union(*(branch["type"] for branch in branches))
    if all("enum" in branch or branch["type"] == {"null"} for branch in branches):
        united["enum"] = [value for branch in branches for value in branch.get("enum", ())]
    else:
        united.pop("enum", None)
    return united


def _is_blank(schema: Mapping[str, Any]) -> bool:
    return schema.get("enum") == [""] or schema.get("maxLength") == 0


def _merged_all(branches: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for branch in branches:
        merged |= branch
    return merged


def _numbered(path: str) -> str:
    """The path with its parameters' names left out."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def _paths(wanted: Document, got: Document) -> Iterator[str]:
    # The screens are not part of the contract.
    for path, method in wanted.operations.keys() - got.operations.keys():
        yield f"{method.upper()} {path}: missing"
    for path, method in got.operations.keys() - wanted.operations.keys():
        if path.startswith("/api/"):
            yield f"{method.upper()} {path}: not in the contract"
    for key in wanted.operations.keys() & got.operations.keys():
        where = f"{key[1].upper()} {key[0]}"
        for difference in _operation(wanted, got, key):
            yield f"{where}: {difference}"


def _operation(wanted: Document, got: Document, key: tuple[str, str]) -> Iterator[str]:
    (item, ours), (other, theirs) = wanted.operations[key], got.operations[key]
    if theirs.get("operationId") != ours["operationId"]:
        yield f"operationId is {theirs.get('operationId')}, expected {ours['operationId']}"
    yield from _parameters(wanted, got, _all(wanted, item, ours), _all(got, other, theirs))
    yield from _bodies(wanted, got, ours, theirs)
    statuses, given = set(ours["responses"]), set(theirs.get("responses", {}))
    for status in sorted(statuses - given):
        yield f"{status} is not documented"
    for status in sorted(given - statuses - MAY_ADD):
        yield f"{status} is documented but not in the contract"
    for status in sorted(statuses & given):
        expected = wanted.resolve(ours["responses"][status]).get("content", {})
        content = got.resolve(theirs["responses"][status]).get("content", {})
        if set(expected) != set(content):
            yield f"{status} answers {sorted(content)}, expected {sorted(expected)}"
        for kind in sorted(set(expected) & set(content)):
            schemas = expected[kind]["schema"], content[kind].get("schema", {})
            yield from _schemas(wanted, got, *schemas, f"{status}", False)


def _all(document: Document, *parts: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    resolved = [document.resolve(each) for part in parts for each in part.get("parameters", ())]
    return {
        (each["in"], each["name"]): each for each in resolved if each["in"] in ("query", "path")
    }


def _parameters(
    wanted: Document,
    got: Document,
    ours: Mapping[tuple[str, str], dict[str, Any]],
    theirs: Mapping[tuple[str, str], dict[str, Any]],
) -> Iterator[str]:
    asked_for = {name for kind, name in ours if kind == "query"}
    offered = {name for kind, name in theirs if kind == "query"}
    for name in sorted(asked_for - offered):
        yield f"the parameter {name} is missing"
    for name in sorted(offered - asked_for):
        yield f"the parameter {name} is not in the contract"
    for name in sorted(asked_for & offered):
        expected = _optional(wanted.schema(ours["query", name]["schema"]))
        given = _optional(got.schema(theirs["query", name]["schema"]))
        if theirs["query", name].get("required"):
            yield f"the parameter {name} is required"
        yield from _compare(wanted, got, expected, given, name, True)
    paths = [
        [
            _optional(document.schema(each["schema"]))["type"]
            for (k, _), each in all_.items()
            if k == "path"
        ]
        for document, all_ in ((wanted, ours), (got, theirs))
    ]
    if sorted(map(sorted, paths[0])) != sorted(map(sorted, paths[1])):
        yield f"the path's parameters are {paths[1]}, expected {paths[0]}"


def _optional(schema: dict[str, Any]) -> dict[str, Any]:
    """Without null and "", which both mean that the parameter was left out."""
    schema["type"] = schema["type"] - {"null"}
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value not in ("", None)]
    return schema


def _bodies(
    wanted: Document, got: Document, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[str]:
    expected = wanted.resolve(ours.get("requestBody", {})).get("content", {})
    given = got.resolve(theirs.get("requestBody", {})).get("content", {})
    if set(expected) != set(given):
        yield f"the body is {sorted(given) or 'none'}, expected {sorted(expected) or 'none'}"
    elif expected:
        schemas = expected["application/json"]["schema"], given["application/json"]["schema"]
        yield from _schemas(wanted, got, *schemas, "body", True)


def _schemas(
    wanted: Document, got: Document, ours: Any, theirs: Any, where: str, strict: bool
) -> Iterator[str]:
    yield from _compare(wanted, got, wanted.schema(ours), got.schema(theirs), where, strict)


def _compare(
    wanted: Document,
    got: Document,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    where: str,
    strict: bool,
) -> Iterator[str]:
    """Differences of two flat schemas; answers are not compared by their limits."""
    if not ours["type"]:
        return
    if ours["type"] != theirs["type"]:
        yield f"{where} is {_kinds(theirs)}, expected {_kinds(ours)}"
        return
    if strict or ("enum" in ours and "enum" in theirs):
        options = set(ours.get("enum", ())), set(theirs.get("enum", ()))
        for what, values in (("lacks", options[0] - options[1]), ("has", options[1] - options[0])):
            if values:
                yield f"{where} {what} the values {', '.join(sorted(map(str, values)))}"
    if strict:
        for limit in LIMITS:
            if limit in ours and ours[limit] != theirs.get(limit):
                yield f"{where} has {limit} {theirs.get(limit)}, expected {ours[limit]}"
        if ours.get("additionalProperties") is False and (
            theirs.get("additionalProperties") is not False
        ):
            yield f"{where} allows additional properties"
    if "properties" in ours:
        names, given = set(ours["properties"]), set(theirs.get("properties", {}))
        for name in sorted(names - given):
            yield f"{where} lacks {name}"
        for name in sorted(given - names):
            yield f"{where} has {name}, which is not in the contract"
        needed = set(ours.get("required", ())), set(theirs.get("required", ()))
        for name in sorted(needed[0] ^ needed[1]):
            if name in names & given:
                yield f"{where}.{name} is {'not ' if name in needed[0] else ''}required"
        for name in sorted(names & given):
            pair = ours["properties"][name], theirs["properties"][name]
            yield from _schemas(wanted, got, *pair, f"{where}.{name}", strict)
    if "items" in ours:
        pair = ours["items"], theirs.get("items", {})
        yield from _schemas(wanted, got, *pair, f"{where}[]", strict)


def _kinds(schema: Mapping[str, Any]) -> str:
    return " or ".join(sorted(schema["type"])) or "anything"
