"""Whether the weights changed since the copy was made, as far as git can tell."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twinspike.errors import UserError
from twinspike.scorecard.areas import FILE_NAME, parse_plan

SECONDS = 10
MOST_COMMITS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the weights: when (ISO date and time, or "not committed"), who, and from what to what."""

    when: str
    who: str
    changes: Mapping[str, tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class History:
    """What is known: `known` is False where git cannot tell, and `reason` says why."""

    known: bool
    steps: tuple[Step, ...] = ()
    since: str = ""
    reason: str = ""


def weight_history(root: Path, now: Mapping[str, int]) -> History:
    """How the weights came to be what they are now; never fails where git or a history is missing."""
    log = git(root, "log", "--reverse", "--format=%H%x09%aI%x09%an", "--", FILE_NAME)
    if log is None:
        return History(False, reason="there is no git history to look at")
    commits = [line.split("\t", 2) for line in log.splitlines()][-MOST_COMMITS:]
    if not commits:
        return History(False, reason=f"{FILE_NAME} was never committed")
    steps: list[Step] = []
    before: Mapping[str, int] | None = None
    for commit, when, who in commits:
        weights = weights_in(root, commit)
        if weights is None:
            continue
        if before is not None and weights != before:
            steps.append(Step(when, who, differences(before, weights)))
        before = weights
    if before is None:
        return History(False, reason=f"no committed {FILE_NAME} can be read")
    if before != now:
        steps.append(Step("not committed", "", differences(before, now)))
    return History(True, tuple(steps), since=commits[0][1])


def differences(
    before: Mapping[str, int], after: Mapping[str, int]
) -> dict[str, tuple[int | None, int | None]]:
    """Weight before and after by area, None where the area was not there."""
    return {
        name: (before.get(name), after.get(name))
        for name in [*before, *(name for name in after if name not in before)]
        if before.get(name) != after.get(name)
    }


def weights_in(root: Path, commit: str) -> Mapping[str, int] | None:
    """The weights in one commit; None where the file is not there or cannot be read."""
    text = git(root, "show", f"{commit}:./{FILE_NAME}")
    if text is None:
        return None
    try:
        return parse_plan(text).weights
    except UserError:
        return None


def git(root: Path, *arguments: str) -> str | None:
    """What git prints in the folder, or None when it is not there, fails or takes too long."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed program, arguments of our own
            ["git", "--no-pager", "-C", str(root), *arguments],  # noqa: S607 - git from the PATH
            capture_output=True,
            timeout=SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
