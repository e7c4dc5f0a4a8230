"""The Jinja templates of scorecards and pages, from the template root."""

from functools import cache

import jinja2

from twinspike.paths import template_root


@cache
def environment() -> jinja2.Environment:
    """The environment: HTML is escaped, Markdown is not; a misspelt variable is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_root()),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.jinja",)),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )


def render(name: str, **values: object) -> str:
    """The template of this name under scorecard/, filled in."""
    return environment().get_template(f"scorecard/{name}").render(values)
