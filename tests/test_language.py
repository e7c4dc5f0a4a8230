"""The check of the workflow travels with every copy, and says there what the command says."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from mistakes import CASES

from twinspike.files import yaml_file
from twinspike.workflow.check import check
from twinspike.workflow.shape import plain

GOOD = ROOT / "scenarios" / "access_request" / "workflow.yml"
SAID = """
import json, sys
from suite.workflow_language import mistakes
print(json.dumps([[each.place for each in mistakes(data)] for data in json.load(sys.stdin)]))
"""


@pytest.fixture(scope="module")
def suite(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The acceptance suite of a copy."""
    return render(tmp_path_factory.mktemp("copy") / "copy") / "acceptance"


def run(suite: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python in the folder of the suite."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=suite, input=given, capture_output=True, text=True, check=False
    )


def test_a_copy_finds_every_mistake_that_the_command_finds(suite: Path) -> None:
    mistaken = []
    for case in CASES.values():
        data = yaml_file.read(GOOD).data
        case.change(data)
        mistaken.append(data)
    done = run(suite, "-c", SAID, given=json.dumps(mistaken, default=str))
    assert done.returncode == 0, done.stderr
    for (name, case), places in zip(CASES.items(), json.loads(done.stdout), strict=True):
        assert case.place in places, f"{name}: {places}"


def test_both_say_the_same_of_what_does_not_fit_together(suite: Path) -> None:
    data = yaml_file.read(GOOD).data
    data["transitions"][0]["by"] = ["clerk"]
    data["states"].append({"name": "lost"})
    program = "import json, sys; from suite.workflow_language import mistakes as m"
    program += "; print([str(each) for each in m(json.load(sys.stdin))])"
    done = run(suite, "-c", program, given=json.dumps(data, default=str))
    assert done.stdout.strip() == str([str(mistake) for mistake in check(data)[1]])


@pytest.mark.parametrize("verb", ["check", "up"])
def test_the_suite_says_what_is_wrong_before_it_starts_anything(suite: Path, verb: str) -> None:
    file = suite.parent / "workflow.yml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace("to: submitted", "to: submited"), encoding="utf-8")
    done = run(suite, "-m", "suite", verb)
    file.write_text(before, encoding="utf-8")
    assert done.returncode == 1
    line = before[: before.index("to: submitted")].count("\n") + 1
    told = f"workflow.yml: line {line}: transitions[0].to: 'submited' is not a state; did"
    assert done.stdout.startswith(told)
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) <= 8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: leave\n\tfields: []\n", "line 2, column 1: there is a tab"),
        ("name: leave\nname: holiday\n", "line 2: the key 'name' is there twice"),
        ("name: [leave\n", "is not YAML"),
        ("", "is empty"),
        ("- leave\n", "belongs"),
    ],
)
def test_the_suite_says_what_is_no_workflow_at_all(suite: Path, text: str, told: str) -> None:
    file = suite.parent / "workflow.yml"
    before = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    done = run(suite, "-m", "suite", "check")
    file.write_text(before, encoding="utf-8")
    assert done.returncode == 1
    said = " ".join(done.stdout.split())  # it is broken into lines
    assert "workflow.yml: " in said
    assert told in said
    assert "Traceback" not in done.stdout + done.stderr


def test_a_scenario_is_right_for_a_copy_too(suite: Path) -> None:
    for path in (ROOT / "scenarios").glob("*/workflow.yml"):
        data = json.dumps([plain(yaml_file.read(path).data)])
        assert run(suite, "-c", SAID, given=data).stdout.strip() == "[[]]", path
