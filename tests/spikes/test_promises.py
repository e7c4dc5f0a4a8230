"""Both spikes keep what they promise: under kills, races, faults and slow neighbours.

Each promise is a file of `promises/`, written with the fixtures of the acceptance suite as a team's own
tests are, and run in a copy as they are. `-rP` shows the figures.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from .copies import DATABASES, HERE, SPIKES, Copy, passed

ON_EACH_DATABASE = ("health", "races")


@dataclass(frozen=True)
class Case:
    """A promise of a spike, with a database."""

    database: str
    promise: str
    spike: str

    def __str__(self) -> str:
        return f"{self.promise}-{self.spike}-{self.database}"


CASES = [
    Case(database, path.stem.removeprefix("test_"), spike)
    for path in sorted((HERE / "promises").glob("test_*.py"))
    for database in DATABASES
    for spike in SPIKES
    if database == "sqlite" or path.stem.removeprefix("test_") in ON_EACH_DATABASE
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_promise(
    case: Case,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    two_at_a_time: Callable[..., dict[Case, Any]],
) -> None:
    copies: dict[str, Copy] = {"sqlite": request.getfixturevalue("copy")}
    if any(case.database == "postgresql" for case in CASES):
        copies["postgresql"] = request.getfixturevalue("copy_on_server")

    def run(case: Case) -> Any:
        twin = copies[case.database].twin(tmp_path_factory.mktemp("promise") / "copy")
        own = twin.home / "acceptance" / "own"
        shutil.copytree(HERE / "promises", own, dirs_exist_ok=True)
        return twin.suite(case.spike, f"own/test_{case.promise}.py", "-rP")

    passed(two_at_a_time(run)[case].result())
