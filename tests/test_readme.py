"""Every command that the README shows is run, in the README's order."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, copy_template

BLOCKS = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
# What starts servers is tried in `test_what_the_readme_starts_runs`; `make test` is what runs this.
STARTS = {"twinspike up access-requests", "twinspike check access-requests"}
MAKE = {"make demo", "make test"}
# Nobody has filled in a scorecard yet.
FALLS_SHORT = {"twinspike score access-requests", "twinspike review access-requests"}
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


def test_the_readme_opens_with_the_two_commands() -> None:
    assert COMMANDS[:2] == ["make demo", "make test"]


@pytest.mark.slow
def test_every_command_of_the_readme_runs_in_its_order_from_one_folder(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    copy_template(checkout)
    for command in COMMANDS:
        if command in STARTS | MAKE:
            continue
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=checkout,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        expected = 1 if command in FALLS_SHORT else 0
        assert done.returncode == expected, f"{command}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
    (checkout / "access-requests" / "board.html").unlink()
    shutil.rmtree(checkout / "access-requests" / ".twinspike")
    made = {path.name for path in (checkout / "access-requests-by-copier").iterdir()}
    assert made == {path.name for path in (checkout / "access-requests").iterdir()}


@pytest.mark.slow
def test_what_the_readme_starts_runs(tmp_path: Path) -> None:
    assert set(COMMANDS) >= STARTS
    subprocess.run(
        ["twinspike", "new", "access-requests", "--defaults"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        check=True,
    )
    up = subprocess.Popen(
        ["twinspike", "up", "access-requests"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert up.stdout is not None
    try:
        assert any("http://127.0.0.1:" in line for line in up.stdout)
    finally:
        up.send_signal(signal.SIGTERM)
        up.communicate(timeout=60)
    # All of it is run by the demonstration.
    check = ["twinspike", "check", "access-requests", "-k", "contract"]
    assert subprocess.run(check, cwd=tmp_path, env=ENVIRONMENT, check=False).returncode == 0


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
