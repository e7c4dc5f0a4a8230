"""What the template knows about workflows: their defaults, and what they may say."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twinspike.paths import template_root
from twinspike.templating import render
from twinspike.workflow.meaning import Language


def flow_of(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow with all defaults and derived names, as the templates see it."""
    return json.loads(render("macros/flow.jinja", workflow=workflow))


@cache
def language() -> Language:
    """What a workflow may say, as a copy has it too."""
    root = template_root()
    return Language(
        schema=_json(root / "templates" / "workflow.schema.json"),
        reserved=_json(root / "macros" / "reserved.json"),
        lengths=_json(root / "macros" / "lists.json")["lengths"],
    )


def reserved() -> dict[str, list[str]]:
    """Names that the spikes need for themselves, by kind."""
    return {kind: list(names) for kind, names in language().reserved.items()}


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
