"""The answer keys are true: what the generator makes of each change is green in both spikes.

In the default scenario that is so after every change, in the others after the last one. The whole suite is run after
the last change of the default one, before it the tests that have come with each, elsewhere those and the outlets.
"""

import functools
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from conftest import ROOT

from .copies import SPIKES, Copy, passed

DEFAULT = ROOT / "scenarios" / "access_request"
OUTLETS = "tests/test_outlets.py"


def keys(scenario: Path) -> list[Path]:
    """The workflow files that the changes of a scenario lead to."""
    return sorted(scenario.glob("changes/[0-9][0-9]-*.yml"))


OTHERS = sorted(each for each in DEFAULT.parent.iterdir() if each != DEFAULT)
# What each key is compared with, to find the tests that have come.
BEFORE = {key: before for before, key in pairwise([DEFAULT / "workflow.yml", *keys(DEFAULT)])}
BEFORE |= {keys(scenario)[-1]: scenario / "workflow.yml" for scenario in OTHERS}
WHOLE = keys(DEFAULT)[-1]
CASES = [(key, spike) for key in BEFORE for spike in SPIKES]


def named(value: Path | tuple[Path, str]) -> str:
    """What a case is called in the name of its test."""
    if isinstance(value, Path):
        return f"{value.parents[1].name}/{value.stem}"
    return f"{named(value[0])}-{value[1]}"


@pytest.fixture(scope="module")
def tests_of(key_copy: Callable[[Path], Copy]) -> Callable[[Path], list[str]]:
    """`tests_of(file)` are the tests that the suite has for the workflow of a file, in their order."""

    @functools.cache
    def found(file: Path) -> list[str]:
        listed = passed(key_copy(file).suite("django", "--collect-only"))
        return [line for line in listed.splitlines() if "::" in line]

    return found


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_suite_is_green_after_a_change(
    case: tuple[Path, str],
    key_copy: Callable[[Path], Copy],
    tests_of: Callable[[Path], list[str]],
    two_at_a_time: Callable[..., Any],
) -> None:
    copies = {key: key_copy(key) for key in BEFORE}
    chosen: dict[Path, list[str]] = {WHOLE: []}
    for key, before in BEFORE.items():
        if key != WHOLE:
            had = set(tests_of(before))
            last = key.parent.parent != DEFAULT
            own = [t for t in tests_of(key) if t not in had or (last and t.startswith(OUTLETS))]
            chosen[key] = own

    def run(case: tuple[Path, str]) -> CompletedProcess[str]:
        key, spike = case
        return copies[key].suite(spike, *chosen[key], seconds=1200)

    passed(two_at_a_time(run)[case].result())
    for command in ("check", "format --check"):
        passed(copies[case[0]].run(f"{case[1]}_spike", "ruff", *command.split(), "."))
