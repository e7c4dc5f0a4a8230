"""The answer keys are true: what the generator makes of each change is green in both spikes.

After the last change of each scenario the whole suite is run. After each earlier change of the default
scenario only the change's own tests are, with the linter: a whole run of both spikes after every change would
take a quarter of an hour, and what a change breaks in later ones the last run finds.
"""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from conftest import ROOT

from .copies import SPIKES, Copy, passed

DEFAULT = ROOT / "scenarios" / "access_request"


def keys(scenario: Path) -> list[Path]:
    """The workflow files that the changes of a scenario lead to."""
    return sorted(scenario.glob("changes/[0-9][0-9]-*.yml"))


LAST = [keys(scenario)[-1] for scenario in sorted(DEFAULT.parent.iterdir())]
WHOLE = [(key, spike) for key in LAST for spike in SPIKES]
EARLIER = [(key, spike) for key in keys(DEFAULT)[:-1] for spike in SPIKES]


def named(value: Path | str) -> str:
    """What a case is called in the name of its test."""
    return f"{value.parents[1].name}/{value.stem}" if isinstance(value, Path) else value


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: "-".join(map(named, case)))
def test_the_whole_suite_is_green_after_the_last_change(
    case: tuple[Path, str], key_copy: Callable[[Path], Copy], two_at_a_time: Callable[..., Any]
) -> None:
    copies = {key: key_copy(key) for key in LAST}

    def run(case: tuple[Path, str]) -> CompletedProcess[str]:
        return copies[case[0]].suite(case[1], seconds=1200)

    passed(two_at_a_time(run)[case].result())


@pytest.mark.parametrize(("key", "spike"), EARLIER, ids=named)
def test_a_changes_own_tests_are_green_after_it(
    key: Path, spike: str, key_copy: Callable[[Path], Copy], copy: Copy, tmp_path: Path
) -> None:
    earlier = [each for each in keys(DEFAULT) if each < key]
    before = key_copy(earlier[-1]) if earlier else copy
    after = key_copy(key)
    own = [test for test in tests_of(after, spike) if test not in set(tests_of(before, spike))]
    assert own, "the change has no tests of its own"
    chosen = tmp_path / "own.txt"
    chosen.write_text("\n".join(own), encoding="utf-8")
    said = passed(after.suite(spike, "--tests", str(chosen)))
    assert f"{len(own)} passed" in said
    for command in ("check", "format --check"):
        passed(after.run(f"{spike}_spike", "ruff", *command.split(), "."))


def tests_of(copy: Copy, spike: str) -> list[str]:
    """The names of the suite's tests."""
    said = passed(copy.suite(spike, "--collect-only"))
    return re.findall(r"^tests/.*::.*$", said, re.M)
