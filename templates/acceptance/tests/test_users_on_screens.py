"""What admins do to users on the screens: disable them, give and take roles, and what no page lets them do."""

import pytest

from suite.client import refused
from suite.forms import found_in
from suite.outlets import outlets
from suite.parts import ADMIN
from suite.screens import Form, Input, Page, send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("staff_screens")
FLOW = workflow()
TABLE = outlets()


def user_form(site: Site, username: str) -> Form | None:
    """The form by which an admin changes a user, found from the lists for admins."""
    for path in TABLE.pages(site.name, "admins"):
        inside = f"{path.rstrip('/')}/{{}}"
        for page in found_in(site.admin, path, username):
            for link in page.links:
                if not TABLE.shape(site.name, link, frozenset({username})).startswith(inside):
                    continue
                shown = show(site.admin, link)
                form = next(filter(ticks, shown.forms), None)
                if form is not None and username in shown.text:
                    return form
    return None


def ticks(form: Form) -> list[Input]:
    """The boxes of a form, with the one that enables first; none where it has no such box."""
    boxes = [each for each in form.inputs if each.kind == "checkbox"]
    boxes.sort(key=lambda each: "active" not in each.name)
    return boxes if boxes and "active" in boxes[0].name else []


@pytest.mark.parametrize("role", FLOW.person_roles[:1])
def test_an_admin_disables_somebody_and_takes_a_role_away(site: Site, role: str) -> None:
    client = site.new_person(role)
    username = client.actor.username
    form = user_form(site, username)
    assert form is not None, "no list for admins leads to a form that disables somebody"
    enabled, *roles = ticks(form)
    enabled.value = None
    send(site.admin, form)
    refused(client.get("/api/session"), "not_signed_in", "somebody disabled on the page")
    enabled.value = enabled.ticked
    for box in roles:
        box.value = None
    send(site.admin, form)
    users = site.all_pages(site.admin, "/api/users")
    user = next(each for each in users if each["username"] == username)
    assert (user["active"], user["roles"]) == (True, []), "the page writes something else"


@pytest.mark.parametrize("role", FLOW.person_roles[:1])
def test_what_an_admin_ticks_is_kept_when_something_else_is_wrong(site: Site, role: str) -> None:
    form = user_form(site, site.add_person())
    assert form is not None
    enabled, *roles = ticks(form)
    enabled.value = None
    for box in roles:
        box.value = box.ticked
    wrong = {n: x for n, x in (("name", ""), ("email", "wrong")) if n in form.names()}
    if not wrong:
        return  # nothing that is typed on the page can be
    again = Page(send(site.admin, form.fill(**wrong)))
    shown = next(filter(ticks, again.forms), None)
    assert shown is not None, "the form is not shown again"
    enabled, *roles = ticks(shown)
    assert enabled.value is None, "whoever is to be disabled is not"
    assert all(box.value for box in roles), "a role that was ticked is lost"


@pytest.mark.parametrize("role", FLOW.service_roles[:1])
def test_no_page_makes_a_person_of_a_service_or_a_service_of_a_person(
    site: Site, role: str
) -> None:
    person = site.add_person()
    for username, roles in ((role, [role]), (person, sorted({*FLOW.person_roles, ADMIN}))):
        form = user_form(site, username)
        assert form is not None, f"no page for admins is about {username}"
        boxes = ticks(form)[1:]
        for box in boxes:
            box.value = box.ticked
        if not any(box.ticked.isdecimal() for box in boxes):  # they say roles by their names
            form.inputs.append(Input("roles", "hidden", ADMIN if username == role else role))
        send(site.admin, form)
        users = site.all_pages(site.admin, "/api/users")
        now = next(each for each in users if each["username"] == username)
        assert set(now["roles"]) <= set(roles), f"{username} is {now['roles']}"
