"""Every command that the copy's README shows is run, in the README's order."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import DayCopy

# Nobody has filled in a scorecard.
FALLS_SHORT = {"twinspike score", "twinspike review"}
# These go on until somebody ends them: what they say first, and what this test adds.
STAYS = {
    "twinspike board": ("The board is at", ["--port", "0"]),
    "twinspike watch django": ("Watching django", []),
}
# The tests of the change, which a developer makes green before this.
NEEDS_GREEN = "twinspike done"


def commands(copy: Path) -> list[str]:
    text = (copy / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.S)
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]


@pytest.mark.slow
def test_every_command_of_the_copys_readme_runs(whole_copy: DayCopy) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "BROWSER": "true"}
    asked = commands(whole_copy.home)
    assert asked[0] == "git init"
    assert asked[-1] == "twinspike review"
    for command in asked:
        if command.startswith(NEEDS_GREEN):
            whole_copy.tell(test_a="passed", test_b="passed")
        if command in STAYS:
            stays(command, whole_copy.home, environment)
            continue
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=whole_copy.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = done.stdout + done.stderr
        red = "passed" not in (whole_copy.home / "acceptance/told.json").read_text().split("b")[-1]
        judged = command.startswith("twinspike check") and red
        expected = 1 if command in FALLS_SHORT or judged else 0
        assert done.returncode == expected, f"{command}: {said}"
        assert "Traceback" not in said, command


def stays(command: str, home: Path, environment: dict[str, str]) -> None:
    """Start it, wait for its word, and end it as Ctrl-C does."""
    word, added = STAYS[command]
    process = subprocess.Popen(
        [*command.split(), *added],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert word in process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0


@pytest.mark.parametrize(
    "command", ["day", "start", "watch", "pause", "done", "skip", "answer", "board"]
)
def test_the_readme_names_every_command_of_the_day(whole_copy: DayCopy, command: str) -> None:
    assert any(line.startswith(f"twinspike {command}") for line in commands(whole_copy.home))
