"""The answer keys are true: what the generator makes of each change is green in both spikes.

After the last change of a scenario that is so for the whole suite, after each one before it in the default
scenario for the tests that the change has brought and for the outlets.
"""

import functools
from collections.abc import Callable
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


LAST = [keys(scenario)[-1] for scenario in sorted(DEFAULT.parent.iterdir())]
BEFORE = dict(zip(keys(DEFAULT), [DEFAULT / "workflow.yml", *keys(DEFAULT)], strict=False))
KEYS = [*keys(DEFAULT)[:-1], *LAST]
CASES = [(key, spike) for key in KEYS for spike in SPIKES]


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
    copies = {key: key_copy(key) for key in KEYS}
    chosen: dict[Path, list[str]] = {key: [] for key in LAST}
    for key, before in BEFORE.items():
        if key not in LAST:
            had = set(tests_of(before))
            own = [each for each in tests_of(key) if each not in had or each.startswith(OUTLETS)]
            chosen[key] = own

    def run(case: tuple[Path, str]) -> CompletedProcess[str]:
        key, spike = case
        return copies[key].suite(spike, *chosen[key], seconds=1200)

    passed(two_at_a_time(run)[case].result())
    for command in ("check", "format --check"):
        passed(copies[case[0]].run(f"{case[1]}_spike", "ruff", *command.split(), "."))
