"""With `database: postgresql` both spikes migrate, pass their own tests and the whole suite."""

import secrets

import pytest

from .copies import SPIKES, Copy, passed


@pytest.fixture
def database(copy_on_server: Copy, server: str) -> str:
    """The address of a new, empty database."""
    name = f"twinspike_{secrets.token_hex(4)}"
    script = (
        "import psycopg, sys; server, statement = sys.argv[1:]\n"
        "psycopg.connect(f'{server}/postgres', autocommit=True).execute(statement)"
    )
    passed(copy_on_server.run("acceptance", "python", "-c", script, server, f"CREATE DATABASE {name}"))
    yield f"{server}/{name}"
    drop = f"DROP DATABASE {name} WITH (FORCE)"
    passed(copy_on_server.run("acceptance", "python", "-c", script, server, drop))


@pytest.mark.parametrize("spike", SPIKES)
def test_its_own_tests_pass(copy_on_server: Copy, database: str, spike: str) -> None:
    command = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    passed(copy_on_server.run(f"{spike}_spike", *command, DATABASE_URL=database))


@pytest.mark.parametrize("spike", SPIKES)
def test_the_suite_is_green(copy_on_server: Copy, spike: str) -> None:
    passed(copy_on_server.suite(spike))
