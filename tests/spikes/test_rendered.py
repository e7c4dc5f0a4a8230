"""What a team reads: clean to the linters, small, and the same rooms in both spikes."""

import subprocess
import sys
from pathlib import Path

import pytest

from .copies import SPIKES, Copy, passed

MOST_LINES = 2_650  # what they are; more should be a decision
ROOMS = ("workflow", "models", "services", "api", "auth", "follow_ups", "export", "demo")
SECRETS = {
    "DEBUG": "0",
    "SECRET_KEY": "an-example-that-is-as-long-and-as-varied-as-a-real-one-0123456789",
    "WEBHOOK_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "ALLOWED_HOSTS": "spike.example",
}


def lines(folder: Path) -> dict[str, int]:
    """The lines of Python by file, blank ones left out, without tests and migrations."""
    counts = {}
    for path in sorted(folder.rglob("*.py")):
        place = path.relative_to(folder)
        if not {"tests", "migrations", ".venv"} & set(place.parts):
            counts[str(place)] = sum(bool(line.strip()) for line in path.open(encoding="utf-8"))
    return counts


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


@pytest.mark.parametrize("spike", SPIKES)
def test_a_spike_is_small(copy: Copy, spike: str) -> None:
    counts = lines(copy.home / f"{spike}_spike")
    print(*(f"{count:5} {name}" for name, count in counts.items()), sep="\n")
    print(f"{sum(counts.values()):5} in all")
    assert sum(counts.values()) <= MOST_LINES


def test_the_rules_are_the_same_file(copy: Copy) -> None:
    ours, theirs = (copy.home / f"{spike}_spike" / "spike" / "workflow.py" for spike in SPIKES)
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize("spike", SPIKES)
def test_the_rooms_have_the_same_names(copy: Copy, spike: str) -> None:
    home = copy.home / f"{spike}_spike" / "spike"
    assert [room for room in ROOMS if not (home / f"{room}.py").is_file()] == []


def test_django_finds_nothing_to_warn_of(copy: Copy) -> None:
    command = ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    passed(copy.run("django_spike", *command, **SECRETS))
