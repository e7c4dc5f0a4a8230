"""Runs tests of a copy's acceptance suite again and again, quickly; started in its folder, with its Python.

Reads a line of JSON with pytest's arguments, runs them in a process of its own that has everything
imported, and writes a line with the exit code and what was printed. The first run keeps the database of
the demo people; the later ones start from it instead of migrating.
"""

import json
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, ".")
sys.dont_write_bytecode = False  # the tests stay as they are; the code under test does not

from suite import fixtures, spike  # noqa: E402 - found by the path above

SECRETS = spike.fresh_secrets()
QUIETLY = ("-q", "--tb=short", "-W", "ignore::pytest.PytestAssertRewriteWarning")
HOME = tempfile.TemporaryDirectory(prefix="suite-server-")
PREPARED = Path(HOME.name) / "prepared.sqlite3"


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database, however it is written to."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def must(self: spike.Spike, kind: str) -> None:
    """Take the prepared database for what `release` and `demo` would make, once it is there."""
    address = self.environment["DATABASE_URL"]
    database = Path(urlsplit(address).path.removeprefix("/"))
    if not address.startswith("sqlite") or kind not in ("release", "demo"):
        run_to_its_end(self, kind)
    elif not PREPARED.exists():
        run_to_its_end(self, kind)
        if kind == "demo":
            copy_database(database, PREPARED)
    elif kind == "release":
        copy_database(PREPARED, database)


run_to_its_end, spike.Spike.must = spike.Spike.must, must
fixtures.fresh_secrets = lambda: dict(SECRETS)


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        with tempfile.TemporaryFile() as said:
            child = os.fork()
            if child == 0:
                for stream in (1, 2):
                    os.dup2(said.fileno(), stream)
                code = int(pytest.main([*json.loads(line), *QUIETLY]))
                sys.stdout.flush()
                os._exit(code)
            _, status = os.waitpid(child, 0)
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        answer = {"code": os.waitstatus_to_exitcode(status), "text": text}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
