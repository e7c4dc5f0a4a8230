"""The changes that no workflow file can say: their tests are red in each spike as it is before them.

Red is what has to be built; a test that ends in an error of its own would say nothing.
"""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from conftest import ROOT

from .copies import SPIKES, Copy

CHANGES = sorted(ROOT.glob("scenarios/*/changes/[0-9][0-9]-*.md"))


def named(case: tuple[Path, str]) -> str:
    """What a case is called in the name of its test."""
    return f"{case[0].parents[1].name}/{case[0].stem}-{case[1]}"


def file_of(change: Path) -> str:
    """The file with the tests of the change, in the suite's folder."""
    return f"own/test_change_{change.name[:2]}.py"


@pytest.fixture(scope="module")
def copies_before(
    render: Callable[..., Path],
    key_copy: Callable[[Path], Copy],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[Path, Copy]:
    """Each change's copy as it is before it: with its tests, and with the change begun in both spikes."""
    found = {}
    for change in CHANGES:
        number, home = change.name[:2], tmp_path_factory.mktemp("words")
        key = max(each for each in change.parent.glob("[0-9][0-9]-*.yml") if each < change)
        own = render(home / "plain", scenario=change.parents[1].name) / "acceptance"
        copy = key_copy(key).twin(home / "copy")
        (copy.home / "acceptance" / file_of(change)).write_bytes(
            (own / file_of(change)).read_bytes()
        )
        flow = yaml.safe_load((copy.home / "workflow.yml").read_text(encoding="utf-8"))
        targets = copy.home / ".twinspike" / "targets"
        targets.mkdir(parents=True, exist_ok=True)
        for spike in SPIKES:
            target = {"change": {"number": number, "taken": [number]}, **flow}
            (targets / f"{spike}.yml").write_text(yaml.safe_dump(target), encoding="utf-8")
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
