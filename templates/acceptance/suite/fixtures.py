"""What the tests get: the running spike, people of every role, records in every state.

A pytest plugin. It starts the spike once for all tests, tells `python -m suite check` how far they are,
and runs tests marked `last` after all others.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from suite import prepared
from suite.broker import check_broker
from suite.client import Client
from suite.database import database
from suite.errors import UserError
from suite.mailbox import Mailbox
from suite.matrix import Caller, Place
from suite.morning import kept as kept_this_morning
from suite.parts import ADMIN, Record, Transition
from suite.planner import REASON
from suite.receiver import Receiver
from suite.running import RUNNING
from suite.site import Site, check_url
from suite.spike import (
    RESULTS,
    SPIKES,
    START_SECONDS,
    Spike,
    free_port,
    fresh_secrets,
    healthy,
    procfile,
    spikes,
    stop_on_signals,
    sync,
    wait_for,
)
from suite.target import aim, taken
from suite.workflow import Workflow
from suite.workflow_file import workflow as read_workflow

if TYPE_CHECKING:
    from suite.acting import Two
    from suite.world import World

OWN = Path(__file__).parents[1] / "own"
PAST = Path(__file__).parent / "past"
MANY_TESTS = 200
OWN_KEYWORD = "a-test-of-the-teams-own"
RETRY_DELAYS = (0.3, 1.2)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("spike")
    group.addoption("--spike", choices=SPIKES, help="which spike to test (the first by default)")
    group.addoption("--base-url", help="test a spike that runs here instead of starting one")
    group.addoption("--password", help="the demo users' password there", default="")
    group.addoption(
        "--tests", metavar="FILE", help="only the tests in the file, one a line", default=""
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "area(name): which area of the scorecard a test belongs to")
    config.addinivalue_line(
        "markers", "first: runs before other tests, while there are few records"
    )
    config.addinivalue_line("markers", "last: runs after all other tests")
    config.addinivalue_line("markers", "own: a test of the team's, in own/")
    config.addinivalue_line("markers", "started: needs a spike that the suite has started itself")
    config.addinivalue_line("markers", "morning: needs the database of this morning")
    config.addinivalue_line("markers", "change(number): counts once this change in words is begun")
    aim(spike_of(config))
    if sys.flags.optimize and config.getoption("assertmode") == "plain":
        raise pytest.UsageError(
            "Without --assert=plain, please: python -O leaves out plain asserts."
        )
    stop_on_signals()


def spike_of(config: pytest.Config) -> str:
    """The spike under test: the one that was named, else the first of the copy."""
    return str(config.getoption("spike") or spikes()[0])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    elsewhere = bool(config.getoption("base_url")) or RUNNING in os.environ
    chosen = _chosen(config.getoption("tests") or "")
    begun = taken()
    kept, dropped = [], []
    for item in items:
        out = (
            _is_empty(item)
            or (elsewhere and item.get_closest_marker("started"))
            or (chosen and item.nodeid not in chosen)
            or (item.get_closest_marker("morning") and not kept_this_morning(spike_of(config)))
            or any(mark.args[0] not in begun for mark in item.iter_markers("change"))
        )
        (dropped if out else kept).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    places = {name: place for place, name in enumerate(chosen)}
    kept.sort(key=lambda item: (_turn(item), places.get(item.nodeid, 0)))
    items[:] = kept


def _turn(item: pytest.Item) -> int:
    """Tests marked `first` come first, since there are few records then; `last` ones at the end."""
    last = item.get_closest_marker("last") is not None
    return 2 if last else 0 if item.get_closest_marker("first") else 1


def _chosen(file: str) -> list[str]:
    """The tests in the file, in its order; none when no file is named."""
    return Path(file).read_text(encoding="utf-8").split("\n") if file else []


def _is_empty(item: pytest.Item) -> bool:
    """Whether the workflow has nothing that this test is about."""
    reasons = [mark.kwargs.get("reason", "") for mark in item.iter_markers("skip")]
    return any(reason.startswith("got empty parameter set") for reason in reasons)


def pytest_collection_finish(session: pytest.Session) -> None:
    _tell(event="collected", count=len(session.items))


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.is_relative_to(OWN):
        item.add_marker("own")
        item.extra_keyword_matches.add(OWN_KEYWORD)
    marker = item.get_closest_marker("area")
    item.user_properties.append(("area", marker.args[0] if marker else "own"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:
        crash = getattr(report.longrepr, "reprcrash", None)
        lines = (crash.message if crash else str(report.longrepr or "")).strip().splitlines()
        _tell(
            event="test",
            test=report.nodeid,
            area=dict(report.user_properties).get("area", "own"),
            outcome=report.outcome,
            when=report.when,
            reason=lines[0].removeprefix("AssertionError: ")[:400] if lines else "",
        )


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _tell(event="trouble", text=str(report.longrepr).strip()[-800:])


def _tell(**what: Any) -> None:
    """Pass an event on to `python -m suite check`, if it listens."""
    listener = os.environ.get("SUITE_EVENTS")
    if listener:
        os.write(int(listener), (json.dumps(what) + "\n").encode())


@pytest.fixture(scope="session")
def workflow() -> Workflow:
    """The workflow of this copy."""
    return read_workflow()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The spike under test, started with an empty database, its demo people and a webhook receiver."""
    options = request.config.option
    with ExitStack() as stack:
        try:
            if options.base_url:
                url = check_url(options.base_url)
                if not healthy(url):
                    raise UserError(f"No healthy spike answers at {url}/healthz.")
                name = spike_of(request.config)
                running = Site(read_workflow(), url, options.password, name=name)
            elif RUNNING in os.environ:
                told = json.loads(os.environ[RUNNING])
                running = beside(spike_of(request.config), told, stack)
            else:
                many = request.session.testscollected > MANY_TESTS
                running = start(spike_of(request.config), stack, many=many)
        except UserError as error:
            _tell(event="trouble", text=str(error))
            pytest.exit(str(error), returncode=3)
        stack.callback(running.close)
        running.add_named()
        yield running


def beside(name: str, told: dict[str, Any], stack: ExitStack) -> Site:
    """The spike that `suite watch` keeps running or starts just now; what it sends arrives here meanwhile."""
    wait_for(told["url"], told.get("starts_within", 0))
    secrets = {"/hook": told["webhook_secret"]}
    receiver: Receiver | None = None
    mailbox: Mailbox | None = None
    with suppress(OSError):  # another run listens there
        receiver = stack.enter_context(Receiver(secrets, told["receiver_port"]))
        mailbox = stack.enter_context(Mailbox(told["mail_port"]))
    listening = {"receiver": receiver, "mailbox": mailbox, "name": name}
    found = Site(read_workflow(), told["url"], told["password"], **listening)
    found.known(told["people"])
    if found.admin.get("/api/session").status_code != 200:  # somebody has ended the sessions
        found.close()
        found = Site(read_workflow(), told["url"], told["password"], **listening)
    return found


def start(name: str, stack: ExitStack, *, many: bool = False) -> Site:
    """Start a spike for the tests; `stack` stops it.

    For `many` tests their people are signed in at once, and kept with the database for the next time.
    """
    log = RESULTS / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("", encoding="utf-8")
    _tell(event="stage", text="installing")
    sync(name)
    _tell(event="stage", text="preparing the database")
    address = stack.enter_context(database(name))
    small = address.startswith("sqlite")
    kept = prepared.put(name, address) if small else None
    secrets = kept["secrets"] if kept else fresh_secrets()
    receiver = stack.enter_context(Receiver({"/hook": secrets["WEBHOOK_SECRET"]}))
    mailbox = stack.enter_context(Mailbox())
    port = free_port()
    spike = stack.enter_context(
        Spike(
            name,
            {
                **secrets,
                "DEBUG": "1",
                "PORT": str(port),
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "DATABASE_URL": address,
                "ALLOWED_HOSTS": "localhost,127.0.0.1",
                "WEBHOOK_URL": f"{receiver.url}/hook",
                "SMTP_URL": mailbox.url,
                "RETRY_DELAYS": ",".join(map(str, RETRY_DELAYS)),
                # A sweep of Celery's costs more than a look of the worker's own.
                "POLL_SECONDS": "0.5" if "beat" in procfile(name) else "0.2",
                "TIME_ZONE": "UTC",
            },
            log,
        )
    )
    check_broker(spike.environment)
    if kept is None:
        spike.must("release")
    web = spike.start("web")
    if kept is None:
        _tell(event="stage", text="adding the demo people")
        spike.must("demo")
    spike.start_workers()
    spike.wait(web)
    password = secrets["DEMO_PASSWORD"]
    found = Site(read_workflow(), spike.url, password, receiver, spike, name, mailbox=mailbox)
    people = kept["people"] if kept else []
    found.known(people)
    if small and (kept is None or (many and not people)):
        prepared.keep(name, address, secrets, found.sign_in_all() if many else [])
    _tell(event="stage", text="testing")
    return found


@pytest.fixture(scope="session")
def receiver(site: Site) -> Receiver:
    """What the follow-ups are sent to."""
    if site.receiver is None:
        pytest.skip("a spike that runs elsewhere sends its follow-ups elsewhere")
    return site.receiver


@pytest.fixture(scope="session")
def mailbox(site: Site) -> Mailbox:
    """What the mails are sent to."""
    if site.mailbox is None:
        pytest.skip("a spike that runs elsewhere sends its mails elsewhere")
    return site.mailbox


@pytest.fixture(scope="session")
def admin(site: Site) -> Client:
    """The demo's admin, signed in."""
    return site.admin


@pytest.fixture(scope="session")
def client_as(site: Site) -> Callable[..., Client]:
    """`client_as("manager")` is a signed-in client with exactly these roles, the same each time."""
    return site.client_as


@pytest.fixture(scope="session")
def record_in(site: Site) -> Callable[..., Record]:
    """`record_in("submitted", annual_cost=Decimal("10.00"))` is a new record there."""
    return site.record_in


@pytest.fixture(scope="session")
def wrote(site: Site) -> Callable[[Record | int], Record]:
    """`wrote(record)` tells the suite that something else than its clients has written to a record."""
    return site.wrote


class Cast:
    """Two people whose roles change from test to test: one owns the records, the other none."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.other = site.new_person()
        self.owner = site.new_person()

    def client(self, caller: Caller) -> Client:
        """The caller, with the caller's role and no other from the next request on."""
        if caller.service:
            return self.site.service(caller.role)
        return self.site.set_roles(self.owner if caller.owner else self.other, *caller.roles)

    def before(self, place: Place, key: str = "") -> tuple[Client, Record]:
        """The caller of a place, and a record there."""
        owner = None
        if place.caller.owner:
            service = place.caller.service
            owner = self.site.service(place.caller.role) if service else self.owner
        record = self.site.standing(place.state, owner=owner, creator=place.creator, key=key)
        return self.client(place.caller), record

    def ready(self, state: str, transition: Transition) -> tuple[Client, Record]:
        """Somebody who may make just this transition, and a record that is ready for it."""
        owner = self.owner if self.site.flow.creators() else None
        record = self.site.record_for(state, transition, owner)
        for client in self.able(record, transition.name):
            made = self.site.flow.answer(client.actor, record, transition.name, comment=REASON)
            if made == transition:
                return client, record
        raise LookupError(f"nobody whom the suite can be may make {transition.name} in {state}")

    def named(self, username: str) -> Client | None:
        """The client of somebody whom a record names, if it is one of the suite's own people."""
        people = {name for field in self.site.flow.person_fields.values() for name in field.people}
        return self.site.named(username) if username in people else None

    def able(self, record: Record, name: str) -> Iterator[Client]:
        """Clients whom no role or rule of four eyes keeps from the transition in this state."""
        flow = self.site.flow
        people = [(self.other, role) for role in (*flow.person_roles, ADMIN)]
        if record.owner == self.owner.actor.username:
            people += [(self.owner, role) for role in flow.creators()]
        for person, role in people:
            actor = replace(person.actor, roles=frozenset({role}))
            if flow.answer(actor, record, name) not in ("forbidden", "not_found"):
                yield self.site.set_roles(person, role)
        for username in {record.values[field] for field in flow.person_fields} - {None}:
            client = self.named(str(username))
            if client and flow.answer(client.actor, record, name) not in ("forbidden", "not_found"):
                yield client
        for role in flow.service_roles:
            client = self.site.service(role)
            if flow.answer(client.actor, record, name) not in ("forbidden", "not_found"):
                yield client


@pytest.fixture(scope="session")
def cast(site: Site) -> Cast:
    """People whose roles change from test to test."""
    return Cast(site)


@pytest.fixture(scope="session")
def ago(site: Site) -> Iterator[Callable[[timedelta], Site]]:
    """`ago(timedelta(days=8))` is the same spike eight days ago, with the same demo people signed in.

    Another web process on the same database, to which it is always so much earlier; it has a ledger of
    its own. Its people are those of the demo.
    """
    sites: dict[timedelta, Site] = {}

    def make(time: timedelta) -> Site:
        if time not in sites and site.spike is not None:
            port = str(free_port())
            past = {
                "PYTHONPATH": str(PAST),
                "SUITE_PACKAGES": str(Path(time_machine.__file__).parents[1]),
                "SUITE_SECONDS_AGO": str(time.total_seconds()),
                # Sessions of then, which a sign-in now does not end.
                "SESSION_HOURS": str(24 * (time.days + 1)),
            }
            site.spike.start("web", PORT=port, **past)
            wait_for(f"http://127.0.0.1:{port}", START_SECONDS)
            url = f"http://127.0.0.1:{port}"
            sites[time] = Site(site.flow, url, site.password, name=site.name, present=site)
            sites[time].known(site.sessions(site.demo_people()))
        return sites[time]

    yield make
    for each in sites.values():
        each.close()


@pytest.fixture(scope="session")
def person(site: Site) -> str:
    """The username of somebody without a role."""
    return site.new_person().actor.username


@pytest.fixture(scope="module")
def two(site: Site) -> "Callable[[tuple[str, str]], Two]":
    """The two people of a pair of roles, of whom one may act for the other; the same ones each time."""
    from suite.acting import Two  # reads the workflow, which is only known once the tests begin

    known: dict[tuple[str, str], Two] = {}

    def find(pair: tuple[str, str]) -> Two:
        if pair not in known:
            known[pair] = Two(site, site.new_person(pair[0]), site.new_person(pair[1]))
        return known[pair]

    return find


@pytest.fixture(scope="session")
def world(site: Site, cast: Cast) -> "World":
    """A viewer and others with records in every state, made once; see `suite.world`."""
    from suite.world import populate  # reads the workflow, which is only known once the tests begin

    return populate(site, cast)
