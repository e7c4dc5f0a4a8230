"""This morning's database, taken through the spike's migrations: nothing is lost, and nothing drifts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from suite import morning
from suite.database import database
from suite.fixtures import spike_of
from suite.spike import RESULTS, Spike, fresh_secrets

pytestmark = [pytest.mark.area("data_model"), pytest.mark.started, pytest.mark.morning]


@pytest.fixture(scope="module")
def spike(request: pytest.FixtureRequest) -> str:
    """The name of the spike under test."""
    return spike_of(request.config)


@pytest.fixture(scope="module")
def then_and_now(spike: str) -> Iterator[tuple[list[Any], list[Any]]]:
    """What the database showed this morning, and what it shows by the code as it is now."""
    path = morning.kept(spike)
    assert path is not None
    told = json.loads(path.read_text(encoding="utf-8"))
    with (
        database(spike, like=told["database"]) as address,
        morning.started(spike, address, told["secrets"], people=False) as site,
    ):
        yield told["records"], morning.shown(site)


def test_no_record_is_lost(then_and_now: tuple[list[Any], list[Any]]) -> None:
    then, now = then_and_now
    there = {each["record"]["id"]: each["record"] for each in now}
    found = [
        loss
        for each in then
        for loss in morning.lost(
            each["record"], there.get(each["record"]["id"], {}), f"record {each['record']['id']}"
        )
    ]
    assert not found, f"{len(found)} losses: {found[0]}"


def test_no_history_is_lost(then_and_now: tuple[list[Any], list[Any]]) -> None:
    then, now = then_and_now
    there = {each["record"]["id"]: each["history"] for each in now}
    for each in then:
        number = each["record"]["id"]
        assert len(there.get(number, [])) == len(each["history"]), f"the history of {number}"
        for before, after in zip(each["history"], there[number], strict=True):
            assert not morning.lost(before, after, f"the history of {number}")


def test_the_migrations_say_what_the_code_says(spike: str) -> None:
    plain = {"DEBUG": "1", "PORT": "1", "WEBHOOK_URL": "http://127.0.0.1:9/hook"}
    with database(spike) as address:
        environment = {**fresh_secrets(), **plain, "DATABASE_URL": address}
        with Spike(spike, environment, RESULTS / f"{spike}-drift.log") as it:
            it.must("release")
            assert it.run("drift") == 0, f"a migration is missing:\n{it.tail(6)}"
