"""The answer keys are true: what the generator makes of each change is green in both spikes.

The default scenario after every workflow file, the others after their last.
"""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml
from conftest import ROOT

from .copies import SPIKES, Copy, passed

DEFAULT = "access_request"


def keys() -> list[Path]:
    """The workflow files to judge."""
    found: list[Path] = []
    for folder in sorted((ROOT / "scenarios").iterdir()):
        files = sorted(folder.glob("changes/[0-9][0-9]-*.yml"))
        found += files if folder.name == DEFAULT else files[-1:]
    return found


CASES = [(f"{key.parents[1].name}/{key.stem}", spike) for key in keys() for spike in SPIKES]


@pytest.fixture(scope="module")
def key_copies(make_copy: Callable[..., Copy]) -> dict[str, Copy]:
    """A copy of each workflow file."""
    made = {}
    for key in keys():
        workflow = yaml.safe_load(key.read_text(encoding="utf-8"))
        workflow.pop("change")
        name = f"{key.parents[1].name}/{key.stem}"
        made[name] = make_copy(scenario="own", workflow=workflow)
    return made


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_an_answer_key_is_green(
    case: tuple[str, str], key_copies: dict[str, Copy], two_at_a_time: Callable[..., Any]
) -> None:
    def run(case: tuple[str, str]) -> CompletedProcess[str]:
        return key_copies[case[0]].suite(case[1], seconds=1200)

    passed(two_at_a_time(run)[case].result())
