"""A transition happens whole or not at all: the database refuses a row in the middle of it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from suite.client import Client, accepted, refused
from suite.parts import Record
from suite.site import Site

# The table is known by a column that no other has, since each spike names its tables in its own way.
ROWS = {"audit entry": "changes", "follow-up": "webhook_id"}


@contextmanager
def refusing(database: Path, column: str) -> Iterator[None]:
    """Let the database refuse new rows of the table that has the column."""
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        [table] = [
            table
            for table in tables
            if column in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        ]
        connection.execute(
            f"CREATE TRIGGER fault BEFORE INSERT ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'a fault put in by a test'); END"
        )
        connection.commit()
        yield
        connection.execute("DROP TRIGGER fault")
        connection.commit()


@pytest.fixture(scope="module")
def manager(site: Site, start_web: Callable[..., str]) -> Client:
    """A manager who works with a process in production."""
    client = site.new_person("manager")
    client.http.base_url = start_web(DEBUG="0")
    return client


def traces(site: Site, record: Record) -> tuple[object, ...]:
    """All that a transition changes."""
    shown = accepted(site.admin.read(record))
    history = accepted(site.admin.history(record))["items"]
    outbox = accepted(site.admin.get("/api/follow-ups"))["total"]
    return shown["state"], shown["version"], shown["updated_at"], len(history), outbox


@pytest.mark.parametrize("column", ROWS.values(), ids=ROWS)
def test_all_or_nothing(site: Site, manager: Client, database_file: Path, column: str) -> None:
    record = site.record_in("submitted")
    before = traces(site, record)
    with refusing(database_file, column):
        answer = manager.move(record, "approve")
    assert answer.status_code == 500
    assert refused(answer, "error")
    for secret in ("Traceback", "fault", ".py", "sqlite"):
        assert secret not in answer.text, "the answer shows what went wrong inside"
    assert traces(site, record) == before
    accepted(manager.move(record, "approve"))
