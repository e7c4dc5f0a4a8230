"""While the broker is away, or does not answer, people work on, and what follows is delivered all the same."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from suite.broker import NOWHERE
from suite.client import accepted
from suite.fixtures import Cast
from suite.parts import Transition
from suite.plan import satisfying, way_to
from suite.planner import REASON
from suite.receiver import Receiver
from suite.site import Site
from suite.spike import Spike, example_env, free_port, spikes
from suite.workflow_file import workflow

pytestmark = [pytest.mark.area("follow_ups_and_api"), pytest.mark.started]
FLOW = workflow()
BOUND = 2  # seconds; a request tries the broker once, for a second
MOVES = 3
BROKERS = ["away", "silent"] if "BROKER_URL" in example_env(spikes()[0]) else []


def sending() -> list[tuple[str, Transition]]:
    """A state and a transition from there that somebody makes and that sends follow-ups."""
    return [
        (state, transition)
        for transition in FLOW.transitions
        for state in transition.sources
        if transition.by
        and transition.follow_ups
        and way_to(state, satisfying(transition, state)) is not None
    ][:1]


@pytest.fixture(scope="module")
def webs(site: Site) -> Iterator[dict[str, str]]:
    """Web processes of the same spike whose broker is away or takes connections and says nothing; their addresses."""
    spike = site.spike
    assert spike is not None
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
        addresses = {"away": NOWHERE, "silent": f"redis://127.0.0.1:{silent.getsockname()[1]}/0"}
        started = {}
        for broker, address in addresses.items():
            port = str(free_port())
            process = spike.start("web", BROKER_URL=address, PORT=port)
            started[broker] = (
                process,
                Spike(spike.name, {**spike.environment, "PORT": port}, spike.log),
            )
        for process, beside in started.values():
            beside.wait(process)
        yield {broker: beside.url for broker, (_, beside) in started.items()}
        for process, _ in started.values():
            spike.end_one(process)


@pytest.fixture
def no_sweeps(site: Site) -> Iterator[None]:
    """For as long as it lasts nothing has a worker look for what no message told of."""
    assert site.spike is not None
    site.spike.restart("beat", POLL_SECONDS="600")
    yield
    site.spike.restart("beat")


@pytest.mark.parametrize(("state", "transition"), sending() if BROKERS else [])
def test_a_commit_wakes_a_worker(
    site: Site,
    cast: Cast,
    receiver: Receiver,
    no_sweeps: None,
    state: str,
    transition: Transition,
) -> None:
    for _ in range(MOVES):
        client, record = cast.ready(state, transition)
        accepted(client.move(record, transition.name, REASON))
        for name in transition.follow_ups:
            assert receiver.wait(record.id, name, 1), f"nobody was told of {name} in time"


@pytest.mark.parametrize("broker", BROKERS)
def test_health_tells_of_the_broker(site: Site, webs: dict[str, str], broker: str) -> None:
    visitor = site.visitor()
    assert accepted(visitor.get("/healthz"))["broker"] == "ok"
    visitor.http.base_url = webs[broker]
    assert accepted(visitor.get("/healthz"))["broker"] == "away", "people can still work there"


@pytest.mark.parametrize("broker", BROKERS)
@pytest.mark.parametrize(("state", "transition"), sending())
def test_people_do_not_wait_for_the_broker(
    site: Site,
    cast: Cast,
    receiver: Receiver,
    webs: dict[str, str],
    state: str,
    transition: Transition,
    broker: str,
) -> None:
    for _ in range(MOVES):
        client, record = cast.ready(state, transition)
        usual, client.http.base_url = client.http.base_url, webs[broker]
        began = time.monotonic()
        try:
            accepted(client.move(record, transition.name, REASON))
        finally:
            client.http.base_url = usual
        seconds = time.monotonic() - began
        assert seconds < BOUND, f"a transition takes {seconds:.1f} s while the broker is {broker}"
        for name in transition.follow_ups:
            assert receiver.wait(record.id, name, 1), (
                f"{name} is lost without a message to a worker"
            )
