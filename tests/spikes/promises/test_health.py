"""`/healthz` says within two seconds that the database is away, and that it is back; `/livez` asks nobody."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from suite.client import accepted, refused
from suite.site import Site
from suite.spike import Spike, example_env


@contextmanager
def away(spike: Spike) -> Iterator[None]:
    """Take the database away for a while."""
    address = spike.environment["DATABASE_URL"]
    if address.startswith("sqlite"):
        home = Path(urlsplit(address).path.removeprefix("/")).parent
        elsewhere = home.rename(home.with_name(f"{home.name}-away"))
        yield
        elsewhere.rename(home)
        return
    import psycopg

    name = urlsplit(address).path.removeprefix("/")
    server = urlsplit(example_env(spike.name)["DATABASE_URL"])._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_health_follows_the_database(site: Site, spike: Spike) -> None:
    visitor = site.visitor()
    assert accepted(visitor.get("/healthz")) == {"status": "ok"}
    accepted(site.admin.records())
    with away(spike):
        start = time.monotonic()
        refused(visitor.get("/healthz"), "unavailable")
        seconds = time.monotonic() - start
        assert seconds < 2
        accepted(visitor.get("/livez"), "the process is alive without its database")
    start = time.monotonic()
    while visitor.get("/healthz").status_code != 200:
        assert time.monotonic() - start < 2, "not well again within two seconds"
        time.sleep(0.1)
    back = time.monotonic() - start
    accepted(site.admin.records())
    print(f"database away: 503 after {seconds:.2f} s; back: 200 after {back:.2f} s")
