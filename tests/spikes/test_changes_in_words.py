"""The changes that no workflow file can say: their tests are red before them, and green by their answer key.

Red is what has to be built; a test that ends in an error of its own would say nothing. The whole suite is run with
the keys in `test_answer_keys.py`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import ROOT

from .copies import SPIKES, Copy, passed
from .words import before, begin, file_of, solve

CHANGES = sorted(ROOT.glob("scenarios/*/changes/[0-9][0-9]-*.md"))


def named(case: tuple[Path, str]) -> str:
    """What a case is called in the name of its test."""
    return f"{case[0].parents[1].name}/{case[0].stem}-{case[1]}"


@pytest.fixture(scope="module")
def copies_before(
    key_copy: Callable[[Path], Copy], tmp_path_factory: pytest.TempPathFactory
) -> dict[Path, Copy]:
    """Each change's copy as it is before it: with its tests, and with the change begun in both spikes."""
    found = {}
    for change in CHANGES:
        copy = key_copy(before(change)).twin(tmp_path_factory.mktemp("words") / "copy")
        begin(copy, change)
        found[change] = copy
    return found


@pytest.mark.parametrize("case", [(c, s) for c in CHANGES for s in SPIKES], ids=named)
def test_its_tests_are_red_for_what_is_missing(
    case: tuple[Path, str],
    copies_before: dict[Path, Copy],
    two_at_a_time: Callable[..., Any],
) -> None:
    def report(case: tuple[Path, str]) -> Path:
        return copies_before[case[0]].home / f"{case[1]}.xml"

    def run(case: tuple[Path, str]) -> CompletedProcess[str]:
        change, spike = case
        return copies_before[change].suite(spike, file_of(change), f"--junitxml={report(case)}")

    done = two_at_a_time(run)[case].result()
    print(done.stdout)
    assert done.returncode == 1
    cases = list(ElementTree.parse(report(case)).iter("testcase"))  # noqa: S314 - our own
    reasons = {
        str(each.get("name")): str(failure.get("message"))
        for each in cases
        for failure in each.iter("failure")
    }
    assert not [each.get("name") for each in cases if each.find("error") is not None]
    assert len(reasons) > len(cases) / 2
    for name, reason in reasons.items():
        assert re.match(r"AssertionError: .{10,}", reason), f"{name} says only: {reason}"


SOLVED = [change for change in CHANGES if list(change.parent.glob(f"{change.stem}.*.patch"))]


@pytest.mark.parametrize("spike", SPIKES)
@pytest.mark.parametrize("change", SOLVED, ids=lambda change: change.stem)
def test_its_answer_key_is_green(
    change: Path, spike: str, copies_before: dict[Path, Copy], tmp_path: Path
) -> None:
    copy = copies_before[change].twin(tmp_path / "copy")
    assert solve(copy, change)
    for command in ("check", "format --check"):
        passed(copy.run(f"{spike}_spike", "ruff", *command.split(), "."))
    passed(copy.suite(spike, file_of(change), "tests/test_outlets.py"))


def test_every_change_in_words_of_the_default_scenario_has_a_key() -> None:
    default = [each for each in CHANGES if each.parents[1].name == "access_request"]
    assert default == SOLVED
