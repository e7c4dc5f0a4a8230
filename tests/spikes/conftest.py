"""The copies that the slow tests run, and running two things at a time."""

import os
import socket
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import missing

from .copies import (
    DEFAULT,
    EVERY_WORD,
    HERE,
    NO_SERVER,
    PARTS,
    Copy,
    answers_for,
    install,
    with_broker,
    with_server,
)
from .words import begin, solve, workflow_in
from .workshop import Workshop

SERVER = "postgresql://twinspike:twinspike@127.0.0.1:5432"
BROKERS = {"redis": "redis://127.0.0.1:6379/0", "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//"}

collect_ignore = [
    "many_at_once",
    "promises",
]  # they run inside a copy, with the fixtures of its suite
QUICK = ("test_fault_form", "test_faults", "test_rooms")  # they only read, or say what is slow


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.stem not in QUICK:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def make_copy(
    render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Copy]:
    """`make_copy(database="postgresql")` renders a copy and installs it."""

    def make(**answers: Any) -> Copy:
        home = render(tmp_path_factory.mktemp("copy") / "copy", **answers)
        for part in PARTS:
            install(home / part)
        return Copy(home)

    return make


@pytest.fixture(scope="session")
def plain(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy that every default gives, with nothing installed: to be read."""
    return render(tmp_path_factory.mktemp("plain") / "copy")


@pytest.fixture(scope="session")
def copy(make_copy: Callable[..., Copy]) -> Copy:
    """The copy that every default gives."""
    return make_copy()


@pytest.fixture(scope="session")
def key_copy(make_copy: Callable[..., Copy]) -> Callable[[Path], Copy]:
    """`key_copy(file)` is the copy of the workflow that a change leads to, made once.

    It has what the changes in words before it have a key for, with their tests.
    """

    @cache
    def key(file: Path) -> Copy:
        copy = make_copy(scenario="own", workflow=workflow_in(file))
        for words in sorted(file.parent.glob("[0-9][0-9]-*.md")):
            if words < file and solve(copy, words):
                begin(copy, words)
        return copy

    return key


@pytest.fixture(scope="session")
def server() -> str:
    """The address of a PostgreSQL server: `TWINSPIKE_POSTGRES`, or one that listens on this machine."""
    address = os.environ.get("TWINSPIKE_POSTGRES", SERVER)
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname, parts.port or 5432), timeout=2).close()
    except OSError:
        if "TWINSPIKE_POSTGRES" in os.environ:
            raise
        pytest.skip(NO_SERVER)
    return address


@pytest.fixture(scope="session")
def copy_on_server(make_copy: Callable[..., Copy], server: str) -> Copy:
    """The default copy for PostgreSQL, whose spikes and suite know the server."""
    return with_server(make_copy(database="postgresql"), server)


@pytest.fixture(scope="session")
def copies(request: pytest.FixtureRequest, copy: Copy) -> dict[str, Copy]:
    """The default copy by its database; the one for PostgreSQL only where there is a server."""
    found = {"sqlite": copy}
    with suppress(pytest.skip.Exception):
        found["postgresql"] = request.getfixturevalue("copy_on_server")
    return found


@pytest.fixture(scope="session")
def copy_with_broker(make_copy: Callable[..., Copy]) -> Callable[..., Copy]:
    """`copy_with_broker("redis")` is the copy with Celery whose spikes know the broker.

    It is made once for a workflow and a database.
    """

    @cache
    def make(broker: str, workflow: str = DEFAULT, database: str = "sqlite") -> Copy:
        parts = urlsplit(BROKERS[broker])
        try:
            socket.create_connection((parts.hostname, parts.port), timeout=2).close()
        except OSError:
            missing(f"{broker} on port {parts.port}")
        made = make_copy(queue="celery", database=database, **answers_for(workflow))
        return with_broker(made, BROKERS[broker])

    return make


@pytest.fixture(scope="module")
def workshop(
    request: pytest.FixtureRequest,
    copies: dict[str, Copy],
    make_copy: Callable[..., Copy],
    copy_with_broker: Callable[..., Copy],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workshop]:
    """Where faults are put into the spike that the module is about."""
    found = {(DEFAULT, database, "embedded"): copy for database, copy in copies.items()}
    found[EVERY_WORD, "sqlite", "embedded"] = make_copy(**answers_for(EVERY_WORD))
    with suppress(pytest.skip.Exception):
        for workflow in (DEFAULT, EVERY_WORD):
            found[workflow, "sqlite", "celery"] = copy_with_broker("redis", workflow)
    place = Workshop(request.module.SPIKE, found, tmp_path_factory.mktemp("faults"))
    yield place
    place.close()


class OnDemand(dict[Any, Future[Any]]):
    """The result of each case, found when it is asked for."""

    def __init__(self, run: Callable[[Any], Any]) -> None:
        super().__init__()
        self.run = run

    def __missing__(self, case: Hashable) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(self.run(case))
        return future


@pytest.fixture(scope="module")
def two_at_a_time(
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., dict[Hashable, Future[Any]]]]:
    """Runs the cases of a module's test ahead, two at a time: `two_at_a_time(run)[case].result()`.

    Where two processes share the files of tests, each runs its cases one at a time.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        yield OnDemand
        return
    cases = [
        item.callspec.params["case"]
        for item in request.session.items
        if item.fspath == request.node.fspath
        and hasattr(item, "callspec")  # it has none without parameters
        and "case" in item.callspec.params
    ]
    with ThreadPoolExecutor(2) as pool:
        futures: dict[Hashable, Future[Any]] = {}

        def start(run: Callable[[Any], Any]) -> dict[Hashable, Future[Any]]:
            if not futures:
                futures.update({case: pool.submit(run, case) for case in cases})
            return futures

        yield start
        for future in futures.values():
            future.cancel()
