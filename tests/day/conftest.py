"""A copy whose suite says what a test tells it to, and commands run in it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import twinspike

HERE = Path(__file__).parent


@dataclass(frozen=True)
class DayCopy:
    """A copy of the default workflow; its suite answers from `told.json`."""

    home: Path

    def run(self, *words: object) -> Any:
        """Run the command in the copy."""
        return twinspike(*words, cwd=self.home)

    def ok(self, *words: object) -> str:
        """Run the command, which has to succeed; gives what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *words: object) -> str:
        """Run the command, which has to be refused in a line or two; gives them."""
        done = self.run(*words)
        assert done.returncode in (1, 2), done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) <= 2
        return done.stderr

    def tell(self, **outcomes: str) -> None:
        """What the suite says of its tests from now on, as `test_a="failed"`."""
        (self.home / "acceptance" / "told.json").write_text(json.dumps(outcomes))

    def lists(self, **tests: str) -> None:
        """The tests that each target has, in a line, as `before="test_a test_b"`."""
        (self.home / "acceptance" / "lists.json").write_text(json.dumps(tests))

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """The lines of the record, of one kind or all."""
        text = (self.home / "evidence.jsonl").read_text(encoding="utf-8")
        found = [json.loads(line) for line in text.splitlines()]
        return [event for event in found if kind in ("", event["event"])]

    def write(self, path: str, text: str) -> None:
        """Write a file of the copy."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def scripted(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of every default, with the scripted suite."""
    home = render(tmp_path_factory.mktemp("day") / "copy")
    acceptance = home / "acceptance"
    shutil.rmtree(acceptance / "suite")
    shutil.copytree(HERE / "scripted_suite", acceptance / "suite")
    (acceptance / "pyproject.toml").write_text(
        '[project]\nname = "acceptance"\nversion = "0"\nrequires-python = ">=3.11"\n'
        "dependencies = []\n[tool.uv]\npackage = false\n"
    )
    (acceptance / "lists.json").write_text('{"before": "test_a", "after": "test_a test_b"}')
    (acceptance / "told.json").write_text('{"test_a": "passed", "test_b": "failed"}')
    return home


@pytest.fixture
def whole_copy(scripted: Path, tmp_path: Path) -> DayCopy:
    """A fresh copy with all of its changes."""
    shutil.copytree(scripted, tmp_path / "copy")
    return DayCopy(tmp_path / "copy")


@pytest.fixture
def day_copy(whole_copy: DayCopy) -> DayCopy:
    """The same with two changes in words: rendering what a workflow file leads to takes seconds."""
    for name in ("01-cost-centre", "02-two-managers"):
        file = whole_copy.home / "changes" / f"{name}.yml"
        block = yaml.safe_load(file.read_text(encoding="utf-8"))["change"]
        words = f"---\n{yaml.safe_dump(block)}---\n\nWhat has to be true.\n"
        file.with_suffix(".md").write_text(words, encoding="utf-8")
        file.unlink()
    return whole_copy
