"""The spikes' databases: an empty one for each run, and what goes past HTTP because it would take too long."""

import secrets
import sqlite3
import tempfile
from collections.abc import Iterator, Set
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from suite.errors import UserError
from suite.spike import example_env
from suite.target import HOME

MORNING = HOME / ".twinspike" / "morning"
# Where Django and Alembic keep which migrations a database has been through.
MIGRATIONS = ("django_migrations", "alembic_version")


@contextmanager
def database(name: str, like: str = "") -> Iterator[str]:
    """The address of a database of the kind that this copy uses; it is removed afterwards.

    It is empty, or has what the one has that `keep` has called `like`.
    """
    address = _address(name)
    if address.startswith("sqlite"):
        with tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as home:
            path = Path(home) / "spike.sqlite3"
            if like:
                _copy_file(MORNING / like, path)
            yield f"sqlite:///{path}"
        return
    fresh = f"suite_{name}_{secrets.token_hex(4)}"
    _on_server(address, f'CREATE DATABASE "{fresh}"' + (f' TEMPLATE "{like}"' if like else ""))
    try:
        yield urlsplit(address)._replace(path=f"/{fresh}").geturl()
    finally:
        with suppress(UserError):
            _drop(address, fresh)


def keep(name: str, address: str) -> str:
    """Keep a copy of the database at the address, which nobody uses; gives what the copy is called.

    SQLite's is a file in `MORNING`; a server keeps its own, until it is told to `forget`.
    """
    if address.startswith("sqlite"):
        kept = f"{name}.sqlite3"
        _copy_file(address.removeprefix("sqlite:///"), MORNING / kept)
        return kept
    kept = f"morning_{name}_{secrets.token_hex(4)}"
    source = urlsplit(address).path.lstrip("/")
    _on_server(address, f'CREATE DATABASE "{kept}" TEMPLATE "{source}"')
    return kept


def forget(name: str, kept: str) -> None:
    """Remove a database that was kept."""
    address = _address(name)
    if address.startswith("sqlite"):
        (MORNING / kept).unlink(missing_ok=True)
    else:
        _drop(address, kept)


def _address(name: str) -> str:
    return example_env(name).get("DATABASE_URL", "sqlite:")


def _copy_file(source: str | Path, target: Path) -> None:
    """Copy an SQLite database with what still stands in its log beside it."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def _drop(address: str, name: str) -> None:
    _on_server(address, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def ensure_database(address: str) -> None:
    """Create the database of the address where it is missing; SQLite makes its own."""
    if address.startswith("sqlite") or _answers(address):
        return
    name = urlsplit(address).path.lstrip("/")
    _on_server(address, f'CREATE DATABASE "{name}"')


def _answers(address: str) -> bool:
    """Whether there is a database at the address, which may be all that its role may use."""
    psycopg = _driver()
    server = urlsplit(address)._replace(scheme="postgresql").geturl()
    try:
        psycopg.connect(server, connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True


def _on_server(address: str, statement: str) -> None:
    """Run a statement on the server of the address. Raises `UserError` when it may or can not."""
    psycopg = _driver()
    parts = urlsplit(address)
    server = parts._replace(scheme="postgresql", path="/postgres").geturl()
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        raise UserError(
            f"The role {parts.username} may not make databases, and the suite needs one of its own; let it:\n"
            f"  ALTER ROLE {parts.username} CREATEDB"
        ) from None
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
        hint = (
            start_postgresql(address) if "refused" in reason else "DATABASE_URL says where it is."
        )
        raise UserError(
            f"PostgreSQL at {parts.hostname}:{parts.port or 5432}: {reason}\n{hint}"
        ) from None


def _driver() -> Any:
    try:
        return import_module("psycopg")
    except ImportError:
        raise UserError(
            "This copy was made for SQLite; for another database: uv add 'psycopg[binary]' in acceptance"
        ) from None


def start_postgresql(address: str) -> str:
    """How to start a server that answers at the address."""
    parts = urlsplit(address)
    return (
        "Start one (Debian: apt-get install postgresql, then pg_ctlcluster 15 main start; "
        f"macOS: brew services start postgresql) with the role {parts.username or 'postgres'}, "
        "or name another in DATABASE_URL."
    )


@contextmanager
def migrations_forgotten(address: str) -> Iterator[None]:
    """Let the database forget for a while which migrations it has been through."""
    if address.startswith("sqlite:///"):
        path = address.removeprefix("sqlite:///")
        connecting: Any = closing(sqlite3.connect(path, timeout=20, isolation_level=None))
        tables = "SELECT name FROM sqlite_master"
    else:
        server = urlsplit(address)._replace(scheme="postgresql").geturl()
        connecting = _driver().connect(server, autocommit=True)
        tables = "SELECT table_name FROM information_schema.tables"
    with connecting as connection:
        [table] = {name for (name,) in connection.execute(tables)} & {*MIGRATIONS}
        connection.execute(f"ALTER TABLE {table} RENAME TO forgotten")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE forgotten RENAME TO {table}")


def multiply(address: str, number: int, columns: Set[str], count: int) -> bool:
    """Copy a row `count` times in the one table that has these columns; False where there is none.

    Other columns stay empty where they may, and get keys of their own where they hold one.
    """
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"), timeout=20)) as connection:
            described = connection.execute(
                "SELECT t.name, c.name, c.[notnull], c.type FROM sqlite_master t, pragma_table_info(t.name) c"
            ).fetchall()
            statement = _copying(described, columns, "lower(hex(randomblob(16)))", "?")
            with connection:
                return bool(statement and connection.execute(statement, (count, number)).rowcount)
    elif address:
        psycopg = _driver()
        server = urlsplit(address)._replace(scheme="postgresql").geturl()
        with psycopg.connect(server) as connection:
            described = connection.execute(
                "SELECT table_name, column_name, is_nullable = 'NO', data_type"
                " FROM information_schema.columns WHERE table_schema = 'public'"
            ).fetchall()
            statement = _copying(described, columns, "gen_random_uuid()", "%s").encode()
            return bool(statement and connection.execute(statement, (count, number)).rowcount)
    return False


def change_past_http(
    address: str, number: int, columns: Set[str], name: str, value: str | None
) -> bool:
    """Write a column of a row in the one table that has these columns, and say whether the database let it.

    False too where no table has the columns.
    """
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"), timeout=20)) as connection:
            described = connection.execute(
                "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
            ).fetchall()
            with suppress(sqlite3.IntegrityError), connection:
                statement = _changing(described, columns, name, "?")
                return bool(statement and connection.execute(statement, (value, number)).rowcount)
        return False
    psycopg = _driver()
    server = urlsplit(address)._replace(scheme="postgresql").geturl()
    with suppress(psycopg.IntegrityError), psycopg.connect(server) as connection:
        described = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        ).fetchall()
        statement = _changing(described, columns, name, "%s")
        return bool(statement and connection.execute(statement.encode(), (value, number)).rowcount)
    return False


def _changing(described: list[tuple[str, str]], columns: Set[str], name: str, mark: str) -> str:
    for table in {of for of, _ in described}:
        if columns <= {column for of, column in described if of == table}:
            return f'UPDATE "{table}" SET "{name}" = {mark} WHERE id = {mark}'  # noqa: S608
    raise UserError(
        "No table of the spike has the contract's names, so nothing can be tried there."
    )


def _copying(
    described: list[tuple[str, str, bool, str]], columns: Set[str], key: str, value: str
) -> str:
    """The statement that copies a row; "" when no table has the columns."""
    for table in {row[0] for row in described}:
        types = {name: (filled, kind) for of, name, filled, kind in described if of == table}
        if columns <= set(types):
            kept = [n for n, (filled, _) in types.items() if n != "id" and (filled or n in columns)]
            keys = {n for n in kept if types[n][1].lower() in ("uuid", "char(32)")} - columns
            names = ", ".join(f'"{name}"' for name in kept)
            values = ", ".join(key if name in keys else f'"{name}"' for name in kept)
            return (
                f'INSERT INTO "{table}" ({names}) WITH RECURSIVE turns(turn) AS'  # noqa: S608
                f" (SELECT 1 UNION ALL SELECT turn + 1 FROM turns WHERE turn < {value})"
                f' SELECT {values} FROM "{table}", turns WHERE "{table}".id = {value}'
            )
    return ""
