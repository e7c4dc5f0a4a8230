"""The audit trail: every accepted write exactly once, nothing that was refused, nothing lost."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suite.client import accepted
from suite.fixtures import Cast
from suite.ledger import Entry
from suite.matrix import places
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("audit_and_export")
FLOW = workflow()


def test_a_comment_is_an_entry_and_leaves_the_version(site: Site) -> None:
    record = site.record_in(FLOW.first_state)
    before = accepted(site.admin.read(record))
    answer = site.admin.comment(record, "  Looks fine <b>to me</b>.\n")
    entry = accepted(answer)
    assert answer.status_code == 201
    assert (entry["action"], entry["actor"]) == ("comment", "admin")
    assert entry["comment"] == "Looks fine <b>to me</b>."
    assert (entry["transition"], entry["from"], entry["to"]) == (None, None, None)
    assert entry["changes"] == []
    items = accepted(site.admin.history(record))["items"]
    assert items[-1] == entry
    assert accepted(site.admin.read(record)) == before, "a comment changes the record"


def test_the_history_is_in_order_and_in_utc(site: Site) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    goal = next((place.state for place in reversed(places())), FLOW.first_state)
    record = site.record_in(goal)
    items = accepted(site.admin.history(record))["items"]
    assert [item["id"] for item in items] == sorted(item["id"] for item in items)
    moments = [datetime.fromisoformat(item["at"]) for item in items]
    assert moments == sorted(set(moments)), "every entry has a moment of its own"
    assert began <= moments[0] <= datetime.now(UTC) + timedelta(seconds=2)
    assert all(item["at"].endswith("Z") for item in items), "moments are given in UTC"
    fields = {"id", "at", "actor", "action", "transition", "from", "to", "comment", "changes"}
    assert all(set(item) >= fields for item in items)


def test_everybody_who_sees_a_record_sees_its_whole_history(site: Site, cast: Cast) -> None:
    record = site.standing(FLOW.first_state, key="audit")
    whole = known_to_all(accepted(site.admin.history(record))["items"])
    assert whole[0]["actor"] == record.owner, "the history lacks what the owner did"
    for role in FLOW.person_roles:
        client = site.set_roles(cast.other, role)
        if FLOW.visible(client.actor, record):
            assert known_to_all(accepted(client.history(record))["items"]) == whole


def known_to_all(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries without differences in fields that only some see."""
    return [
        {**item, "changes": [c for c in item["changes"] if c["field"] not in FLOW.hidden]}
        for item in items
    ]


@pytest.mark.last
def test_the_audit_trail_is_the_list_of_what_was_accepted(site: Site) -> None:
    for state in FLOW.states:
        with suppress(LookupError):
            site.record_in(state)
    site.settle()
    wrong = []
    for number, entries in chosen(site.ledger.entries).items():
        record = site.ledger.records[number]
        written = [Entry.of(item) for item in accepted(site.admin.history(record))["items"]]
        unseen = FLOW.unseen(site.admin.actor, record)
        expected = [entry.plain(unseen) for entry in entries]
        if sorted(map(repr, written)) != sorted(map(repr, expected)):
            missing = [entry for entry in expected if entry not in written]
            extra = [entry for entry in written if entry not in expected]
            wrong.append(f"record {number}: missing {missing[:2]}, unexpected {extra[:2]}")
    assert not wrong, f"{len(wrong)} histories: {wrong[0]}"


def chosen(entries: dict[int, list[Entry]]) -> dict[int, list[Entry]]:
    """Every record on which something was done after its creation, and of the others every fifth."""
    alone = [number for number, written in entries.items() if len(written) == 1]
    return {number: entries[number] for number in entries if number not in alone or not number % 5}


@pytest.mark.last
def test_every_record_is_as_the_accepted_writes_left_it(site: Site) -> None:
    site.settle()
    shown = {item["id"]: item for item in site.all_pages(site.admin, FLOW.path)}
    wrong = []
    for number in site.ledger.entries:
        record = site.ledger.records[number]
        expected = {
            "version": record.version,
            "state": record.state,
            "owner": record.owner,
            **site.admin.written(record.values),
        }
        for name in FLOW.unseen(site.admin.actor, record):
            del expected[name]
        got = {name: shown.get(number, {}).get(name) for name in expected}
        if got != expected:
            wrong.append(f"record {number} is {got}, expected {expected}")
    assert not wrong, f"{len(wrong)} of {len(site.ledger.entries)}: {wrong[0]}"
