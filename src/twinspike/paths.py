"""Where things are: the template that copies are made from, and the copy that a folder is in."""

from functools import cache
from pathlib import Path

from twinspike.errors import UserError

PACKAGE = Path(__file__).resolve().parent
MARK = "scorecard.yml"


@cache
def template_root() -> Path:
    """The folder that holds copier.yml, macros, scenarios and templates.

    It is beside the sources in a checkout, and inside the package in an installed wheel. Raises `UserError`
    when the installation is incomplete.
    """
    for candidate in (PACKAGE / "template", PACKAGE.parent.parent):
        if (candidate / "copier.yml").is_file() and (candidate / "templates").is_dir():
            return candidate
    raise UserError("The template is missing from this installation; install twinspike again.")


def scenarios() -> list[str]:
    """The names of the ready-made workflows, in alphabetical order."""
    return sorted(path.parent.name for path in template_root().glob("scenarios/*/workflow.yml"))


def find_copy(start: Path) -> Path:
    """The copy that the folder or file is in. Raises `UserError` when it is in none."""
    if not start.exists():
        raise UserError(f"{start} is not there.")
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / MARK).is_file():
            return candidate
    raise UserError(
        f"{start if start.name else folder} is not a copy, nor inside one: there is no {MARK}.\n"
        "Name the folder that `twinspike new` has made, or go into it."
    )
