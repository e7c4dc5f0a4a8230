"""How long the suite takes: the whole of it for both spikes side by side, and one test by itself."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from copies import suite
from results import middle, table
from uv import find_uv_bin

SPIKES = ("django", "fastapi")
ROUNDS = 3
WHOLE: tuple[str, ...] = ()  # options of `python -m suite check` that choose tests
ONE = "tests/test_contract.py::test_healthy"


def measure(copy: Path) -> str:
    """A table of seconds; the first run of the whole begins without a database, the others copy one."""
    home = copy / "acceptance"
    subprocess.run([find_uv_bin(), "sync", "--quiet"], cwd=home, check=True)
    for spike in SPIKES:
        suite(copy, "spike").sync(spike)
    python = str(home / ".venv" / "bin" / "python")
    first, *others = (
        seconds([python, "-m", "suite", "check", *WHOLE], home) for _ in range(1 + ROUNDS)
    )
    rows = [
        ("the whole suite of both, in a new copy", f"{first:.1f}"),
        ("the whole suite of both, later", middle(others, 1)),
    ]
    for spike in SPIKES:
        command = [python, "-m", "pytest", "-q", "--spike", spike, ONE]
        rows.append((f"{spike}: one test", middle([seconds(command, home) for _ in range(3)], 1)))
    return table(["from the command to the verdict", "seconds"], rows)


def seconds(command: Sequence[str], home: Path) -> float:
    """How long the command takes, which must succeed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} is red:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - began
