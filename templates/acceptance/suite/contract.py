"""The HTTP contract, and whether a spike's own OpenAPI document agrees with it.

Compared are paths, methods, names of parameters, names of properties and which of them are required, and
the documented statuses. A spike may say more (endpoints, keys, statuses, limits), never less.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from suite.spike import HOME
from suite.workflow import Workflow
from suite.workflow_file import workflow

METHODS = ("get", "post", "put", "patch", "delete")
# Answered for any operation before it is looked at, so that a framework may leave them out.
EVERYWHERE = {"413"}
# The safe one in C, where there is one: the document is long, and every run begins with it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def contract() -> dict[str, Any]:
    """`contract/openapi.yaml`, brought up to the workflow in use where that has gone on."""
    path = HOME / "contract" / "openapi.yaml"
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - it is safe
    return brought_up(document, workflow())


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Method and path of each operation, by its id."""
    return {
        operation["operationId"]: (method.upper(), path)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def brought_up(document: dict[str, Any], flow: Workflow) -> dict[str, Any]:
    """The contract with the record's fields as the workflow has them now."""
    schemas = document["components"]["schemas"]
    base = ["id", "version", "state", "owner", "created_at", "updated_at"]
    given: dict[str, Any] = {name: {} for name in flow.fields}
    record = schemas["Record"]
    record["properties"] = {name: record["properties"][name] for name in base} | given
    record["required"] = [*base, *flow.open_fields]
    schemas["RecordCreate"]["properties"] = given
    schemas["RecordCreate"]["required"] = [f.name for f in flow.fields.values() if f.required]
    version = schemas["RecordEdit"]["properties"]["version"]
    schemas["RecordEdit"]["properties"] = {"version": version, **given}
    return document


def documented(operation: str) -> list[int]:
    """The statuses that the contract has for `GET /api/orders/{id}`; empty where it has no such operation."""
    method, _, path = operation.partition(" ")
    item = Document(contract()).operations.get((numbered(path), method.lower()))
    return sorted(int(status) for status in {*item[1]["responses"], *EVERYWHERE}) if item else []


def differences(spike: Mapping[str, Any]) -> list[str]:
    """How the spike's document falls short of the contract, a line each."""
    wanted, got = Document(contract()), Document(spike)
    found = []
    for key in wanted.operations:
        where = f"{key[1].upper()} {key[0]}"
        if key not in got.operations:
            found.append(f"{where}: missing")
        else:
            found += [f"{where}: {each}" for each in _operation(wanted, got, key)]
    return found


class Document:
    """An OpenAPI document whose references can be resolved."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.operations: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {
            (numbered(path), method): (item, operation)
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
        for each in (*part.pop("allOf", ()), *part.pop("anyOf", ()), *part.pop("oneOf", ())):
            branch = self.schema(each)
            part = {
                **branch,
                **part,
                "properties": {**branch.get("properties", {}), **part.get("properties", {})},
                "required": [*branch.get("required", ()), *part.get("required", ())],
            }
        return part

    def content(self, part: Any) -> dict[str, Any] | None:
        """The schema of a body or an answer; None when it has none."""
        kinds = self.resolve(part).get("content", {})
        return next((self.schema(kind.get("schema", {})) for kind in kinds.values()), None)


def numbered(path: str) -> str:
    """The path with its parameters' names left out."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def _operation(wanted: Document, got: Document, key: tuple[str, str]) -> Iterator[str]:
    (item, ours), (other, theirs) = wanted.operations[key], got.operations[key]
    asked, offered = _queries(wanted, item, ours), _queries(got, other, theirs)
    for name in sorted(asked.keys() - offered.keys()):
        yield f"the parameter {name} is missing"
    for name in sorted(name for name, each in offered.items() if each.get("required")):
        yield f"the parameter {name} is required"
    bodies = [
        document.content(operation.get("requestBody", {}))
        for document, operation in ((wanted, ours), (got, theirs))
    ]
    if bodies[0] is not None:
        if bodies[1] is None:
            yield "it has no body"
        else:
            yield from _compare(wanted, got, bodies[0], bodies[1], "body", given=True)
    documented = theirs.get("responses", {})
    for status, answer in ours["responses"].items():
        if status not in documented:
            if status not in EVERYWHERE:
                yield f"{status} is not documented"
            continue
        schema, shown = wanted.content(answer), got.content(documented[status])
        if schema is not None and "properties" in schema:
            yield from _compare(wanted, got, schema, shown or {}, status, given=False)


def _queries(document: Document, *parts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    resolved = [document.resolve(each) for part in parts for each in part.get("parameters", ())]
    return {each["name"]: each for each in resolved if each["in"] == "query"}


def _compare(
    wanted: Document,
    got: Document,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    where: str,
    *,
    given: bool,
) -> Iterator[str]:
    """Where the names of two flat schemas differ; `given` when clients send them."""
    names, shown = ours.get("properties", {}), theirs.get("properties", {})
    needed, required = set(ours.get("required", ())), set(theirs.get("required", ()))
    for name in sorted(names.keys() - shown.keys()):
        yield f"{where} lacks {name}"
    for name in sorted((needed & shown.keys()) - required):
        yield f"{where}.{name} is not required"
    for name in sorted(required - needed) if given else ():
        yield f"{where}.{name} is required"
    for name in sorted(names.keys() & shown.keys()):
        pair = wanted.schema(names[name]), got.schema(shown[name])
        yield from _compare(wanted, got, *pair, f"{where}.{name}", given=given)
    if "items" in ours:
        pair = wanted.schema(ours["items"]), got.schema(theirs.get("items", {}))
        yield from _compare(wanted, got, *pair, f"{where}[]", given=given)
