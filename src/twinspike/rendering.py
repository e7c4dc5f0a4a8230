"""The template's own macros, for what the command-line tool says in the same words as a copy."""

import json
from datetime import date
from functools import cache, partial
from typing import Any

import jinja2

from twinspike.paths import template_root


@cache
def environment() -> jinja2.Environment:
    """Jinja as Copier sets it up for this template."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_root()),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the macros give Markdown and plain lines, no HTML
    )
    environment.filters["to_json"] = partial(json.dumps, default=_plain)
    return environment


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")


def macro(file: str, name: str, *arguments: Any) -> str:
    """What a macro of `macros/` says, without space around it."""
    module = environment().get_template(f"macros/{file}").module
    return str(getattr(module, name)(*arguments)).strip()


def flow_of(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow with all defaults and derived names, as the templates see it."""
    return json.loads(environment().get_template("macros/flow.jinja").render(workflow=workflow))
