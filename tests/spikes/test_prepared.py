"""The prepared database of a spike: kept for the sources from which it follows, and for no others."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .copies import SPIKES


def kept_as(home: Path, spike: str) -> str:
    """The name by which the suite keeps the spike's database now."""
    asked = f"from suite import prepared; print(prepared._path({spike!r}).name)"
    return subprocess.run(
        [sys.executable, "-c", asked],
        cwd=home / "acceptance",
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("spike", SPIKES)
def test_a_prepared_database_is_kept_until_its_sources_change(
    plain: Path, tmp_path: Path, spike: str
) -> None:
    home = tmp_path / "copy"
    shutil.copytree(plain, home)
    before = kept_as(home, spike)
    folder = home / f"{spike}_spike"
    installed = folder / ".venv" / "lib"
    installed.mkdir(parents=True)
    (installed / "package.py").write_text("", encoding="utf-8")
    (folder / "README.md").write_text("Ours.", encoding="utf-8")
    (folder / "tests" / "test_more.py").write_text("", encoding="utf-8")
    page = next(folder.rglob("*.html"))
    page.write_text(page.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert kept_as(home, spike) == before
    rules = folder / "spike" / "workflow.py"
    rules.write_text(rules.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert kept_as(home, spike) != before
