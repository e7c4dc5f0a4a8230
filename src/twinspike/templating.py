"""Jinja as Copier sets it up for this template, for what the command itself renders."""

import json
from datetime import date
from functools import cache, partial
from typing import Any

import jinja2

from twinspike.paths import PACKAGE, template_root


@cache
def environment() -> jinja2.Environment:
    """The environment over the template and this package; a misspelt variable is an error.

    HTML is escaped; Markdown and plain lines are not.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([template_root(), PACKAGE]),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.jinja",)),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["to_json"] = partial(json.dumps, default=_plain)
    return environment


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")


def render(name: str, **values: object) -> str:
    """The template of this name, filled in."""
    return environment().get_template(name).render(values)


def macro(file: str, name: str, *arguments: Any) -> str:
    """What a macro of `macros/` says, without space around it."""
    module = environment().get_template(f"macros/{file}").module
    return str(getattr(module, name)(*arguments)).strip()
