"""Python loads this at its start when the folder is on PYTHONPATH: each SQL statement goes to `SQL_LOG`."""

import os
import sqlite3
from typing import Any

connect = sqlite3.connect
log = os.open(os.environ["SQL_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


# What asks for no data: transactions, settings, and what Django adds in debug alone, to log parameters.
ASIDE = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SELECT QUOTE(")


def note(statement: str) -> None:
    """Write one line for a statement that asks for data."""
    line = " ".join(statement.split())
    if not line.upper().startswith(ASIDE):
        os.write(log, f"{line[:500]}\n".encode())


def traced(*args: Any, **options: Any) -> sqlite3.Connection:
    """A connection that writes down what it does."""
    connection = connect(*args, **options)
    connection.set_trace_callback(note)
    return connection


sqlite3.connect = sqlite3.dbapi2.connect = traced
