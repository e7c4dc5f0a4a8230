"""The pages on which somebody sends a file, sees what would come of it, and imports it."""

import re
from urllib.parse import urlsplit

import pytest

from suite.client import Client, accepted
from suite.fixtures import Cast
from suite.importing import (
    AT,
    COLUMNS,
    FIRST,
    bad_rows,
    good,
    imported,
    records_of,
    settled,
    written,
)
from suite.matrix import NO_ROLE
from suite.parts import ADMIN
from suite.screens import Form, Page, send, show
from suite.site import Site
from suite.workflow_file import workflow
from suite.world import PEOPLE, TABLE

pytestmark = pytest.mark.area("staff_screens")
FLOW = workflow()


def to_upload(site: Site, client: Client) -> Page:
    """The page that asks for a file, to which the list leads."""
    lists = [show(client, path) for path in TABLE.pages(site.name, "records")]
    page = next(each for each in lists if each.kind == "text/html" and each.answer.is_success)
    ends = ("/imports", "/import/add/")
    links = [link for link in page.links if urlsplit(link).path.endswith(ends)]
    assert links, "the list does not lead to imports"
    return show(client, links[0])


def asking(page: Page) -> Form | None:
    """The form of the page that asks for a file."""
    files = (f for f in page.forms for each in f.inputs if each.kind == "file")
    return next(files, None)


def uploaded(site: Site, client: Client, content: bytes) -> Page:
    """The page after somebody has sent a file."""
    form = asking(to_upload(site, client))
    assert form is not None, "the page asks for no file"
    name = next(each.name for each in form.inputs if each.kind == "file")
    answer = send(client, form, form.buttons[0], {name: ("records.csv", content)})
    if answer.is_redirect:
        return show(client, answer.headers["location"])
    return Page(answer)


def waited(client: Client, page: Page, state: str) -> Page:
    """The same page once its import has come to the state; meanwhile it loads itself again."""
    found = settled(client, accepted(client.get(AT, size=1))["items"][0]["id"])
    assert found["state"] == state
    return show(client, page.url)


@pytest.mark.parametrize("role", FIRST)
def test_a_file_is_imported_on_the_screens(site: Site, role: str) -> None:
    person = site.new_person(role)
    page = uploaded(site, person, written([good(role), ["=wrong"], good(role, 1)]))
    assert page.answer.is_success, f"{page.path} → {page.answer.status_code}"
    page = waited(person, page, "checked")
    assert "refresh" not in page.answer.headers, "the page loads itself again for ever"
    assert records_of(site, person) == [], "the upload alone has made records"
    assert ["3", "", reason_of(person)] in page.rows, "the page does not say which row is bad"
    links = [show(person, link) for link in page.links if "bad-rows" in link]
    assert [each.kind for each in links] == ["text/csv"], "the page leads to no file of bad rows"
    form = next(each for each in page.forms if any("2 good rows" in b.label for b in each.buttons))
    answer = send(person, form, form.buttons[0])
    assert answer.is_redirect, f"the button → {answer.status_code}"
    page = waited(person, page, "done")
    assert not any("good rows" in b.label for form in page.forms for b in form.buttons)
    assert len(records_of(site, person)) == 2
    assert "2 rows are imported" in page.text


def reason_of(client: Client) -> str:
    """Why the first bad row of the newest import is bad."""
    return bad_rows(client, accepted(client.get(AT, size=1))["items"][0]["id"])[1][2]


@pytest.mark.parametrize("role", FIRST)
def test_the_page_loads_itself_again_while_the_worker_is_busy(site: Site, role: str) -> None:
    person = site.new_person(role)
    page = uploaded(site, person, written([good(role)] * 300))
    assert page.answer.headers.get("refresh") == "2"
    assert not any("good rows" in b.label for form in page.forms for b in form.buttons)
    waited(person, page, "checked")


@pytest.mark.parametrize("role", FIRST)
def test_a_file_that_is_wrong_is_refused_on_the_page(site: Site, role: str) -> None:
    person = site.new_person(role)
    page = uploaded(site, person, b"nonsense\r\nx\r\n")
    assert "nonsense" in page.text
    assert COLUMNS[0] in page.text
    assert asking(page) is not None, "the page asks for no other file"
    assert accepted(person.get(AT))["total"] == 0


@pytest.mark.parametrize("role", FIRST)
def test_the_page_says_that_the_same_file_was_imported(site: Site, role: str) -> None:
    person = site.new_person(role)
    content = written([good(role)])
    first = imported(person, content)
    page = waited(person, uploaded(site, person, content), "checked")
    assert re.search(rf"as import {first['id']}\b", page.text), "the page does not say it"
    form = next(each for each in page.forms if any("good row" in b.label for b in each.buttons))
    send(person, form, form.buttons[0])
    number = accepted(person.get(AT, size=1))["items"][0]["id"]
    assert accepted(person.import_(number))["state"] == "checked", "imported without a tick"
    send(person, form.fill(again=True), form.buttons[0])
    waited(person, page, "done")
    assert len(records_of(site, person)) == 2


@pytest.mark.parametrize("role", PEOPLE if FIRST else [])
def test_only_people_who_create_are_led_to_imports(site: Site, cast: Cast, role: str) -> None:
    roles = () if role == NO_ROLE else (role,)
    client = site.admin if role == ADMIN else site.set_roles(cast.other, *roles)
    path = next(p for p in TABLE.pages(site.name, "none") if p.endswith(("/imports", "/import/")))
    asks = [asking(show(client, each)) for each in (path, f"{path}add/")]
    if role in FLOW.importers():
        assert any(asks), f"{role} is not asked for a file"
    else:
        assert not any(asks), f"{role} is asked for a file"
        links = show(client, "/").links
        assert not [link for link in links if link.endswith(("/import/add/",))]
    if role not in (*FLOW.importers(), ADMIN):
        assert show(client, path).answer.status_code == 403


@pytest.mark.parametrize("role", FIRST)
def test_the_page_of_an_import_is_for_whoever_uploaded_it(site: Site, role: str) -> None:
    person, other = site.new_person(role), site.new_person(role)
    page = waited(person, uploaded(site, person, written([good(role), ["=wrong"]])), "checked")
    files = [link for link in page.links if "bad-rows" in link]
    for address in (page.url, *files):
        assert show(other, address).answer.status_code == 404, f"{address} is open to others"
    seen = show(site.admin, page.url)
    assert seen.answer.is_success
    assert not any("good row" in b.label for form in seen.forms for b in form.buttons)
    form = next(each for each in page.forms if any("good row" in b.label for b in each.buttons))
    token = {each.name: each.value for each in to_upload(site, other).forms[-1].inputs}
    for each in form.inputs:
        each.value = token.get(each.name, each.value)
    send(other, form, form.buttons[0])
    assert settled(person, int(re.findall(r"\d+", page.path)[-1]))["state"] == "checked"
