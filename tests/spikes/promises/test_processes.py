"""Several processes of one kind: migrations that are started at once, web processes behind one port."""

import statistics
import time

from suite.client import accepted
from suite.database import database
from suite.site import Site
from suite.spike import Spike, free_port

AT_ONCE = 3
ASKED = 40
SECONDS = 0.03  # a receiver acknowledges a packet after 0.04 s, when nothing else goes its way


def test_migrations_may_be_started_at_once(spike: Spike) -> None:
    with database(spike.name) as address:
        started = [spike.start("release", DATABASE_URL=address) for _ in range(AT_ONCE)]
        assert [process.wait(60) for process in started] == [0] * AT_ONCE
        assert spike.run("drift", DATABASE_URL=address) == 0, "a migration is missing"


def test_a_kept_connection_waits_for_nothing(site: Site, spike: Spike) -> None:
    assert int(spike.environment["WEB_CONCURRENCY"]) > 1
    visitor, seconds = site.visitor(), []
    for _ in range(ASKED):
        began = time.perf_counter()
        accepted(visitor.get("/livez"))
        seconds.append(time.perf_counter() - began)
    median = statistics.median(seconds)
    print(f"{ASKED} times /livez over one connection: median {median * 1000:.1f} ms")
    assert median < SECONDS


def test_wrong_settings_are_refused(spike: Spike) -> None:
    wrong = {"DEBUG": "0", "SECRET_KEY": "short", "PORT": str(free_port())}
    assert spike.run("web", seconds=20, **wrong) != 0
