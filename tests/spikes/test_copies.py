"""What a team gets works, on SQLite and on a PostgreSQL server: its own tests, and the whole suite."""

import secrets
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import pytest

from .copies import DATABASES, NO_SERVER, SPIKES, Copy, passed

STATEMENT = """
import psycopg, sys
server, statement = sys.argv[1:]
psycopg.connect(f"{server}/postgres", autocommit=True).execute(statement)
"""
CASES = [(database, spike) for database in DATABASES for spike in SPIKES]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_suite_is_green(
    case: tuple[str, str], copies: dict[str, Copy], two_at_a_time: Callable[..., Any]
) -> None:
    def run(case: tuple[str, str]) -> CompletedProcess[str]:
        return copies[case[0]].suite(case[1])

    if case[0] not in copies:
        pytest.skip(NO_SERVER)
    passed(two_at_a_time(run)[case].result())


@pytest.mark.parametrize("spike", SPIKES)
def test_its_own_tests_pass(copy: Copy, spike: str) -> None:
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
