"""What a team reads: clean to the linters, and small."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .code import count_lines, files
from .copies import EVERY_WORD, SPIKES, Copy, answers_for, passed
from .test_copies import SCENARIOS

# Whoever reads code with care reads some 400 lines in an hour; five hours must be enough for what every spike has.
# What its workflow adds is counted by part. The larger spike is at most a twentieth below.
MOST_LINES = 2_010
MOST_LINES_EACH = {"fields": 18, "states": 3, "transitions": 10}
# What each word of the language costs where it is used, in the spike that needs more for it.
MOST_LINES_FOR_WORDS = {
    " on:": 65,
    "after:": 75,
    "approvals:": 35,
    "bulk:": 145,
    "impersonates:": 240,
    "imports:": 480,
    "min: today": 60,
    "notifies:": 190,
    "only_when:": 85,
    "seen_by:": 65,
    "sees: department": 40,
    "type: person": 125,
}
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
    told = (home / "workflow.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(told)
    most = MOST_LINES + sum(each * len(workflow[part]) for part, each in MOST_LINES_EACH.items())
    most += sum(lines for word, lines in MOST_LINES_FOR_WORDS.items() if word in told)
    for spike in SPIKES:
        counts = {place: count_lines(source) for place, source in files(home / f"{spike}_spike")}
        print(*(f"{count:5} {place}" for place, count in counts.items()), sep="\n")
        print(f"{sum(counts.values()):5} of at most {most} in all")
        assert sum(counts.values()) <= most


def test_django_finds_nothing_to_warn_of(copy: Copy) -> None:
    command = ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    passed(copy.run("django_spike", *command, **SECRETS))


# A piece of each spike's code that stands there for a word alone.
WORDS: dict[str, dict[str, str]] = {
    "type: person": {"django": "class PersonField", "fastapi": "def in_columns"},
    " on:": {"django": "transition.on:", "fastapi": "transition.on"},
    "after:": {"django": "since = Coalesce", "fastapi": "since = func.coalesce"},
    "at_once:": {"django": '"at once"', "fastapi": '"at once"'},
    "sees: department": {"django": "owner__department", "fastapi": "User.department"},
    "min: today": {"django": "localdate(timezone", "fastapi": "time_zone).date()"},
    "min: first_day": {"django": "_not_before_", "fastapi": "_not_before_"},
    "bulk": {"django": "class BulkForm", "fastapi": "def ticked_page"},
    "imports:": {"django": "def advance", "fastapi": "def advance"},
    "approvals": {"django": "Action.APPROVAL", "fastapi": '"approval"'},
    "impersonates": {"django": "class Impersonation", "fastapi": "class Impersonation"},
    "only_when": {"django": "wrong_answers", "fastapi": "wrong_answers"},
    "seen_by": {"django": "def as_seen", "fastapi": "UNSEEN"},
    "notifies": {"django": "def queue_mails", "fastapi": "def queue_mails"},
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_word_that_is_not_used_leaves_no_line(
    render: Callable[..., Path], tmp_path: Path, scenario: str
) -> None:
    without = render(tmp_path / scenario, scenario=scenario)
    every_word = render(tmp_path / EVERY_WORD, **answers_for(EVERY_WORD))
    told = (without / "workflow.yml").read_text(encoding="utf-8")
    for word, marks in WORDS.items():
        for spike, mark in marks.items():
            used = "".join(source for _, source in files(every_word / f"{spike}_spike"))
            assert mark in used, f"{mark} does not stand for {word} in {spike}"
            if word not in told:
                unused = "".join(source for _, source in files(without / f"{spike}_spike"))
                assert mark not in unused, f"{mark} of {word} is in {spike}"
