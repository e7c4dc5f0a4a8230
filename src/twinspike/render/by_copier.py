"""Copier renders the template; what it refuses and what fails is said in a line or two."""

import signal
import warnings
from pathlib import Path
from typing import Any

from twinspike.errors import UserError
from twinspike.paths import template_root


def render(folder: Path, answers: dict[str, Any], *, ask: bool) -> None:
    """Render the template into the folder. Raises `UserError`, `KeyboardInterrupt` or `OSError`."""
    from copier import run_copy
    from copier.errors import CopierAnswersInterrupt, CopierError
    from jinja2 import TemplateError
    from yaml import YAMLError

    root = template_root()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run_copy(
                str(root),
                folder,
                data=answers,
                defaults=not ask,
                quiet=True,
                # This tool and the template beside it belong together: never an older tag.
                vcs_ref="HEAD" if (root / ".git").exists() else None,
            )
    except CopierAnswersInterrupt:
        raise KeyboardInterrupt from None
    except OSError as error:
        if type(error).__name__ == "ProcessExecutionError":  # of git, which Copier runs
            raise _of_git(error) from None
        raise
    except (CopierError, TemplateError, YAMLError, ValueError, TypeError) as error:
        raise UserError(_first_lines(error)) from error


def _of_git(error: Any) -> UserError:
    if error.retcode == -getattr(signal, "SIGXFSZ", 0):
        return UserError(
            "git may not write a file that large here; raise the limit and try again.\n"
            "Nothing was made."
        )
    reason = next(iter(str(error.stderr).strip().splitlines()), f"it ended with {error.retcode}")
    return UserError(f"git failed: {reason}\nNothing was made.")


def _first_lines(error: object) -> str:
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    text = " ".join(lines[:2]) or type(error).__name__
    if isinstance(error, BaseException) and type(error).__module__.startswith("jinja2"):
        where = f"{getattr(error, 'name', None) or 'the template'}"
        return f"The template has a mistake ({where}): {text}\nNothing was made."
    return f"{text}\nNothing was made."
