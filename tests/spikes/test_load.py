"""`twinspike load`: two hundred people are answered by either spike, and slow answers and failures show."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .copies import SPIKES, Copy

pytestmark = pytest.mark.alone
# What hurried developers put into a search; the one is slow, the other fails.
SLOW = '__import__("time").sleep(0.4)'
FAILING = 'raise RuntimeError("not today")'


def load(copy: Copy, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the command in the copy, as a program does: how it ended, and what it found."""
    command = [sys.executable, "-m", "twinspike", "load", *options, "--turns", "1", "--json"]
    done = subprocess.run(
        command,
        cwd=copy.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    print(done.stderr)
    return done.returncode, json.loads(done.stdout)


def plant(copy: Copy, spike: str, line: str) -> None:
    """Begin the spike's search with a line."""
    path: Path = copy.home / f"{spike}_spike" / "spike" / "queries.py"
    text = path.read_text(encoding="utf-8")
    begin = text.index('"""', text.index("def search_records("))
    end = text.index('"""', begin + 3) + 3
    path.write_text(f"{text[:end]}\n    {line}{text[end:]}", encoding="utf-8")


@pytest.fixture(scope="module")
def planted(copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is found of a slow search in Django's spike and of a failing one in FastAPI's."""
    twin = copy.twin(tmp_path_factory.mktemp("load") / "copy")
    plant(twin, "django", SLOW)
    plant(twin, "fastapi", FAILING)
    code, found = load(twin, "--users", "20", "--seconds", "5")
    assert code == 1
    return found["spikes"]


def test_two_hundred_people_are_answered(copy: Copy, tmp_path: Path) -> None:
    """What is late or refused is the spike's failure; a generator that is out of breath is nobody's success."""
    twin = copy.twin(tmp_path / "copy")
    for _ in range(3):  # a run that says nothing of a spike is made again
        code, found = load(twin, "--seconds", "10", "--workers", "2")
        if all(spike["valid"] for spike in found["spikes"].values()):
            break
    assert code == 0
    assert found["users"] == 200
    for spike in SPIKES:
        told = found["spikes"][spike]
        assert (told["planned"], told["failed"], told["valid"]) == (200, 0, 1)
        assert told["achieved"] > 160  # the machine is a part of it
        assert told["p95"] < 2000
    page = (twin.home / "load.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 6
    events = (twin.home / "evidence.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(each)["framework"] for each in events][-2:] == list(SPIKES)


def test_a_slow_answer_shows_in_the_slowest_ones(planted: dict[str, Any]) -> None:
    django = planted["django"]
    assert django["p50"] < 400 <= django["p95"]
    assert django["failed"] == 0


def test_a_failing_answer_counts_as_none(planted: dict[str, Any]) -> None:
    fastapi = planted["fastapi"]
    assert fastapi["failures"] == {"answered 500": 15}
    assert (fastapi["requests"], fastapi["answered"], fastapi["p95"]) == (100, 85, None)
    assert fastapi["p50"] is not None
