"""The screens, as far as HTTP alone can tell: they lead to one another and leak nothing."""

import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from suite.client import Client, accepted, refused
from suite.outlets import filled, outlets
from suite.parts import ADMIN, HOME_DEPARTMENT, Record
from suite.people import PASSWORD
from suite.screens import Page, send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("staff_screens")
FLOW = workflow()
TABLE = outlets()
HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
]


def submit(client: Client, page: Page, username: str, password: str) -> httpx.Response:
    """Sign in on the page; redirects are not followed."""
    return send(client, page.credentials(username, password))


def test_a_visitor_is_led_to_sign_in(site: Site) -> None:
    page = show(site.visitor(), "/")
    assert page.answer.status_code == 200
    assert page.kind == "text/html"
    assert page.sign_in_form(), f"/ leads to {page.url}, where nothing asks for a password"
    assert re.search(r"<html[^>]+lang=", page.text), "the page does not say its language"


def test_everything_that_the_pages_load_is_there(site: Site) -> None:
    for client in (site.visitor(), site.admin):
        page = show(client, "/")
        assert page.loads, f"{page.url} has no styles"
        for address in page.loads:
            if not address.startswith("data:"):
                assert address.startswith(site.url), f"{page.url} loads {address} from elsewhere"
                got = client.http.get(address).status_code
                assert got == 200, f"{page.url} loads {address} → {got}"


def test_signing_in_leads_to_the_list(site: Site) -> None:
    record = site.record_in(FLOW.first_state)
    client = site.visitor()
    page = show(client, "/")
    answer = submit(client, page, "admin", site.password)
    assert answer.is_redirect, f"signing in → {answer.status_code}"
    shown = show(client, "/")
    assert shown.answer.status_code == 200
    assert shown.sign_in_form() is None, "after signing in the sign-in page is still shown"
    assert record_link(site, shown, record), "the list does not lead to the newest record"


def test_signing_in_leads_to_the_page_that_was_asked_for(site: Site) -> None:
    address = site.page_of(site.standing(FLOW.first_state, key="screens"))
    client = site.visitor()
    answer = submit(client, show(client, address), ADMIN, site.password)
    assert urlsplit(answer.headers.get("location", "")).path == address, "it leads elsewhere"


def test_the_page_signs_out(site: Site) -> None:
    client = site.new_person()
    session = dict(client.http.cookies)
    found = next(filter(None, map(show(client, "/").form_for, ("sign out", "log out"))), None)
    assert found is not None, "the page has no button to sign out"
    send(client, *found)
    client.http.cookies.update(session)
    refused(client.get("/api/session"), "not_signed_in", "a session after signing out on the page")


def test_a_wrong_password_is_told_on_the_page(site: Site) -> None:
    client = site.visitor()
    answer = submit(client, show(client, "/"), "admin", "not the password")
    assert answer.status_code in (200, 401, 403, 422), f"signing in → {answer.status_code}"
    assert Page(answer).sign_in_form(), "the form is shown again"
    assert show(client, "/").text.count('type="password"') == 1


def test_the_page_does_not_tell_who_there_is(site: Site) -> None:
    known, unknown = site.add_person(), site.new_name()
    pages = {}
    for username in (known, unknown):
        client = site.visitor()
        answer = submit(client, show(client, "/"), username, "not the password")
        said = re.sub(r'(<input[^>]*csrf[^>]*value=")[^"]*', r"\1", answer.text)
        pages[username] = (answer.status_code, said.replace(username, "somebody"))
    assert pages[known] == pages[unknown], "the page tells who exists"


def test_a_name_that_nobody_could_have_is_refused_on_the_page(site: Site) -> None:
    client = site.visitor()
    answer = submit(client, show(client, "/"), 100_000 * "a", "not the password")
    assert answer.status_code in (200, 401, 403, 422), f"signing in → {answer.status_code}"
    assert Page(answer).sign_in_form(), "the form is not shown again"


@pytest.mark.parametrize("target", HOSTILE)
def test_nobody_is_led_off_site(site: Site, target: str) -> None:
    address = show(site.visitor(), "/").url.partition("?")[0]
    client = site.visitor()
    page = show(client, address, next=target)
    form = page.sign_in_form()
    assert form is not None
    for each in form.inputs:
        if each.kind == "hidden" and each.name == "next":
            each.value = target
    answer = submit(client, page, "admin", site.password)
    for _ in range(5):
        if not answer.is_redirect:
            break
        place = urljoin(str(answer.request.url), answer.headers["location"].replace("\\", "/"))
        home = urlsplit(site.url).netloc
        assert urlsplit(place).netloc == home, f"next={target!r} leads to {place}"
        answer = client.http.get(answer.headers["location"])


def record_link(site: Site, page: Page, record: Record) -> str | None:
    """The link to the record's page."""
    numbers = {link: TABLE.number(site.name, link) for link in page.links}
    return next((link for link, number in numbers.items() if number == record.id), None)


def test_the_screens_are_closed_to_visitors(site: Site) -> None:
    record = site.standing(FLOW.first_state, key="screens")
    visitor = site.visitor()
    kinds = ("records", "some", "record", "edit", "report", "admins")
    for path in TABLE.pages(site.name, *kinds):
        page = show(visitor, filled(path, record.id))
        closed = page.answer.status_code in (401, 403, 404) or page.sign_in_form()
        assert closed, f"{path} is open to visitors"


def test_what_people_type_is_shown_as_text(site: Site) -> None:
    name = next(
        (f.name for f in FLOW.fields.values() if f.type == "text" and f.max_length > 40), ""
    )
    creators = [r for r in FLOW.creators() if name]
    if not creators or name not in FLOW.settable(site.client_as(creators[0]).actor):
        return
    record = site.record_with(FLOW.first_state, {name: "<script>stolen()</script>"})
    site.admin.comment(record, "<img src=x onerror=stolen()>")
    listing = show(site.admin, "/")
    link = record_link(site, listing, record)
    assert link, "the list does not lead to the newest record"
    for page in (listing, show(site.admin, link)):
        assert "<script>stolen()" not in page.text, f"{page.url} runs what people type"
        assert "<img src=x" not in page.text, f"{page.url} runs what people type"


def test_the_name_of_a_person_is_shown_as_text(site: Site) -> None:
    username, name = site.new_name(), "<script>named()</script>"
    body = {"username": username, "name": name, "password": PASSWORD, "roles": [ADMIN]}
    body |= {"department": HOME_DEPARTMENT} if FLOW.departments else {}
    accepted(site.admin.post("/api/users", body), "adding a person")
    person = site.sign_in(username, PASSWORD)
    record = site.record_in(FLOW.first_state)
    accepted(person.comment(record, "by somebody of that name"))
    pages = [show(person, "/"), show(site.admin, site.page_of(record))]
    for path in TABLE.pages(site.name, "admins"):
        pages += [] if "{" in path else [show(site.admin, path)]
    for page in pages:
        assert "<script>named()" not in page.text, f"{page.path} runs the name of a person"


def test_pages_cannot_be_framed(site: Site) -> None:
    for client in (site.visitor(), site.admin):
        headers = show(client, "/").answer.headers
        policy = headers.get("content-security-policy", "")
        framed = headers.get("x-frame-options", "").upper() in ("DENY", "SAMEORIGIN")
        assert framed or "frame-ancestors" in policy, "the page may be framed by others"
        assert "unsafe" not in policy, f"the page runs what somebody may have typed: {policy}"
        assert "*" not in policy, f"the page loads things from everywhere: {policy}"
        assert headers.get("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("role", FLOW.person_roles)
def test_each_role_can_open_its_list(site: Site, role: str) -> None:
    page = show(site.client_as(role), "/")
    assert page.answer.status_code == 200, f"{role} opens the list → {page.answer.status_code}"
    assert page.sign_in_form() is None
    assert PASSWORD not in page.text


def test_pages_with_records_are_not_kept(site: Site) -> None:
    record = site.standing(FLOW.first_state, key="screens")
    for path in TABLE.pages(site.name, "records", "record", "report"):
        headers = show(site.admin, filled(path, record.id)).answer.headers
        kept = headers.get("cache-control", "")
        assert "no-store" in kept or "private" in kept, f"{path} may be kept by caches"


def test_head_is_answered_wherever_a_page_is(site: Site) -> None:
    for path in TABLE.pages(site.name, "records", "report"):
        got = site.admin.http.get(path)
        head = site.admin.http.request("HEAD", path)
        assert head.status_code == got.status_code, f"HEAD {path} → {head.status_code}"
        assert head.content == b"", f"HEAD {path} has a body"
