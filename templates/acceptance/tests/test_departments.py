"""Roles that see a department: what its people have created, wherever they are now, and nothing else."""

import secrets
from typing import Any

import pytest

from suite.client import Client, accepted, refused
from suite.forms import found_in
from suite.outlets import outlets
from suite.parts import ADMIN, HOME_DEPARTMENT, Record
from suite.people import PASSWORD
from suite.planner import REASON
from suite.screens import Form, send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
TABLE = outlets()
SEEING = [name for name, role in FLOW.roles.items() if role.sees == "department"]
AWAY = "South"
WIDER = [role for role in FLOW.person_roles if FLOW.roles[role].sees == "all"] + [ADMIN]
sees_departments = pytest.mark.parametrize("role", SEEING if FLOW.creators() else [])
has_departments = pytest.mark.parametrize("departments", [True] if SEEING else [])


def made(site: Site, department: str) -> tuple[Client, Record]:
    """Somebody of a department, and a record of theirs."""
    owner = site.new_person(FLOW.creators()[0], department=department)
    return owner, site.record_in(FLOW.first_state, owner=owner)


def told(site: Site, client: Client, record: Record) -> list[bool]:
    """Whether the client comes across the record: in the list, the file, the report, by number, on screens."""
    report = accepted(client.get(f"{FLOW.path}/report"))["states"]
    total = accepted(client.records(state=record.state, size=1))["total"]
    counted = {state["state"]: state["count"] for state in report}[record.state]
    assert counted == total, "the report counts otherwise than the list"
    newest = accepted(client.records(state=record.state, size=5))["items"]
    file = client.get(f"{FLOW.path}/export.csv", state=record.state).text
    page = show(client, site.page_of(record))
    return [
        record.id in [item["id"] for item in newest],
        f"\n{record.id}," in file,
        client.read(record).is_success,
        client.history(record).is_success,
        page.answer.is_success and TABLE.number(site.name, page.url) == record.id,
    ]


@sees_departments
def test_moving_somebody_counts_from_the_next_request(site: Site, role: str) -> None:
    viewer = site.new_person(role)
    owner, record = made(site, AWAY)
    places = len(told(site, viewer, record))
    for person, department, seen in (
        (owner, AWAY, False),
        (owner, HOME_DEPARTMENT, True),
        (viewer, AWAY, False),
        (owner, AWAY, True),
        (viewer, "", False),
    ):
        site.move_to(person, department)
        about = f"{role} of {viewer.actor.department!r}, owner of {owner.actor.department!r}"
        assert told(site, viewer, record) == [seen] * places, about


@sees_departments
def test_a_record_of_another_department_is_not_there(site: Site, role: str) -> None:
    viewer = site.new_person(role)
    _, record = made(site, AWAY)
    at = viewer.at(record)
    for answer in (
        viewer.read(record),
        viewer.history(record),
        viewer.edit(record, {}),
        viewer.comment(record, "I was here"),
        *(viewer.move(record, name, REASON) for name in FLOW.names),
        viewer.patch(at, {"nonsense": 1}),
    ):
        refused(answer, "not_found", f"{role} of another department")


@sees_departments
def test_two_people_without_a_department_are_not_of_one(site: Site, role: str) -> None:
    viewer = site.new_person(role, department="")
    _, record = made(site, "")
    assert not any(told(site, viewer, record)), f"{role} without a department sees those without"
    roles = {role, FLOW.creators()[0]}
    own = site.record_in(FLOW.first_state, owner=viewer)
    site.set_roles(viewer, *roles)
    assert all(told(site, viewer, own)), "without a department nobody sees what is their own"
    site.set_roles(viewer, role)
    assert all(told(site, viewer, own)), f"{role} without a department does not see the own"


@sees_departments
def test_the_names_of_departments_are_compared_whole(site: Site, role: str) -> None:
    name = f"Dept {secrets.token_hex(4)}"
    viewer = site.new_person(role, department=name)
    for other in (name + "x", name[:-1], "%", "_" * len(name)):
        _, record = made(site, other)
        assert not any(told(site, viewer, record)), f"{name!r} is taken for {other!r}"


@sees_departments
def test_of_two_roles_the_wider_one_counts(site: Site, role: str) -> None:
    _, near = made(site, HOME_DEPARTMENT)
    _, far = made(site, AWAY)
    person = site.new_person(role)
    narrow = [name for name in FLOW.creators() if FLOW.roles[name].sees == "own"]
    for other in narrow[:1]:
        site.set_roles(person, role, other)
        assert all(told(site, person, near)), f"{other} takes away what {role} sees"
        assert not any(told(site, person, far)), f"{role} and {other} see another department"
    for other in WIDER:
        site.set_roles(person, role, other)
        assert all(told(site, person, far)), f"{role} takes away what {other} sees"
    site.set_roles(person, role)
    assert not any(told(site, person, far)), f"{role} sees what is for others"


def new_user(site: Site, **given: Any) -> dict[str, Any]:
    return {
        "username": site.new_name(),
        "name": "Ann",
        "password": PASSWORD,
        "roles": [],
        **given,
    }


@has_departments
def test_a_department_comes_back_as_it_is_kept(site: Site, departments: bool) -> None:
    for given, kept in (
        ({}, ""),
        ({"department": "  Paris \t"}, "Paris"),
        ({"department": ""}, ""),
    ):
        body = new_user(site, **given)
        user = accepted(site.admin.post("/api/users", body))
        assert user["department"] == kept
        at = f"/api/users/{body['username']}"
        assert accepted(site.admin.patch(at, {"active": True}))["department"] == kept
        changed = accepted(site.admin.patch(at, {"department": " Åbo & Co "}))
        assert (changed["department"], changed["roles"], changed["active"]) == (
            "Åbo & Co",
            [],
            True,
        )
        listed = {each["username"]: each for each in site.all_pages(site.admin, "/api/users")}
        assert listed[body["username"]]["department"] == "Åbo & Co"
        assert accepted(site.admin.patch(at, {"department": ""}))["department"] == ""
    accepted(site.admin.post("/api/users", new_user(site, department="x" * 60)))


@has_departments
@pytest.mark.parametrize("wrong", ["x" * 61, None, "a\x00b", "a\nb", ["North"]], ids=repr)
def test_what_is_no_department_is_refused(site: Site, departments: bool, wrong: Any) -> None:
    person = site.add_person()
    for answer in (
        site.admin.post("/api/users", new_user(site, department=wrong)),
        site.admin.patch(f"/api/users/{person}", {"department": wrong}),
    ):
        problem = refused(answer, "invalid", f"the department {wrong!r}")
        assert {error["field"].partition(".")[0] for error in problem["errors"]} == {"department"}


def about(site: Site, username: str) -> Form:
    """The form of the page about a user."""
    names = frozenset({username})
    for path in TABLE.pages(site.name, "admins"):
        if path.rstrip("/").endswith(("user", "users")):
            for page in found_in(site.admin, path, username):
                for link in page.links:
                    form = show(site.admin, link).form_with("department")
                    inside = "{}" in TABLE.shape(site.name, link, names)
                    if inside and form is not None and username in show(site.admin, link).text:
                        return form
    raise AssertionError("no page about a user asks for the department")


@has_departments
@pytest.mark.area("staff_screens")
def test_the_page_of_a_user_moves_them(site: Site, departments: bool) -> None:
    roles = sorted(FLOW.person_roles[:1])
    username = site.add_person(*roles)
    form = about(site, username)
    box = next(each for each in form.inputs if each.name == "department")
    assert box.value == HOME_DEPARTMENT, "the page does not show the department"
    send(site.admin, form.fill(department="  Paris "))
    users = {user["username"]: user for user in site.all_pages(site.admin, "/api/users")}
    user = users[username]
    assert (user["department"], user["roles"], user["active"]) == ("Paris", roles, True)
    rows = [
        row
        for path in TABLE.pages(site.name, "admins")
        if path.rstrip("/").endswith(("user", "users"))
        for page in found_in(site.admin, path, username)
        for row in page.rows
    ]
    assert any(username in row and "Paris" in row for row in rows), "the list lacks the department"
    send(site.admin, about(site, username).fill(department="x" * 61))
    users = {user["username"]: user for user in site.all_pages(site.admin, "/api/users")}
    assert users[username]["department"] == "Paris", "a department of any length is taken"
