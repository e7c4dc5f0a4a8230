"""Many records at once, straight into a spike's SQLite database."""

import sqlite3
from pathlib import Path

TABLES = ("access_request", "access_requests")  # Django's and FastAPI's
TEXTS = {"employee": "'Employee ' || n", "reason": "'Reason number ' || n || ' of many'"}
UNIQUE = {"form_key": "lower(hex(randomblob(16)))"}


def table_of(connection: sqlite3.Connection) -> str:
    """The table of the records."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return next(table for table in TABLES if table in names)


def fill(database: Path, total: int) -> None:
    """Add copies of the records that are there until there are `total`, each with its own name.

    Raises `RuntimeError` where there is none to copy.
    """
    connection = sqlite3.connect(database, timeout=30)
    table = table_of(connection)
    with connection:
        there = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        if not there:
            raise RuntimeError("there is no record to copy")
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        kept = [column for column in columns if column != "id"]
        known = TEXTS | UNIQUE
        values = ", ".join(known.get(column, f"r.{column}") for column in kept)
        connection.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?),"  # noqa: S608
            f" ranked AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM {table})"
            f" INSERT INTO {table} ({', '.join(kept)})"
            f" SELECT {values} FROM numbers JOIN ranked r ON r.place = n % ?",
            (total - there, there),
        )
    connection.execute("ANALYZE")
    connection.close()


def copies_of(database: Path, record: int, count: int) -> list[int]:
    """Add copies of one record; their ids."""
    connection = sqlite3.connect(database, timeout=30)
    table = table_of(connection)
    with connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        kept = [column for column in columns if column != "id"]
        values = ", ".join(UNIQUE.get(column, column) for column in kept)
        statement = (
            f"INSERT INTO {table} ({', '.join(kept)}) SELECT {values} FROM {table} WHERE id = ?"  # noqa: S608
        )
        ids = [connection.execute(statement, (record,)).lastrowid or 0 for _ in range(count)]
    connection.close()
    return ids
