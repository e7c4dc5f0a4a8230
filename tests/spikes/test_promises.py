"""Both spikes keep what they promise: under kills, races, faults and slow neighbours.

Each promise is a file of `promises/`, written with the fixtures of the acceptance suite as a team's own
tests are, and run in a copy as they are. `-rP` shows the figures.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from .copies import (
    DATABASES,
    DEFAULT,
    EVERY_WORD,
    HERE,
    NO_SERVER,
    SPIKES,
    Copy,
    answers_for,
    passed,
    with_server,
)

ON = {
    "health": DATABASES,
    "imports": DATABASES,
    "kills": DATABASES,
    "processes": ("postgresql",),
    "races": DATABASES,
}
# With Celery, and with which broker in which spike.
WITH_BROKER = {
    "kills": ("rabbitmq", "redis"),
    "broker": ("redis", "rabbitmq"),
    "imports": ("redis", "rabbitmq"),
    "mails": ("rabbitmq", "redis"),
}
OF_EVERY_WORD = ("imports", "mails")  # words that the default scenario does not use


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


@pytest.fixture(scope="module")
def words(make_copy: Callable[..., Copy], request: pytest.FixtureRequest) -> Callable[[str], Copy]:
    """`words("sqlite")` is the copy of every_word with this database, made once."""

    @cache
    def make(database: str) -> Copy:
        copy = make_copy(database=database, **answers_for(EVERY_WORD))
        server = database == "postgresql"
        return with_server(copy, request.getfixturevalue("server")) if server else copy

    return make


def tried(promise: str, twin: Copy, spike: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a promise in a copy of their own."""
    shutil.copytree(HERE / "promises", twin.home / "acceptance" / "own", dirs_exist_ok=True)
    return twin.suite(spike, f"own/test_{promise}.py", "-rP")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_promise(
    case: Case,
    words: Callable[[str], Copy],
    copies: dict[str, Copy],
    copy_with_broker: Callable[..., Copy],
    tmp_path_factory: pytest.TempPathFactory,
    two_at_a_time: Callable[..., dict[Case, Any]],
) -> None:
    def run(case: Case) -> Any:
        home = tmp_path_factory.mktemp("promise") / "copy"
        workflow = EVERY_WORD if case.promise in OF_EVERY_WORD else DEFAULT
        if case.broker:
            copy = copy_with_broker(case.broker, workflow)
        else:
            copy = words(case.database) if workflow == EVERY_WORD else copies[case.database]
        return tried(case.promise, copy.twin(home), case.spike)

    if case.database not in copies:
        pytest.skip(NO_SERVER)
    passed(two_at_a_time(run)[case].result())
