"""A workflow's names never hide a name that the code around them needs."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from twinspike.workflow.flow import reserved

KINDS = {
    "text": {"max_length": 20},
    "long_text": {},
    "integer": {"min": 1, "max": 9},
    "money": {"min": 0, "max": 9.5},
    "date": {"min": "2026-01-01", "max": "2027-01-01"},
    "boolean": {},
    "choice": {"choices": ["One", "Two"]},
    "email": {},
    "url": {},
}
WORKFLOW = {
    "name": "thing",
    "plural": "things",
    "fields": [
        {"name": f"{need}_{kind}", "type": kind, "required": need == "needed", **more}
        for kind, more in KINDS.items()
        for need in ("needed", "optional")
        if (need, kind) != ("needed", "boolean")
    ],
    "roles": [{"name": "clerk", "creates": True}],
    "states": [{"name": "open"}, {"name": "done"}],
    "transitions": [{"name": "finish", "from": ["open"], "to": "done", "by": ["clerk"]}],
}
FIELDS = {field["name"] for field in WORKFLOW["fields"]}


def classes_of_fields(folder: Path) -> Iterator[ast.ClassDef]:
    """The classes in whose bodies the workflow's fields are assigned."""
    for path in folder.rglob("*.py"):
        for found in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(found, ast.ClassDef) and assigned(found) >= FIELDS:
                yield found


def assigned(found: ast.ClassDef) -> set[str]:
    """The names that the class's body assigns."""
    return {
        name.id
        for statement in found.body
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }


def test_no_field_hides_what_its_class_needs(render: Callable[..., Path], tmp_path: Path) -> None:
    copy = render(tmp_path / "copy", scenario="own", workflow=WORKFLOW)
    found = list(classes_of_fields(copy))
    assert {each.name for each in found} == {"Thing", "Record", "RecordCreate", "RecordEdit"}
    needed = {
        name.id
        for each in found
        for statement in each.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load) and name.id.islower()
    }
    assert needed - FIELDS <= set(reserved()["field"])
