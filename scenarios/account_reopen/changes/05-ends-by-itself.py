"""Change 05: an account closes by itself when its day is over."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from suite.client import accepted
from suite.receiver import Receiver
from suite.site import Site
from suite.workflow import Record

pytestmark = [pytest.mark.change("05"), pytest.mark.area("follow_ups_and_api"), pytest.mark.started]
SECONDS = 70


def reopened(site: Site, days: int) -> Record:
    """A reopened account that is open for so many days from today; the ledger leaves it alone."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    record = site.record_in("reopened", open_until=day)
    site.ledger.entries.pop(record.id, None)
    return record


@pytest.fixture(scope="module")
def over(site: Site) -> Record:
    """One whose day was yesterday, after it has closed."""
    record = reopened(site, -1)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if accepted(site.admin.read(record))["state"] == "closing":
            return record
        time.sleep(0.5)
    pytest.fail(f"a day after Open until the account is still open, {SECONDS} s long")


def test_it_closes_when_the_day_is_over(site: Site, over: Record) -> None:
    assert accepted(site.admin.read(over))["version"] == over.version + 1


def test_the_audit_trail_says_so_once(site: Site, over: Record) -> None:
    items = accepted(site.admin.history(over))["items"]
    closed = [item for item in items if item["to"] == "closing"]
    assert len(closed) == 1
    assert (closed[0]["actor"], closed[0]["action"]) == ("system", "transition")
    assert (closed[0]["transition"], closed[0]["from"]) == ("close_early", "reopened")
    assert closed[0]["comment"] == "Open until is over."


@pytest.mark.parametrize("name", ["lock_account", "tell_billing"])
def test_others_are_told_once(receiver: Receiver, over: Record, name: str) -> None:
    assert len(receiver.wait(over.id, name, 1)) == 1


def test_the_last_day_still_counts(site: Site, over: Record) -> None:
    today = reopened(site, 0)
    tomorrow = reopened(site, 1)
    time.sleep(3)
    for record in (today, tomorrow):
        assert accepted(site.admin.read(record))["state"] == "reopened"
