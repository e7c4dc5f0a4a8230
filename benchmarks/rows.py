"""Many records at once, straight into a spike's SQLite database."""

import sqlite3
from pathlib import Path

TABLE = "access_request"
TEXTS = {"employee": "'Employee ' || n", "reason": "'Reason number ' || n || ' of many'"}


def fill(database: Path, total: int) -> None:
    """Add copies of the records that are there until there are `total`, each with its own name."""
    connection = sqlite3.connect(database, timeout=30)
    with connection:
        there = connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0]  # noqa: S608
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({TABLE})")]
        kept = [column for column in columns if column != "id"]
        values = ", ".join(TEXTS.get(column, f"r.{column}") for column in kept)
        connection.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?),"  # noqa: S608
            f" ranked AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM {TABLE})"
            f" INSERT INTO {TABLE} ({', '.join(kept)})"
            f" SELECT {values} FROM numbers JOIN ranked r ON r.place = n % ?",
            (total - there, there),
        )
    connection.execute("ANALYZE")
    connection.close()


def copies_of(database: Path, record: int, count: int) -> list[int]:
    """Add copies of one record; their ids."""
    connection = sqlite3.connect(database, timeout=30)
    with connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({TABLE})")]
        kept = ", ".join(column for column in columns if column != "id")
        statement = f"INSERT INTO {TABLE} ({kept}) SELECT {kept} FROM {TABLE} WHERE id = ?"  # noqa: S608
        ids = [connection.execute(statement, (record,)).lastrowid or 0 for _ in range(count)]
    connection.close()
    return ids
