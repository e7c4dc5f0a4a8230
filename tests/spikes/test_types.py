"""A type checker finds no error in the generator, in the acceptance suite and in the FastAPI spike."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .copies import DEFAULT, EVERY_WORD, ROOT, Copy, answers_for

SETTINGS = {"typeCheckingMode": "standard", "reportMissingModuleSource": "none"}


def check(folder: Path, python: Path, tmp_path: Path, *parts: str) -> None:
    """Check the parts of a folder as its own Python would import them."""
    settings = tmp_path / "pyrightconfig.json"
    inside = [folder / part for part in parts]
    plain = [part for part in inside if not (part / "__init__.py").exists()]
    place = {"include": [*map(str, inside)], "extraPaths": [*map(str, (folder, *plain))]}
    settings.write_text(json.dumps(SETTINGS | place), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--level", "error", "--project", str(settings)]
    done = subprocess.run(
        [*command, "--pythonpath", str(python)], capture_output=True, text=True, check=False
    )
    print(done.stdout[-20_000:], done.stderr[-2_000:])
    assert done.returncode == 0


def test_the_generator(tmp_path: Path) -> None:
    check(ROOT, Path(sys.executable), tmp_path, "src")


def test_the_acceptance_suite(copy: Copy, tmp_path: Path) -> None:
    home = copy.home / "acceptance"
    check(home, home / ".venv" / "bin" / "python", tmp_path, "suite", "tests")


@pytest.mark.parametrize(
    ("workflow", "queue"),
    [(DEFAULT, "embedded"), (EVERY_WORD, "embedded"), (EVERY_WORD, "celery")],
)
def test_the_fastapi_spike(
    make_copy: Callable[..., Copy], tmp_path: Path, workflow: str, queue: str
) -> None:
    home = make_copy(queue=queue, **answers_for(workflow)).home / "fastapi_spike"
    check(home, home / ".venv" / "bin" / "python", tmp_path, "spike", "tests", "migrations")
