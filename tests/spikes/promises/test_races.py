"""Two web processes and two workers on one database: they behave as one.

Of two people at once one wins, nothing happens twice, and what one process knows the other one knows.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import httpx
import pytest
from suite.client import Client, accepted, refused
from suite.forms import new_form, typed
from suite.parts import Record
from suite.people import PASSWORD
from suite.receiver import Receiver
from suite.screens import send
from suite.site import Site
from suite.spike import Spike

ROUNDS = 200
FORMS = 5
TRIES = 10  # of a password; after them none counts


@pytest.fixture(scope="module")
def other_site(site: Site, spike: Spike, start_web: Callable[..., str]) -> Site:
    """The same spike through a second process, with a second worker."""
    spike.start("worker")
    return Site(site.flow, start_web(), site.password)


def at_once(*requests: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers to requests that are sent at the same moment."""
    start = Barrier(len(requests))

    def send(request: Callable[[], httpx.Response]) -> httpx.Response:
        start.wait()
        return request()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def the_loser(answers: list[httpx.Response]) -> httpx.Response:
    """Whoever did not win; asserts that the other did, and that nobody met a 5xx."""
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 409], f"{statuses}, expected one 200 and one 409"
    return max(answers, key=lambda answer: answer.status_code)


def test_nobody_approves_twice(site: Site, other_site: Site, receiver: Receiver) -> None:
    here, there = site.client_as("manager"), other_site.sign_in("security", site.password)
    accepted(site.admin.patch("/api/users/security", {"roles": ["manager"]}))
    codes: Counter[str] = Counter()
    records = [site.record_in("submitted") for _ in range(ROUNDS)]
    for record in records:
        ask = f"{site.flow.path}/{record.id}/transitions/approve"
        body = {"version": record.version}
        answers = at_once(lambda: here.post(ask, body), lambda: there.post(ask, body))  # noqa: B023
        codes[the_loser(answers).json()["code"]] += 1
    print(f"{ROUNDS} records approved by two at once: losers {dict(codes)}")
    assert set(codes) <= {"stale", "wrong_state"}
    for record in records:
        delivered = receiver.wait(record.id, "provision", 1, seconds=60)
        entries = accepted(site.admin.history(record))["items"]
        assert [e["transition"] for e in entries if e["to"] == "approved"] == ["approve"]
        assert len({delivery.webhook_id for delivery in delivered}) == 1, "one follow-up each"
    again = Counter(delivery.webhook_id for delivery in receiver.all())
    assert set(again.values()) == {1}, "two workers have delivered the same"


def test_no_update_is_lost(site: Site, other_site: Site) -> None:
    owner = site.client_as("requester")
    same = other_site.sign_in("requester", site.password)
    record = site.record_in("draft", owner=owner)
    for number in range(ROUNDS):
        seen = record.version
        one, two = at_once(
            lambda: edit(owner, record, f"here {number}", seen),  # noqa: B023
            lambda: edit(same, record, f"there {number}", seen),  # noqa: B023
        )
        refused(the_loser([one, two]), "stale")
        won = one if one.status_code == 200 else two
        shown = accepted(owner.read(record))
        assert shown["reason"] == won.json()["reason"]
        record.version = shown["version"]
    assert record.version == 1 + ROUNDS
    print(f"{ROUNDS} updates of a version that somebody else was changing: {ROUNDS} times 409")


def edit(client: Client, record: Record, reason: str, seen: int) -> httpx.Response:
    """Change the reason of the version that was seen."""
    return client.edit(record, {"reason": reason}, version=seen)


def same_session(client: Client, other_site: Site) -> Client:
    """The client with its session, at the second process."""
    there = other_site.visitor()
    there.http.cookies.update(client.http.cookies)
    there.csrf, there.actor = client.csrf, client.actor
    return there


def test_a_session_is_one_in_both(site: Site, other_site: Site) -> None:
    here = site.sign_in(site.add_person(), PASSWORD)
    there = same_session(here, other_site)
    for at in (here, there):
        assert accepted(at.get("/api/session"))["username"] == here.actor.username
    assert there.delete("/api/session").status_code == 204
    refused(here.get("/api/session"), "not_signed_in", "a session that the other process has ended")


def test_tries_are_counted_together(site: Site, other_site: Site) -> None:
    name = site.add_person()
    for number in range(TRIES):
        at = (site, other_site)[number % 2].visitor()
        refused(at.sign_in(name, "not the password"), "bad_credentials")
    for at in (site.visitor(), other_site.visitor()):
        refused(at.sign_in(name, PASSWORD), "too_many_tries", "half of the tries at each process")


def test_a_form_makes_one_record_wherever_it_goes(site: Site, other_site: Site) -> None:
    here = site.client_as("requester")
    there = same_session(here, other_site)
    before = accepted(site.admin.records(size=1))["total"]
    for _ in range(FORMS):
        form = new_form(here)
        assert form is not None
        form.fill(**typed(site.flow.settable(here.actor)))
        form.action = urlsplit(form.action).path
        answers = at_once(lambda: send(here, form), lambda: send(there, form))  # noqa: B023
        assert {answer.status_code for answer in answers} <= {302, 303}
    made = accepted(site.admin.records(size=1))["total"] - before
    assert made == FORMS, f"{FORMS} forms, each sent to both processes, made {made} records"
