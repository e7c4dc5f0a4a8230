"""What a team reads: clean to the linters, and small."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .code import count_lines, files
from .copies import ROOT, SPIKES, Copy, passed

SCENARIOS = sorted(folder.name for folder in (ROOT / "scenarios").iterdir() if folder.is_dir())

# Whoever reads code with care reads some 400 lines in an hour; five hours must be enough for what every spike has.
# What its workflow adds is counted by part. The larger spike is at most a twentieth below.
MOST_LINES = 1_945
MOST_LINES_EACH = {"fields": 18, "states": 3, "transitions": 10}
SECRETS = {
    "DEBUG": "0",
    "SECRET_KEY": "an-example-that-is-as-long-and-as-varied-as-a-real-one-0123456789",
    "WEBHOOK_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "ALLOWED_HOSTS": "spike.example",
}


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids="-".join)
@pytest.mark.parametrize("part", ["acceptance", "django_spike", "fastapi_spike"])
def test_ruff_finds_nothing(copy: Copy, part: str, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
        cwd=copy.home / part,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("spike", SPIKES)
def test_security_rules_find_nothing(copy: Copy, spike: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--no-cache",
            "--select",
            "S",
            "--exclude",
            "tests",
            ".",
        ],
        cwd=copy.home / f"{spike}_spike",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_spike_is_small(render: Callable[..., Path], tmp_path: Path, scenario: str) -> None:
    home = render(tmp_path / "copy", scenario=scenario)
    workflow = yaml.safe_load((home / "workflow.yml").read_text(encoding="utf-8"))
    most = MOST_LINES + sum(each * len(workflow[part]) for part, each in MOST_LINES_EACH.items())
    for spike in SPIKES:
        counts = {place: count_lines(source) for place, source in files(home / f"{spike}_spike")}
        print(*(f"{count:5} {place}" for place, count in counts.items()), sep="\n")
        print(f"{sum(counts.values()):5} of at most {most} in all")
        assert sum(counts.values()) <= most


def test_django_finds_nothing_to_warn_of(copy: Copy) -> None:
    command = ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    passed(copy.run("django_spike", *command, **SECRETS))
