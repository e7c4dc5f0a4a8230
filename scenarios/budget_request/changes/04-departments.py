"""Change 04: managers see and decide what their own department asks for."""

import secrets
from collections.abc import Callable

import pytest

from suite.client import Client, accepted, refused
from suite.site import Site
from suite.workflow import Record

pytestmark = [pytest.mark.change("04"), pytest.mark.area("sign_in_and_permissions")]
PATH = "/api/budget-requests"


def in_department(site: Site, name: str, *roles: str) -> Client:
    """Somebody new of this department."""
    client = site.new_person(*roles)
    user = accepted(
        site.admin.patch(f"/api/users/{client.actor.username}", {"department": name}),
        "setting a department",
    )
    assert user["department"] == name
    return client


@pytest.fixture
def sales() -> str:
    """The name of a department that nobody else is in."""
    return f"Sales {secrets.token_hex(3)}"


def request_of(site: Site, department: str) -> Record:
    """A request of the department, with its manager."""
    return site.record_in("with_manager", owner=in_department(site, department, "requester"))


def test_a_manager_sees_the_department(site: Site, sales: str) -> None:
    theirs = request_of(site, sales)
    manager = in_department(site, sales, "manager")
    assert accepted(manager.read(theirs))["id"] == theirs.id
    listed = accepted(manager.records())
    assert [item["id"] for item in listed["items"]] == [theirs.id]
    assert listed["total"] == 1


def test_and_decides_there(site: Site, sales: str) -> None:
    theirs = request_of(site, sales)
    accepted(in_department(site, sales, "manager").move(theirs, "send_back", "Which project?"))


def test_a_manager_of_another_does_not(site: Site, sales: str) -> None:
    theirs = request_of(site, sales)
    other = in_department(site, f"Support {secrets.token_hex(3)}", "manager")
    refused(other.read(theirs), "not_found")
    refused(other.history(theirs), "not_found")
    refused(other.move(theirs, "reject", "No."), "not_found")
    assert accepted(other.records())["total"] == 0
    assert accepted(other.records(q=str(theirs.values["purpose"])))["total"] == 0
    assert other.get(f"{PATH}/export.csv").text.count("\n") == 1, (
        "the export has more than its head"
    )
    assert all(row["count"] == 0 for row in accepted(other.get(f"{PATH}/report"))["states"])


def test_their_own_they_see_all_the_same(site: Site) -> None:
    manager = in_department(site, f"People {secrets.token_hex(3)}", "manager")
    record = site.record_in("draft", owner=manager, creator="manager")
    accepted(manager.read(record))


def test_a_request_moves_with_its_owner(site: Site, sales: str) -> None:
    theirs = request_of(site, sales)
    new = f"Sales {secrets.token_hex(3)}"
    accepted(site.admin.patch(f"/api/users/{theirs.owner}", {"department": new}))
    refused(in_department(site, sales, "manager").read(theirs), "not_found")
    accepted(in_department(site, new, "manager").read(theirs))


def test_finance_sees_every_department(
    site: Site, sales: str, client_as: Callable[..., Client]
) -> None:
    accepted(client_as("finance").read(request_of(site, sales)))


def test_a_manager_without_a_department_sees_all(
    site: Site, sales: str, client_as: Callable[..., Client]
) -> None:
    accepted(client_as("manager").read(request_of(site, sales)))
