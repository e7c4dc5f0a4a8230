"""The spikes' databases: an empty one for each run, and what goes past HTTP because it would take too long."""

import secrets
import sqlite3
import tempfile
from collections.abc import Iterator, Set
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from suite.errors import UserError
from suite.spike import example_env

DUPLICATE_DATABASE = "42P04"


@contextmanager
def database(name: str) -> Iterator[str]:
    """The address of an empty database of the kind that this copy uses; it is removed afterwards."""
    address = example_env(name).get("DATABASE_URL", "sqlite:")
    if address.startswith("sqlite"):
        with tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as home:
            yield f"sqlite:///{home}/spike.sqlite3"
        return
    fresh = f"suite_{name}_{secrets.token_hex(4)}"
    _on_server(address, f'CREATE DATABASE "{fresh}"')
    try:
        yield urlsplit(address)._replace(path=f"/{fresh}").geturl()
    finally:
        with suppress(UserError):
            _on_server(address, f'DROP DATABASE IF EXISTS "{fresh}" WITH (FORCE)')


def ensure_database(address: str) -> None:
    """Create the database of the address where it is missing; SQLite makes its own."""
    if not address.startswith("sqlite"):
        name = urlsplit(address).path.lstrip("/")
        _on_server(address, f'CREATE DATABASE "{name}"', DUPLICATE_DATABASE)


def _on_server(address: str, statement: str, accepted: str = "") -> None:
    """Run a statement on the server of the address; an error of the `accepted` code is none."""
    import psycopg

    parts = urlsplit(address)
    server = parts._replace(scheme="postgresql", path="/postgres").geturl()
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())
    except psycopg.Error as error:
        if error.sqlstate and error.sqlstate == accepted:
            return
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
        hint = (
            start_postgresql(address) if "refused" in reason else "DATABASE_URL says where it is."
        )
        raise UserError(
            f"PostgreSQL at {parts.hostname}:{parts.port or 5432}: {reason}\n{hint}"
        ) from None


def start_postgresql(address: str) -> str:
    """How to start a server that answers at the address."""
    parts = urlsplit(address)
    return (
        "Start one (Debian: apt-get install postgresql, then pg_ctlcluster 15 main start; "
        f"macOS: brew services start postgresql) with the role {parts.username or 'postgres'}, "
        "or name another in DATABASE_URL."
    )


def multiply(address: str, number: int, columns: Set[str], count: int) -> bool:
    """Copy a row `count` times in the one table that has these columns; False where there is none."""
    if address.startswith("sqlite:///"):
        path = address.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
            for table in tables:
                found = connection.execute(f'SELECT name FROM pragma_table_info("{table}")')  # noqa: S608
                names = [row[0] for row in found]
                if columns <= set(names):
                    statement = _copying(table, names, "?", "?")
                    return _copied(connection.execute(statement, (count, number)))
    elif address:
        import psycopg

        server = urlsplit(address)._replace(scheme="postgresql").geturl()
        with psycopg.connect(server) as connection:
            found = connection.execute(
                "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns"
                " WHERE table_schema = 'public' GROUP BY table_name"
            )
            for table, names in found.fetchall():
                if columns <= set(names):
                    statement = _copying(table, names, "%s", "%s")
                    return _copied(connection.execute(statement.encode(), (count, number)))
    return False


def _copying(table: str, names: list[str], count: str, number: str) -> str:
    kept = ", ".join(f'"{name}"' for name in names if name != "id")
    turns = "turns(turn) AS (SELECT 1 UNION ALL SELECT turn + 1 FROM turns WHERE turn < "
    return (
        f'INSERT INTO "{table}" ({kept}) WITH RECURSIVE {turns}{count})'  # noqa: S608
        f' SELECT {kept} FROM "{table}", turns WHERE "{table}".id = {number}'
    )


def _copied(done: Any) -> bool:
    return done.rowcount > 0
