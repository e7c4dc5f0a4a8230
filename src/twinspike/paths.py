"""Where the template is: beside the sources in a checkout, inside the package in an installed wheel."""

from functools import cache
from pathlib import Path

from twinspike.errors import UserError


@cache
def template_root() -> Path:
    """The folder that holds copier.yml, macros, scenarios and templates.

    Raises `UserError` when the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "template", package.parent.parent):
        if (candidate / "copier.yml").is_file() and (candidate / "templates").is_dir():
            return candidate
    raise UserError("The template is missing from this installation; install twinspike again.")


def scenarios() -> list[str]:
    """The names of the ready-made workflows, in alphabetical order."""
    return sorted(path.parent.name for path in template_root().glob("scenarios/*/workflow.yml"))
