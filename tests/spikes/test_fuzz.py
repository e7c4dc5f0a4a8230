"""`twinspike fuzz` finds nothing in either spike, and says, shows and keeps what a developer gets wrong."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from .copies import SPIKES, Copy, passed

SECONDS = "20"
# What a hurried developer leaves behind. It fails for everybody, so that it is found in little time.
LINE = 'raise RuntimeError("not today")'


def fuzz(copy: Copy, spike: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the copy, as a person does."""
    command = [sys.executable, "-m", "twinspike", "fuzz", spike, "--seconds", SECONDS, *options]
    return subprocess.run(
        command,
        cwd=copy.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )


def break_report(copy: Copy, spike: str) -> Path:
    """Let the report fail; gives the file."""
    path = copy.home / f"{spike}_spike" / "spike" / "queries.py"
    text = path.read_text(encoding="utf-8")
    begin = text.index('"""', text.index("def report("))
    end = text.index('"""', begin + 3) + 3
    path.write_text(f"{text[:end]}\n    {LINE}{text[end:]}", encoding="utf-8")
    return path


@pytest.mark.parametrize("case", SPIKES)
def test_nothing_is_found(
    case: str,
    copy: Copy,
    two_at_a_time: Callable[..., dict[str, Future[subprocess.CompletedProcess[str]]]],
) -> None:
    said = passed(two_at_a_time(lambda spike: fuzz(copy, spike))[case].result())
    assert "every answer was as documented" in said


@pytest.mark.parametrize("spike", SPIKES)
def test_a_fault_is_told_with_its_request_and_kept_as_a_test(
    copy: Copy, tmp_path: Path, spike: str
) -> None:
    twin = copy.twin(tmp_path / "copy")
    path = break_report(twin, spike)
    done = fuzz(twin, spike, "--keep")
    print(done.stdout)
    assert done.returncode == 1
    assert "✗ GET /api/access-requests/report" in done.stdout
    assert "Server error, answered 500" in done.stdout
    assert "curl -i -X GET" in done.stdout
    kept = "own/test_fuzz.py"
    assert (twin.home / "acceptance" / kept).is_file()
    assert twin.suite(spike, kept).returncode == 1
    path.write_text(path.read_text(encoding="utf-8").replace(f"    {LINE}\n", ""), encoding="utf-8")
    passed(twin.suite(spike, kept))
    for command in ("check", "format --check"):
        passed(twin.run("acceptance", sys.executable, "-m", "ruff", *command.split(), kept))
