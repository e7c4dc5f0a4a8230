"""A whole day as a script: three changes in both spikes with the answer key as the developers, one skipped.

Two pairs work at the same time, one in each spike. What the review says is compared with a count of its own.
Only a part of the suite runs, which each change makes red: that the answer keys are green by all of it is what
`spikes/test_answer_keys.py` is for.
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import twinspike
from scorecard.cards import filled
from spikes.copies import PARTS, SPIKES, install

from twinspike.scorecard.areas import load_plan

pytestmark = [pytest.mark.slow, pytest.mark.alone]
BUILT = ("01", "02", "03")
SKIPPED = "04"
TEAM = ["anna", "ben", "chris"]
OPTIONS = "-p no:cacheprovider"
ASKED = "submitted-cost_centre or test_guard or test_four_eyes or test_each_transition_sends or test_morning"
BUILDER = {"django": "anna", "fastapi": "ben"}


@dataclass
class Count:
    """What the test itself has counted of one change in one framework."""

    minutes: float
    lines: int
    files: int
    told: dict[str, Any]


@dataclass
class Played:
    """The copy after the day, and what was counted on the way."""

    home: Path
    counts: dict[tuple[str, str], Count] = field(default_factory=dict)


@pytest.fixture(scope="module")
def played(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The day, played once."""
    day = Played(render(tmp_path_factory.mktemp("day") / "copy", team=TEAM))
    for part in PARTS:
        install(day.home / part)
    config = day.home / "acceptance" / "pyproject.toml"
    options = config.read_text(encoding="utf-8")
    assert OPTIONS in options
    config.write_text(options.replace(OPTIONS, f"{OPTIONS} -k '{ASKED}'"), encoding="utf-8")
    kept = tmp_path_factory.mktemp("kept")

    def work(spike: str) -> None:
        for number in BUILT:
            day.counts[number, spike] = build(day.home, number, spike, kept)

    with ThreadPoolExecutor(len(SPIKES)) as pairs:
        list(pairs.map(work, SPIKES))
    ok(day.home, "skip", SKIPPED, "django", "--why", "The afternoon was over.")
    plan = load_plan(day.home / "scorecard.yml")
    cells = len(plan.areas) * len(plan.frameworks)
    for place, person in enumerate(TEAM):
        scores = [(place + number) % 5 + 1 for number in range(cells)]
        card = filled(plan, person, scores)
        (day.home / "scorecards" / f"{person}.md").write_text(card, encoding="utf-8")
    ok(day.home, "score")
    ok(day.home, "board", "--once")
    ok(day.home, "review", "--json")
    return day


def build(home: Path, number: str, spike: str, kept: Path) -> Count:
    """One change in one framework; the answer key is the developer."""
    folder = home / f"{spike}_spike"
    before, after = kept / f"before-{number}-{spike}", kept / f"after-{number}-{spike}"
    keep(folder, before)
    started = json.loads(ok(home, "start", number, spike, "--by", BUILDER[spike], "--json"))
    assert started["light"] == "red", f"{number} starts {started['light']} in {spike}"
    assert started["own_tests"] > 0
    # Its clock starts once the lines and the database of the morning are kept.
    begun = (home / ".twinspike" / f"before-{number}-{spike}.yml").stat().st_mtime
    ok(home, "answer", number, spike, "--apply")
    waited = time.time()
    told = json.loads(ok(home, "done", number, spike, "--json"))
    keep(folder, after)
    lines, files = differing(before, after)
    return Count((waited - begun) / 60, lines, files, told)


def keep(folder: Path, target: Path) -> None:
    """Copy the code of a spike, without what is made or measured apart."""
    made = shutil.ignore_patterns(
        ".*", "__pycache__", "migrations", "tests", "*.lock", "*.sqlite3*"
    )
    shutil.copytree(folder, target, ignore=made)


def differing(before: Path, after: Path) -> tuple[int, int]:
    """Lines and files that differ, as plain `diff` counts them."""
    said = subprocess.run(
        ["diff", "-rN", before, after], capture_output=True, text=True, check=False
    ).stdout
    lines = len(re.findall(r"^[<>]", said, re.M))
    return lines, len(re.findall(r"^diff -rN ", said, re.M))


def ok(home: Path, *words: str) -> str:
    done = twinspike(*words, cwd=home, timeout=900)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
    return str(done.stdout)


@pytest.mark.parametrize("spike", SPIKES)
@pytest.mark.parametrize("number", BUILT)
def test_the_review_says_what_was_counted(played: Played, number: str, spike: str) -> None:
    page = (played.home / "review" / "review.md").read_text(encoding="utf-8")
    title = {"django": "Django", "fastapi": "FastAPI"}[spike]
    row = re.search(
        rf"^\| {number} .* \| {title} \({BUILDER[spike]}\) \| (\d+) \| (\d+) \| (\d+) \| (.*) \| (.*) \|$",
        page,
        re.M,
    )
    assert row is not None, f"the review has no row for {number} in {title}"
    counted = played.counts[number, spike]
    assert (int(row[2]), int(row[3])) == (counted.lines, counted.files)
    assert abs(int(row[1]) - counted.minutes) <= 0.6
    assert row[4] == "1 red, 1 green"
    assert "✓ green" in row[5]
    assert "with the answer key" in row[5]


@pytest.mark.parametrize("spike", SPIKES)
@pytest.mark.parametrize("number", BUILT)
def test_the_answer_key_is_green_and_has_its_migration(
    played: Played, number: str, spike: str
) -> None:
    told = played.counts[number, spike].told
    assert told["green"]
    assert told["minutes"] >= 0
    if number == "01":  # a new column
        assert told["migrations"]["files"] == 1


def test_what_was_skipped_is_in_the_review_with_its_reason(played: Played) -> None:
    page = (played.home / "review" / "review.md").read_text(encoding="utf-8")
    assert "skipped: The afternoon was over" in page


def test_what_the_spikes_needed_at_the_start_is_in_the_review(played: Played) -> None:
    page = (played.home / "review" / "review.md").read_text(encoding="utf-8")
    for line in (played.home / "evidence.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "morning":
            assert str(event["lines"]["data_model"]) in page


def test_the_board_shows_the_day(played: Played) -> None:
    page = (played.home / "board.html").read_text(encoding="utf-8")
    assert page.count('class="done"') == len(BUILT) * len(SPIKES)
    assert "The afternoon was over." in page
