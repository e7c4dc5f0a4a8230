"""This morning's database: kept before anything was changed, and taken through the spike's migrations later."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from suite.client import accepted
from suite.errors import UserError
from suite.seed import seed
from suite.site import Site
from suite.spike import RESULTS, Spike, example_env, free_port, fresh_secrets, sync
from suite.target import HOME
from suite.workflow import workflow

FOLDER = HOME / ".twinspike" / "morning"


def kept(spike: str) -> Path | None:
    """Where the database of this morning is, or None; only SQLite's is kept."""
    path = FOLDER / f"{spike}.sqlite3"
    return path if path.is_file() and path.with_suffix(".json").is_file() else None


def keep(spike: str) -> None:
    """Make a database with demo records by the code as it is now, and write down what it shows.

    A copy for a server keeps none.
    """
    if not example_env(spike).get("DATABASE_URL", "sqlite:").startswith("sqlite"):
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{spike}.sqlite3"
    secrets = fresh_secrets()
    sync(spike)
    with TemporaryDirectory(prefix="morning-") as home:
        database = Path(home) / "spike.sqlite3"
        with started(spike, database, secrets) as site:
            if refused := seed(site.flow, site.url, site.password, lambda _: None):
                raise UserError(f"Not all demo records could be made: {refused[0]}")
            told = {"secrets": secrets, "records": shown(site)}
        copy_database(database, path)
    path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    path.with_suffix(".json").chmod(0o600)


@contextmanager
def started(
    name: str, database: Path, secrets: dict[str, str], *, people: bool = True
) -> Iterator[Site]:
    """The spike on this database, after its migrations; without a worker, so that nothing moves."""
    environment = {
        **secrets,
        "DEBUG": "1",
        "PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{database}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "WEBHOOK_URL": "http://127.0.0.1:9/hook",
    }
    with Spike(name, environment, RESULTS / f"{name}-morning.log") as spike:
        spike.must("release")
        if people:
            spike.must("demo")
        spike.wait(spike.start("web"))
        site = Site(workflow(), spike.url, secrets["DEMO_PASSWORD"], name=name)
        try:
            yield site
        finally:
            site.close()


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database with what still stands in its log beside it."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def shown(site: Site) -> list[dict[str, Any]]:
    """Every record with its history, as an admin sees them."""
    path = site.flow.path
    return [
        {
            "record": record,
            "history": accepted(site.admin.get(f"{path}/{record['id']}/history"))["items"],
        }
        for record in site.all_pages(site.admin, path)
    ]


def lost(before: dict[str, Any], now: dict[str, Any], what: str) -> list[str]:
    """What is missing or different now; what is new is no loss."""
    return [
        f"{what}: {name} was {value!r}, is {now.get(name, 'gone')!r}"
        for name, value in before.items()
        if now.get(name, "gone") != value
    ]
