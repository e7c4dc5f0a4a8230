"""What the promises need beside the suite's fixtures; they run in a copy's `acceptance/own`."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from suite.site import Site
from suite.spike import Spike, free_port


@pytest.fixture(scope="session")
def spike(site: Site) -> Spike:
    """The spike under test, as started by the suite."""
    assert site.spike is not None
    return site.spike


@pytest.fixture(scope="session")
def start_web(spike: Spike) -> Callable[..., str]:
    """`start_web(DEBUG="0")` is the address of one more web process on the same database."""

    def start(**changed: str) -> str:
        port = str(free_port())
        beside = Spike(spike.name, {**spike.environment, **changed, "PORT": port}, spike.log)
        process = spike.start("web", PORT=port, **changed)
        beside.wait(process)
        return beside.url

    return start


@pytest.fixture(scope="session")
def database_file(spike: Spike) -> Path:
    """The file of the spike's SQLite database."""
    return Path(urlsplit(spike.environment["DATABASE_URL"]).path.removeprefix("/"))
