"""Tables changed by hand: the framework's own tool writes the migration, it runs, and the records are kept.

A base copy has a database with records; then its code becomes that of a copy with two more fields of each
type, one optional and one required, as if somebody had written them. With words that change tables the answer
key does the same.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from twinspike.day import answer_key

from .copies import SPIKES, Copy, passed
from .test_rooms import TYPES, workflow_of_all_types

TABLES = {"django": "crossing", "fastapi": "crossings"}
RECORDS = 3
ADDED = [f"{need}_{type}" for type in TYPES for need in ("optional", "required")]
A_CHOICE = {"field": "zebra_choice", "equals": "two"}
RELEASE = {"django": "python manage.py migrate --no-input", "fastapi": "alembic upgrade head"}
DRIFT = {
    "django": "python manage.py makemigrations --check --dry-run",
    "fastapi": "alembic check",
}
TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
# What Django's tool asks about a column that may not be empty: (1) take a value for the rows that are there.
ONE_OFF = {
    "text": "'-'",
    "long_text": "'-'",
    "integer": "0",
    "money": "0",
    "date": "'2026-01-31'",
    "boolean": "False",
    "choice": "'one'",
    "email": "'nobody@example.org'",
    "url": "'https://example.org'",
}


def workflow_with_fields() -> dict[str, Any]:
    """The base workflow with two more fields of each type."""
    workflow = workflow_of_all_types()
    new: list[dict[str, Any]] = []
    for name in ADDED:
        need, _, type = name.partition("_")
        more = {"choices": ["one", "two"]} if type == "choice" else {}
        new.append({"name": name, "type": type, "required": need == "required", **more})
    return workflow | {"fields": [*workflow["fields"], *new]}


def workflow_with_words() -> dict[str, Any]:
    """The base workflow with what the words of the language may add to its tables."""
    workflow = workflow_of_all_types()
    [cross] = workflow["transitions"]
    near_to_gone = {"from": ["near"], "to": "gone"}
    return workflow | {
        "fields": [
            *workflow["fields"],
            {"name": "first_day", "type": "date", "min": "today"},
            {"name": "last_day", "type": "date", "min": "first_day"},
            {"name": "keeper", "type": "person", "role": "guard", "required": True},
            {"name": "helper", "type": "person", "role": "guard"},
        ],
        "roles": [
            workflow["roles"][0],
            {"name": "guard", "sees": "department", "impersonates": [workflow["roles"][0]["name"]]},
        ],
        "states": [*workflow["states"], {"name": "gone"}],
        "transitions": [
            cross | {"approvals": 2, "bulk": True},
            {"name": "lapse", **near_to_gone, "on": "last_day"},
            {"name": "forget", **near_to_gone, "after": "7 days"},
            {"name": "vanish", **near_to_gone, "at_once": True, "when": [A_CHOICE]},
        ],
    }


@pytest.fixture(scope="module")
def base(make_copy: Callable[..., Copy]) -> Copy:
    """A copy before the change, whose environments all changed ones share."""
    return make_copy(scenario="own", workflow=workflow_of_all_types())


@pytest.fixture(scope="module")
def databases(base: Copy, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A database with records for each spike, as the base copy makes it."""
    found = {}
    for spike in SPIKES:
        found[spike] = tmp_path_factory.mktemp(spike) / "spike.sqlite3"
        part, set_up = f"{spike}_spike", environment(found[spike])
        passed(base.run(part, *RELEASE[spike].split(), **set_up))
        passed(base.run(part, *process(base.home / part, "demo"), **set_up))
        fill(found[spike], TABLES[spike])
    return found


def process(spike: Path, kind: str) -> list[str]:
    """The command of a process type in the spike's Procfile."""
    lines = (spike / "Procfile").read_text(encoding="utf-8").splitlines()
    [command] = [line.partition(":")[2] for line in lines if line.startswith(f"{kind}:")]
    return command.split()


def environment(database: Path) -> dict[str, str]:
    """What the commands of a spike need."""
    return {
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{database}",
        "ALLOWED_HOSTS": "localhost",
        "SECRET_KEY": "for-this-test-alone",
        "DEMO_PASSWORD": "for-this-test-alone",
    }


def fill(database: Path, table: str) -> None:
    """Put records into the table, each column with a value that its kind may have."""
    with closing(sqlite3.connect(database)) as connection:
        [accounts] = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if {"username", "name"} <= {row[1] for row in columns(connection, name)}
        ]
        [owner] = connection.execute(f"SELECT min(id) FROM {accounts}").fetchone()  # noqa: S608
        named = [(row[1], row[2].upper(), row[3]) for row in columns(connection, table)]
        for number in range(1, RECORDS + 1):
            values = {
                name: value_for(name, kind, number, owner)
                for name, kind, must in named
                if name != "id" and (must or name.startswith("zebra"))
            }
            names, marks = ", ".join(values), ", ".join("?" for _ in values)
            connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
                tuple(values.values()),
            )
        connection.commit()


def columns(connection: sqlite3.Connection, table: str) -> list[Any]:
    """The columns of a table as SQLite describes them."""
    return connection.execute(f"PRAGMA table_info('{table}')").fetchall()


def value_for(name: str, kind: str, number: int, owner: int) -> object:
    """A value for a column."""
    if name == "version":
        return number
    if name == "owner_id":
        return owner
    if name == "form_key":
        return f"{number:032x}"
    if name == "state":
        return "near"
    if "DATETIME" in kind or "TIMESTAMP" in kind:
        return "2026-01-31 12:00:00.000000"
    if "DATE" in kind:
        return "2026-01-31"
    if "INT" in kind or "BOOL" in kind or "DECIMAL" in kind or "NUMERIC" in kind:
        return number % 2
    return "one"


def rows(database: Path, table: str) -> list[dict[str, Any]]:
    """The records as they are kept."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608


@pytest.mark.parametrize("spike", SPIKES)
def test_fields_are_added(
    base: Copy,
    databases: dict[str, Path],
    render: Callable[..., Path],
    tmp_path: Path,
    spike: str,
) -> None:
    copy = base.twin(tmp_path / "copy")
    part, table = f"{spike}_spike", TABLES[spike]
    database = Path(shutil.copy(databases[spike], tmp_path))
    set_up = environment(database)
    before = rows(database, table)
    assert len(before) >= RECORDS

    changed = render(tmp_path / "changed", scenario="own", workflow=workflow_with_fields())
    take_code(changed / part / "spike", copy.home / part / "spike")
    written = write_migration(copy, spike, set_up)
    print(written.read_text(encoding="utf-8"))
    passed(copy.run(part, *RELEASE[spike].split(), **set_up))

    after = rows(database, table)
    assert [{name: row[name] for name in before[0]} for row in after] == before
    assert set(ADDED) <= set(after[0])
    passed(copy.run(part, *DRIFT[spike].split(), **set_up))
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "--force-exclude", str(written)],
            cwd=copy.home / part,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("spike", SPIKES)
def test_words_are_added_by_their_answer_key(
    base: Copy, databases: dict[str, Path], tmp_path: Path, spike: str
) -> None:
    copy = base.twin(tmp_path / "copy")
    part, table = f"{spike}_spike", TABLES[spike]
    # The key may ask for other packages: an environment of its own, not the one that all copies share.
    (copy.home / part / ".venv").unlink()
    database = Path(shutil.copy(databases[spike], tmp_path))
    set_up = environment(database)
    then, triggers = rows(database, table), ask(database, TRIGGERS)
    before, after = workflow_of_all_types(), workflow_with_words()

    pieces = answer_key.pieces(copy.home, spike, before, after)
    assert not [piece.path for piece in pieces if piece.conflicts]
    answer_key.apply(copy.home, pieces)
    answer_key.make_migration(copy.home, spike, "words", answer_key.fillings(before, after))
    passed(copy.run(part, *RELEASE[spike].split(), **set_up))

    now = rows(database, table)
    assert [{name: row[name] for name in then[0]} for row in now] == then
    assert {"first_day", "last_day", "keeper_id", "helper_id"} <= set(now[0])
    assert ask(database, TRIGGERS) == triggers, "what keeps the audit trail as it is has gone"
    assert ask(database, "PRAGMA foreign_key_check") == [], "a record names nobody"
    passed(copy.run(part, *DRIFT[spike].split(), **set_up))


def ask(database: Path, statement: str) -> list[Any]:
    """What the database answers."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()


def take_code(new: Path, old: Path) -> None:
    """Replace the code of a spike, except for its migrations."""
    for path in new.rglob("*"):
        place = path.relative_to(new)
        if path.is_file() and "migrations" not in place.parts:
            (old / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, old / place)


def write_migration(copy: Copy, spike: str, set_up: dict[str, str]) -> Path:
    """Let the framework's tool write the migration, and give its file."""
    part = f"{spike}_spike"
    folder = copy.home / part / ("spike/migrations" if spike == "django" else "migrations/versions")
    before = set(folder.glob("*.py"))
    if spike == "django":
        answers = "".join(f"1\n{ONE_OFF[type]}\n" for type in sorted(TYPES))
        done = copy.run(part, "python", "manage.py", "makemigrations", typed=answers, **set_up)
    else:
        command = ("alembic", "revision", "--autogenerate", "-m", "added by hand")
        done = copy.run(part, *command, **set_up)
    passed(done)
    [written] = set(folder.glob("*.py")) - before
    return written
