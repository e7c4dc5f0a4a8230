"""Change 05: an account closes by itself when its day is over."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from suite.client import accepted
from suite.receiver import Receiver
from suite.site import Site
from suite.workflow import Record

pytestmark = [pytest.mark.change("05"), pytest.mark.area("follow_ups_and_api"), pytest.mark.started]
SECONDS = 35


def reopened(site: Site, days: int) -> Record:
    """A reopened account that is open for so many days from today; the ledger leaves it alone."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    record = site.record_in("reopened", open_until=day)
    site.ledger.entries.pop(record.id, None)
    return record


@pytest.fixture(scope="module")
def over(site: Site) -> tuple[Record, float]:
    """One whose day was yesterday, and the moment by which it has to be closed."""
    return reopened(site, -1), time.monotonic() + SECONDS


def closed(site: Site, over: tuple[Record, float]) -> Record:
    """That record, after it has closed."""
    record, end = over
    while accepted(site.admin.read(record))["state"] != "closing":
        assert time.monotonic() < end, (
            f"a day after Open until the account is still open, {SECONDS} s long"
        )
        time.sleep(0.5)
    return record


def test_it_closes_when_the_day_is_over(site: Site, over: tuple[Record, float]) -> None:
    record = closed(site, over)
    assert accepted(site.admin.read(record))["version"] == record.version + 1


def test_the_audit_trail_says_so_once(site: Site, over: tuple[Record, float]) -> None:
    items = accepted(site.admin.history(closed(site, over)))["items"]
    entries = [item for item in items if item["to"] == "closing"]
    assert len(entries) == 1
    assert (entries[0]["actor"], entries[0]["action"]) == ("system", "transition")
    assert (entries[0]["transition"], entries[0]["from"]) == ("close_early", "reopened")
    assert entries[0]["comment"] == "Open until is over."


@pytest.mark.parametrize("name", ["lock_account", "tell_billing"])
def test_others_are_told_once(
    site: Site, receiver: Receiver, over: tuple[Record, float], name: str
) -> None:
    assert len(receiver.wait(closed(site, over).id, name, 1)) == 1


def test_the_last_day_still_counts(site: Site, over: tuple[Record, float]) -> None:
    closed(site, over)
    today = reopened(site, 0)
    tomorrow = reopened(site, 1)
    time.sleep(3)
    for record in (today, tomorrow):
        assert accepted(site.admin.read(record))["state"] == "reopened"
