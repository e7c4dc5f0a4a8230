"""Every command that the README shows is run, in the README's order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, copy_template

BLOCKS = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
# These start servers; `test_the_demonstration_runs_from_a_clone` has what they do.
TOGETHER = {"make demo", "make test", "twinspike up", "twinspike check"}
# Nobody has filled in a scorecard yet.
FALLS_SHORT = {"twinspike score", "twinspike review"}


def test_the_readme_opens_with_the_two_commands() -> None:
    assert COMMANDS[:2] == ["make demo", "make test"]


def test_every_command_of_the_readme_runs(tmp_path: Path) -> None:
    copy_template(tmp_path / "checkout")
    here = tmp_path / "checkout"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in COMMANDS:
        if command in TOGETHER:
            continue
        if command.startswith("cd "):
            here = here / command.removeprefix("cd ")
            continue
        at = tmp_path / "checkout" if "scenarios/" in command or "copier" in command else here
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=at,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        expected = 1 if command in FALLS_SHORT else 0
        assert done.returncode == expected, f"{command}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demonstration_runs_from_a_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    done = subprocess.run(
        ["make", "demo", f"PYTHON={sys.executable}"],
        cwd=clone,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("approval workflow", "http://127.0.0.1:", "password", "requester"):
        assert word in done.stdout
