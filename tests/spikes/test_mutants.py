"""The acceptance suite notices faults: each of `mutants.yml` by itself turns it red.

That it is green without a fault is for `test_copies.py` to say.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from .copies import HERE, NO_SERVER, SPIKES, Copy


@dataclass(frozen=True)
class Mutant:
    """A fault in the code of a spike, and the tests that should notice it."""

    spike: str
    fault: str
    file: str
    find: str
    replace: str
    noticed_by: str
    database: str = "sqlite"

    def __str__(self) -> str:
        return f"{self.spike}: {self.fault}"

    @property
    def tests(self) -> list[str]:
        """Where pytest finds the tests."""
        places = {"promises": "own", "": "tests"}
        split = [name.rpartition("/") for name in self.noticed_by.split()]
        return [f"{places[folder]}/{file}" for folder, _, file in split]

    def put_into(self, copy: Copy) -> None:
        """Write the fault into the spike's code."""
        path = copy.home / f"{self.spike}_spike" / self.file
        code = path.read_text(encoding="utf-8")
        count = code.count(self.find)
        assert count == 1, f"{self.file} has {self.find!r} {count} times"
        path.write_text(code.replace(self.find, self.replace), encoding="utf-8")


def mutants() -> Iterator[Mutant]:
    """Every fault of the list; those of `both` in each spike."""
    listed = yaml.safe_load((HERE / "mutants.yml").read_text(encoding="utf-8"))
    for spike in SPIKES:
        for fault in [*listed["both"], *listed[spike]]:
            yield Mutant(spike, **fault)


@pytest.mark.parametrize("case", list(mutants()), ids=str)
def test_a_fault_is_noticed(
    case: Mutant,
    copies: dict[str, Copy],
    tmp_path_factory: pytest.TempPathFactory,
    two_at_a_time: Callable[..., dict[Mutant, Any]],
) -> None:
    def run(mutant: Mutant) -> CompletedProcess[str]:
        twin = copies[mutant.database].twin(tmp_path_factory.mktemp("mutant") / "copy")
        shutil.copytree(HERE / "promises", twin.home / "acceptance" / "own", dirs_exist_ok=True)
        mutant.put_into(twin)
        done = twin.suite(mutant.spike, "--maxfail=1", *mutant.tests)
        shutil.rmtree(twin.home)
        return done

    if case.database not in copies:
        pytest.skip(NO_SERVER)
    done = two_at_a_time(run)[case].result()
    print(done.stdout)
    assert done.returncode == 1, "the suite did not notice"
    assert re.search(r"\b1 failed\b", done.stdout), "a test has to fail, not the start of the spike"
