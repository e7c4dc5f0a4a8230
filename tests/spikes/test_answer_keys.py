"""The answer keys are true: what the generator makes of each change is green in both spikes.

In the default scenario that is so after every change, in the others after the last one.
"""

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


OTHERS = sorted(each for each in DEFAULT.parent.iterdir() if each != DEFAULT)
KEYS = [*keys(DEFAULT), *(keys(scenario)[-1] for scenario in OTHERS)]
CASES = [(key, spike) for key in KEYS for spike in SPIKES]


def named(value: Path | tuple[Path, str]) -> str:
    """What a case is called in the name of its test."""
    if isinstance(value, Path):
        return f"{value.parents[1].name}/{value.stem}"
    return f"{named(value[0])}-{value[1]}"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_whole_suite_is_green_after_a_change(
    case: tuple[Path, str], key_copy: Callable[[Path], Copy], two_at_a_time: Callable[..., Any]
) -> None:
    copies = {key: key_copy(key) for key in KEYS}

    def run(case: tuple[Path, str]) -> CompletedProcess[str]:
        return copies[case[0]].suite(case[1], seconds=1200)

    passed(two_at_a_time(run)[case].result())
    for command in ("check", "format --check"):
        passed(copies[case[0]].run(f"{case[1]}_spike", "ruff", *command.split(), "."))
