"""What the template knows about workflows: their defaults, and the names that it needs itself."""

import json
from functools import cache
from typing import Any

from twinspike.paths import template_root
from twinspike.templating import render


def flow_of(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow with all defaults and derived names, as the templates see it."""
    return json.loads(render("macros/flow.jinja", workflow=workflow))


@cache
def reserved() -> dict[str, list[str]]:
    """Names that the spikes need for themselves, by kind."""
    text = (template_root() / "macros" / "reserved.json").read_text(encoding="utf-8")
    return json.loads(text)
