"""Two web processes on one database: of two people at once, one wins and nothing happens twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest
from suite.client import Client, accepted, refused
from suite.receiver import Receiver
from suite.site import Site
from suite.workflow import Record

ROUNDS = 200


@pytest.fixture(scope="module")
def other_site(site: Site, start_web: Callable[..., str]) -> Site:
    """The same spike through a second process."""
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
