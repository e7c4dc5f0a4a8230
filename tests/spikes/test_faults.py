"""The acceptance suite notices faults: each of `faults/*.yml` by itself turns it red.

That it is green without a fault is for `test_copies.py` to say.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from .copies import HERE, NO_SERVER, SPIKES, Copy
from .fault import Fault, read_faults

FAULTS = read_faults()
LEAST = 120  # of each spike; a promise without a fault may be broken unnoticed


def noticing(fault: Fault) -> list[str]:
    """Where pytest finds the tests that notice it."""
    split = [name.rpartition("/") for name in fault.noticed_by]
    return [f"{'own' if folder else 'tests'}/{test}" for folder, _, test in split]


@pytest.mark.parametrize("spike", SPIKES)
def test_every_fault_fits_the_code(plain: Path, tmp_path: Path, spike: str) -> None:
    faults = [fault for fault in FAULTS if fault.spike == spike]
    assert len(faults) >= LEAST
    for number, fault in enumerate(faults):
        home = shutil.copytree(plain / f"{spike}_spike", tmp_path / str(number))
        fault.put_into(home)


def test_no_fault_is_told_twice() -> None:
    told = [str(fault) for fault in FAULTS]
    assert sorted(set(told)) == sorted(told)


@pytest.mark.slow
@pytest.mark.parametrize("case", FAULTS, ids=str)
def test_a_fault_is_noticed(
    case: Fault,
    copies: dict[str, Copy],
    tmp_path_factory: pytest.TempPathFactory,
    two_at_a_time: Callable[..., dict[Fault, Any]],
) -> None:
    def run(fault: Fault) -> CompletedProcess[str]:
        twin = copies[fault.database].twin(tmp_path_factory.mktemp("fault") / "copy")
        shutil.copytree(HERE / "promises", twin.home / "acceptance" / "own", dirs_exist_ok=True)
        fault.put_into(twin.home / f"{fault.spike}_spike")
        done = twin.suite(fault.spike, "--maxfail=1", *noticing(fault))
        shutil.rmtree(twin.home)
        return done

    if case.database not in copies:
        pytest.skip(NO_SERVER)
    done = two_at_a_time(run)[case].result()
    print(done.stdout)
    assert done.returncode == 1, "the suite did not notice"
    assert re.search(r"\b1 failed\b", done.stdout), "a test has to fail, not the start of the spike"
