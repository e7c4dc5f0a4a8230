"""This morning's database: kept before anything was changed, and taken through the spike's migrations later."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from suite import database
from suite.broker import NOWHERE
from suite.client import accepted
from suite.errors import UserError
from suite.seed import seed
from suite.site import Site
from suite.spike import RESULTS, Spike, free_port, fresh_secrets, sync
from suite.workflow_file import workflow


def kept(spike: str) -> Path | None:
    """Where it stands what the database of this morning is called and shows; None where none is kept."""
    path = database.MORNING / f"{spike}.json"
    return path if path.is_file() else None


def keep(spike: str) -> None:
    """Make a database with demo records by the code as it is now, and write down what it shows."""
    database.MORNING.mkdir(parents=True, exist_ok=True)
    path = database.MORNING / f"{spike}.json"
    if path.is_file():
        database.forget(spike, json.loads(path.read_text(encoding="utf-8"))["database"])
        path.unlink()
    secrets = fresh_secrets()
    sync(spike)
    with database.database(spike) as address:
        with started(spike, address, secrets) as site:
            if refused := seed(site.flow, site.url, site.password, lambda _: None, worker=False):
                raise UserError(f"Not all demo records could be made: {refused[0]}")
            records = shown(site)
        kept = database.keep(spike, address)
    told = {"secrets": secrets, "database": kept, "records": records}
    beside = path.with_suffix(".new")
    beside.touch(0o600)
    beside.write_text(json.dumps(told), encoding="utf-8")
    beside.replace(path)


@contextmanager
def started(
    name: str, address: str, secrets: dict[str, str], *, people: bool = True
) -> Iterator[Site]:
    """The spike on the database at this address, after its migrations; without a worker, so that nothing moves."""
    environment = {
        **secrets,
        "DEBUG": "1",
        "PORT": str(free_port()),
        "DATABASE_URL": address,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "WEBHOOK_URL": "http://127.0.0.1:9/hook",
        "BROKER_URL": NOWHERE,
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
