"""Both spikes of the default copy, started once with the acceptance suite's own hands."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ..copies import SPIKES, Copy


@pytest.fixture(scope="session")
def sites(copy: Copy) -> Iterator[dict[str, Any]]:
    """A `suite.site.Site` by the spike's name, with demo data, a worker and a receiver."""
    sys.path.insert(0, str(copy.home / "acceptance"))
    fixtures = importlib.import_module("suite.fixtures")
    with ExitStack() as stack:
        yield {spike: fixtures.start(spike, stack) for spike in SPIKES}


@pytest.fixture(scope="session", params=SPIKES)
def site(request: pytest.FixtureRequest, sites: dict[str, Any]) -> Any:
    """One spike after the other."""
    return sites[request.param]


@pytest.fixture(scope="session")
def production(site: Any) -> str:
    """The address of one more web process of the spike, outside debug."""
    spike = importlib.import_module("suite.spike")
    port = str(spike.free_port())
    environment = {**site.spike.environment, "DEBUG": "0", "PORT": port}
    beside = spike.Spike(site.spike.name, environment, site.spike.log)
    beside.wait(site.spike.start("web", DEBUG="0", PORT=port))
    return beside.url
