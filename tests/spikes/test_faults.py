"""The acceptance suite notices faults: each of `faults/*.yml` by itself turns it red.

Each is tried by `test_faults_django.py` or `test_faults_fastapi.py`, which two processes can share. That
the suite is green without a fault is for `test_copies.py` to say.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .copies import DEFAULT, EVERY_WORD, SPIKES, answers_for
from .fault import read_faults
from .workshop import put

FAULTS = read_faults()
LEAST = 250  # of each spike; a promise without a fault may be broken unnoticed


@pytest.mark.slow
@pytest.mark.parametrize("spike", SPIKES)
def test_every_fault_fits_the_code(
    plain: Path, render: Callable[..., Path], tmp_path: Path, spike: str
) -> None:
    """And names nothing that is not there: that would be an error of the spike, which any test notices."""
    faults = [fault for fault in FAULTS if fault.spike == spike]
    assert len(faults) >= LEAST
    every_word = render(tmp_path / EVERY_WORD, **answers_for(EVERY_WORD))
    on_server = render(tmp_path / "on_server", database="postgresql")
    homes = {
        (DEFAULT, "sqlite", "embedded"): shutil.copytree(
            plain / f"{spike}_spike", tmp_path / "spike"
        ),
        (DEFAULT, "postgresql", "embedded"): on_server / f"{spike}_spike",
        (EVERY_WORD, "sqlite", "embedded"): every_word / f"{spike}_spike",
    }
    for workflow in (DEFAULT, EVERY_WORD):
        copy = render(tmp_path / f"celery-{workflow}", queue="celery", **answers_for(workflow))
        homes[workflow, "sqlite", "celery"] = copy / f"{spike}_spike"
    for number, fault in enumerate(faults):
        home = homes[fault.workflow, fault.database, fault.queue]
        with put(fault, home):
            for path in fault.files(home):
                target = tmp_path / "changed" / str(number) / path.relative_to(home)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    done = subprocess.run(
        [*ruff, "--output-format", "concise", tmp_path / "changed"],
        capture_output=True,
        text=True,
        check=False,
    )
    numbers = map(int, re.findall(r"changed/(\d+)/", done.stdout))
    print(done.stdout)
    assert done.returncode == 0, f"{', '.join(str(faults[number]) for number in numbers)}"


def test_no_fault_is_told_twice() -> None:
    told = [str(fault) for fault in FAULTS]
    assert sorted(set(told)) == sorted(told)
