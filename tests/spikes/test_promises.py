"""Both spikes keep what they promise: under kills, races, faults and slow neighbours.

Each promise is a file of `promises/`, written with the fixtures of the acceptance suite as a team's own
tests are, and run in a copy as they are. `-rP` shows the figures.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from .copies import DATABASES, HERE, NO_SERVER, SPIKES, Copy, passed

ON = {
    "health": DATABASES,
    "kills": DATABASES,
    "processes": ("postgresql",),
    "races": DATABASES,
}
# With Celery, and with which broker in which spike.
WITH_BROKER = {"kills": ("rabbitmq", "redis"), "broker": ("redis", "rabbitmq")}


@dataclass(frozen=True)
class Case:
    """A promise of a spike, with a database."""

    database: str
    promise: str
    spike: str
    broker: str = ""

    def __str__(self) -> str:
        return f"{self.promise}-{self.spike}-{self.broker or self.database}"


PROMISES = sorted(p.stem.removeprefix("test_") for p in (HERE / "promises").glob("test_*.py"))
CASES = [
    Case(database, promise, spike)
    for promise in PROMISES
    if promise != "broker"
    for database in ON.get(promise, ("sqlite",))
    for spike in SPIKES
]
CASES += [
    Case("sqlite", promise, spike, broker)
    for promise, brokers in WITH_BROKER.items()
    for spike, broker in zip(SPIKES, brokers, strict=True)
]


def tried(promise: str, twin: Copy, spike: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a promise in a copy of their own."""
    shutil.copytree(HERE / "promises", twin.home / "acceptance" / "own", dirs_exist_ok=True)
    return twin.suite(spike, f"own/test_{promise}.py", "-rP")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_promise(
    case: Case,
    copies: dict[str, Copy],
    copy_with_broker: Callable[..., Copy],
    tmp_path_factory: pytest.TempPathFactory,
    two_at_a_time: Callable[..., dict[Case, Any]],
) -> None:
    def run(case: Case) -> Any:
        home = tmp_path_factory.mktemp("promise") / "copy"
        copy = copy_with_broker(case.broker) if case.broker else copies[case.database]
        return tried(case.promise, copy.twin(home), case.spike)

    if case.database not in copies:
        pytest.skip(NO_SERVER)
    passed(two_at_a_time(run)[case].result())
