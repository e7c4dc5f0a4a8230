"""The changes that no workflow file can say: their tests are red in each spike as it is before them.

Red is what has to be built; a test that ends in an error of its own would say nothing.
"""

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from conftest import ROOT

from .copies import SPIKES, Copy

CHANGES = sorted(ROOT.glob("scenarios/*/changes/[0-9][0-9]-*.md"))


def named(value: Path | str) -> str:
    """What a case is called in the name of its test."""
    return f"{value.parents[1].name}/{value.stem}" if isinstance(value, Path) else value


@pytest.mark.parametrize(("change", "spike"), [(c, s) for c in CHANGES for s in SPIKES], ids=named)
def test_its_tests_are_red_for_what_is_missing(
    change: Path,
    spike: str,
    render: Callable[..., Path],
    key_copy: Callable[[Path], Copy],
    tmp_path: Path,
) -> None:
    number = change.name[:2]
    key = max(each for each in change.parent.glob("[0-9][0-9]-*.yml") if each < change)
    home = render(tmp_path / "copy", scenario=change.parents[1].name)
    before = key_copy(key).twin(tmp_path / "before")
    tests = f"own/test_change_{number}.py"
    (before.home / "acceptance" / tests).write_bytes((home / "acceptance" / tests).read_bytes())
    target = before.home / ".twinspike" / "targets" / f"{spike}.yml"
    target.parent.mkdir(parents=True, exist_ok=True)
    flow = yaml.safe_load((before.home / "workflow.yml").read_text(encoding="utf-8"))
    target.write_text(yaml.safe_dump({"change": {"number": number, "taken": [number]}, **flow}))
    report = tmp_path / "report.xml"
    done = before.suite(spike, tests, f"--junitxml={report}")
    print(done.stdout)
    assert done.returncode == 1
    cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - our own
    reasons = {
        str(case.get("name")): str(failure.get("message"))
        for case in cases
        for failure in case.iter("failure")
    }
    assert not [case.get("name") for case in cases if case.find("error") is not None]
    assert len(reasons) > len(cases) / 2
    for name, reason in reasons.items():
        assert re.match(r"AssertionError: .{10,}", reason), f"{name} says only: {reason}"
