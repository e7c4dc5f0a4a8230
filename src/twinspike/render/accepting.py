"""Answers are accepted when each of them is right, the workflow included."""

from typing import Any

from twinspike.answers import checking
from twinspike.answers.collecting import Given
from twinspike.errors import UserError
from twinspike.files.report import report
from twinspike.workflow.check import check


def accept(given: Given) -> dict[str, Any]:
    """The answers that a copy can be made from. Raises `UserError` with a line for each mistake."""
    found = checking.mistakes(given.answers)
    if given.answers.get("scenario") == "own" and "workflow" in given.answers:
        _, wrong = check(given.answers["workflow"])
        found += report(given.source, given.lines, wrong, prefix="workflow")
    if found:
        raise UserError("\n".join(found))
    return given.answers
