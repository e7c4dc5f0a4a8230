"""Change 04: several requests are approved at once, each by its own rules."""

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from suite.client import Client, accepted, refused
from suite.site import Site
from suite.workflow import Record

pytestmark = [pytest.mark.change("04"), pytest.mark.area("staff_screens")]
PATH = "/api/access-requests/approve"
CHEAP = Decimal("10.00")


def approve(
    site: Site, client: Client, *records: Record, comment: str = "Monday."
) -> httpx.Response:
    """Approve them at once, and tell the ledger what has moved."""
    ids = [record.id for record in records]
    answer = client.post(PATH, {"ids": ids, "comment": comment})
    if answer.is_success:
        for record in records:
            if record.id in answer.json()["approved"]:
                path = f"{client.at(record)}/transitions/approve"
                now = accepted(site.admin.read(record))
                site.ledger.note(client.actor, "POST", path, {"comment": comment}, 200, now)
    return answer


def test_what_may_be_approved_is_approved(
    site: Site, client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> None:
    records = [record_in("submitted", annual_cost=CHEAP) for _ in range(3)]
    answer = accepted(approve(site, client_as("manager"), *records))
    assert answer == {"approved": [record.id for record in records], "refused": []}
    for record in records:
        assert accepted(site.admin.read(record))["state"] == "approved"


def test_each_has_its_own_entry_in_the_audit_trail(
    site: Site, client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> None:
    records = [record_in("submitted", annual_cost=CHEAP) for _ in range(2)]
    manager = client_as("manager")
    accepted(approve(site, manager, *records, comment="All of them for the new shift."))
    for record in records:
        last = accepted(site.admin.history(record))["items"][-1]
        assert (last["actor"], last["transition"]) == (manager.actor.username, "approve")
        assert last["comment"] == "All of them for the new shift."


def test_each_goes_by_its_own_rules(
    site: Site, client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> None:
    both = site.new_person("requester", "manager")
    fine = record_in("submitted", annual_cost=CHEAP)
    own = record_in("submitted", owner=both, creator="requester", annual_cost=CHEAP)
    draft = record_in("draft")
    both = site.set_roles(both, "requester", "manager")
    answer = accepted(approve(site, both, own, fine, draft))
    assert answer["approved"] == [fine.id]
    assert answer["refused"] == [
        {"id": own.id, "code": "forbidden"},
        {"id": draft.id, "code": "wrong_state"},
    ]


def test_what_one_may_not_see_is_not_found(
    site: Site, client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> None:
    record = record_in("submitted", annual_cost=CHEAP)
    answer = accepted(approve(site, site.new_person("requester"), record))
    assert answer == {"approved": [], "refused": [{"id": record.id, "code": "not_found"}]}


def test_the_follow_up_is_sent_for_each(
    site: Site, client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> None:
    records = [record_in("submitted", annual_cost=CHEAP) for _ in range(2)]
    accepted(approve(site, client_as("manager"), *records))
    subjects = {
        item["record_id"]
        for item in site.all_pages(site.admin, "/api/follow-ups")
        if item["name"] == "provision"
    }
    assert {record.id for record in records} <= subjects


@pytest.mark.parametrize(
    "ids",
    [[], ["x"], list(range(1, 102)), None],
    ids=["empty", "no number", "too many", "null"],
)
def test_a_list_that_is_none_is_refused(
    client_as: Callable[..., Client], ids: list[object] | None
) -> None:
    refused(client_as("manager").post(PATH, {"ids": ids, "comment": ""}), "invalid")


def test_a_visitor_approves_nothing(site: Site) -> None:
    refused(site.visitor().post(PATH, {"ids": [1], "comment": ""}), "not_signed_in")
