"""What a team gets works: the whole suite for every scenario, and the spikes' own tests, on a server too."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from subprocess import CompletedProcess
from typing import Any

import pytest

from .copies import (
    DEFAULT,
    EVERY_WORD,
    ROOT,
    SPIKES,
    Copy,
    answers_for,
    passed,
    with_server,
)

STATEMENT = """
import psycopg, sys
server, statement = sys.argv[1:]
psycopg.connect(f"{server}/postgres", autocommit=True).execute(statement)
"""
SCENARIOS = sorted(path.parent.name for path in (ROOT / "scenarios").glob("*/workflow.yml"))
WORKFLOWS = [*SCENARIOS, EVERY_WORD]
# The default one on SQLite is judged by the commands of its pipeline, in `test_pipeline.py`.
CASES = [
    (workflow, "sqlite", spike) for workflow in WORKFLOWS if workflow != DEFAULT for spike in SPIKES
]
# All that a worker does, by the embedded one on PostgreSQL; all else is the same there with Celery.
CASES += [(EVERY_WORD, "postgresql", spike) for spike in SPIKES]
WORKED = ("by_itself", "follow_ups", "imports", "notifies")
# Celery on PostgreSQL; each broker with the other framework is tried by `test_promises.py`.
WITH_BROKER = {"rabbitmq": "django", "redis": "fastapi"}
CASES += [(EVERY_WORD, broker, spike) for broker, spike in WITH_BROKER.items()]


@pytest.fixture(scope="module")
def judged(
    request: pytest.FixtureRequest,
    copy: Copy,
    make_copy: Callable[..., Copy],
    copy_with_broker: Callable[..., Copy],
) -> dict[tuple[str, str], Copy]:
    """The copies that the suite judges, by workflow and by database or broker, where there is such a server."""
    found = {(DEFAULT, "sqlite"): copy}
    for workflow in WORKFLOWS:
        if workflow != DEFAULT:
            found[workflow, "sqlite"] = make_copy(**answers_for(workflow))
    with suppress(pytest.skip.Exception):
        server = request.getfixturevalue("server")
        made = make_copy(database="postgresql", **answers_for(EVERY_WORD))
        found[EVERY_WORD, "postgresql"] = with_server(made, server)
        for broker in WITH_BROKER:
            made = copy_with_broker(broker, EVERY_WORD, "postgresql")
            found[EVERY_WORD, broker] = with_server(made, server)
    return found


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_suite_is_green(
    case: tuple[str, str, str],
    judged: dict[tuple[str, str], Copy],
    two_at_a_time: Callable[..., Any],
) -> None:
    def run(case: tuple[str, str, str]) -> CompletedProcess[str]:
        workflow, database, spike = case
        chosen = WORKED if database == "postgresql" else ()
        tests = (f"tests/test_{name}.py" for name in chosen)
        return judged[workflow, database].suite(spike, *tests)

    if case[:2] not in judged:
        pytest.skip(f"no server: {case[1]}")
    passed(two_at_a_time(run)[case].result())


@pytest.mark.parametrize("spike", SPIKES)
@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_its_own_tests_pass(judged: dict[tuple[str, str], Copy], workflow: str, spike: str) -> None:
    copy = judged[workflow, "sqlite"]
    passed(copy.run(f"{spike}_spike", "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"))


@pytest.mark.parametrize("spike", SPIKES)
def test_its_own_tests_need_no_broker(make_copy: Callable[..., Copy], spike: str) -> None:
    copy = make_copy(queue="celery", **answers_for(EVERY_WORD))
    passed(copy.run(f"{spike}_spike", "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"))


@pytest.mark.parametrize("spike", SPIKES)
def test_its_own_tests_pass_on_a_server(copy_on_server: Copy, server: str, spike: str) -> None:
    name = f"twinspike_{secrets.token_hex(4)}"

    def ask(statement: str) -> None:
        passed(copy_on_server.run("acceptance", "python", "-c", STATEMENT, server, statement))

    ask(f"CREATE DATABASE {name}")
    try:
        command = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
        database = f"{server}/{name}"
        passed(copy_on_server.run(f"{spike}_spike", *command, DATABASE_URL=database))
    finally:
        ask(f"DROP DATABASE {name} WITH (FORCE)")
