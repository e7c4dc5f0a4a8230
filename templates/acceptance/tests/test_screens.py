"""The screens, as far as HTTP alone can tell: they lead to one another and leak nothing."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from suite.client import Client
from suite.site import PASSWORD, Site
from suite.workflow import workflow

pytestmark = pytest.mark.area("staff_screens")
FLOW = workflow()
HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "\t//evil.example/",
]


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    inputs: dict[str, tuple[str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """What a page links to, loads, and asks for."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.url = str(answer.request.url)
        self.links: list[str] = []
        self.loads: list[str] = []
        self.forms: list[Form] = []
        self.text = answer.text
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and has.get("href"):
            self.links.append(urljoin(self.url, has["href"]))
        elif tag in ("script", "img") and has.get("src"):
            self.loads.append(urljoin(self.url, has["src"]))
        elif tag == "link" and has.get("href"):
            self.loads.append(urljoin(self.url, has["href"]))
        elif tag == "form":
            self.forms.append(
                Form(urljoin(self.url, has.get("action", "")), has.get("method", "get"))
            )
        elif tag in ("input", "button") and has.get("name") and self.forms:
            kind = has.get("type", "text")
            self.forms[-1].inputs[has["name"]] = (kind, has.get("value", ""))

    def sign_in_form(self) -> Form | None:
        """The form that asks for a password."""
        for form in self.forms:
            if any(kind == "password" for kind, _ in form.inputs.values()):
                return form
        return None


def show(client: Client, path: str) -> httpx.Response:
    return client.http.get(path, follow_redirects=True)


def submit(client: Client, page: Page, username: str, password: str) -> httpx.Response:
    """Sign in on the page; redirects are not followed."""
    form = page.sign_in_form()
    assert form is not None, f"{page.url} has no form that asks for a password"
    data = {n: x for n, (kind, x) in form.inputs.items() if kind in ("hidden", "text", "email")}
    names = {kind: name for name, (kind, _) in form.inputs.items() if kind != "hidden"}
    data[names["text"]] = username
    data[names["password"]] = password
    return client.http.post(form.action, data=data, headers={"Referer": page.url})


def test_a_visitor_is_led_to_sign_in(site: Site) -> None:
    answer = show(site.visitor(), "/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    page = Page(answer)
    assert page.sign_in_form(), f"/ leads to {page.url}, where nothing asks for a password"
    assert re.search(r"<html[^>]+lang=", answer.text), "the page does not say its language"


def test_everything_that_the_pages_load_is_there(site: Site) -> None:
    for client in (site.visitor(), site.admin):
        page = Page(show(client, "/"))
        assert page.loads, f"{page.url} has no styles"
        for address in page.loads:
            if not address.startswith("data:"):
                assert address.startswith(site.url), f"{page.url} loads {address} from elsewhere"
                got = show(client, address)
                assert got.status_code == 200, f"{page.url} loads {address} → {got.status_code}"


def test_signing_in_leads_to_the_list(site: Site) -> None:
    record = site.record_in(FLOW.first_state)
    client = site.visitor()
    page = Page(show(client, "/"))
    answer = submit(client, page, "admin", site.password)
    assert answer.is_redirect, f"signing in → {answer.status_code}"
    shown = show(client, "/")
    assert shown.status_code == 200
    assert Page(shown).sign_in_form() is None, "after signing in the sign-in page is still shown"
    assert record_link(Page(shown), record.id), "the list does not lead to the newest record"


def test_a_wrong_password_is_told_on_the_page(site: Site) -> None:
    client = site.visitor()
    answer = submit(client, Page(show(client, "/")), "admin", "not the password")
    assert answer.status_code in (200, 401, 403, 422), f"signing in → {answer.status_code}"
    assert Page(answer).sign_in_form(), "the form is shown again"
    assert show(client, "/").text.count('type="password"') == 1


@pytest.mark.parametrize("target", HOSTILE)
def test_nobody_is_led_off_site(site: Site, target: str) -> None:
    start = Page(show(site.visitor(), "/"))
    address = start.url.partition("?")[0]
    client = site.visitor()
    page = Page(client.http.get(address, params={"next": target}, follow_redirects=True))
    form = page.sign_in_form()
    assert form is not None
    for name, (kind, _) in list(form.inputs.items()):
        if kind == "hidden" and name == "next":
            form.inputs[name] = (kind, target)
    answer = submit(client, page, "admin", site.password)
    for _ in range(5):
        if not answer.is_redirect:
            break
        place = urljoin(str(answer.request.url), answer.headers["location"].replace("\\", "/"))
        home = urlsplit(site.url).netloc
        assert urlsplit(place).netloc == home, f"next={target!r} leads to {place}"
        answer = client.http.get(answer.headers["location"])


def record_link(page: Page, number: int) -> str | None:
    """The link to the record's page."""
    pattern = re.compile(rf"/{number}(/change)?/?$")
    return next((link for link in page.links if pattern.search(urlsplit(link).path)), None)


def test_the_screens_are_closed_to_visitors(site: Site) -> None:
    record = site.record_in(FLOW.first_state)
    listing = Page(show(site.admin, "/"))
    link = record_link(listing, record.id)
    own = [address for address in listing.links if address.startswith(site.url)]
    for address in {listing.url, *own, *([link] if link else [])}:
        path = urlsplit(address).path
        if re.search(r"static|openapi|docs|redoc|healthz|sign-?in|log-?in|jsi18n", path):
            continue
        answer = show(site.visitor(), address)
        closed = answer.status_code in (401, 403) or Page(answer).sign_in_form()
        assert closed, f"{path} is open to visitors"


def test_what_people_type_is_shown_as_text(site: Site) -> None:
    name = next(
        (f.name for f in FLOW.fields.values() if f.type == "text" and f.max_length > 40), ""
    )
    creators = [r for r in FLOW.creators() if name]
    if not creators or name not in FLOW.settable(site.client_as(creators[0]).actor):
        return
    record = site.record_in(FLOW.first_state, **{name: "<script>stolen()</script>"})
    site.admin.comment(record, "<img src=x onerror=stolen()>")
    listing = show(site.admin, "/")
    link = record_link(Page(listing), record.id)
    assert link, "the list does not lead to the newest record"
    for answer in (listing, show(site.admin, link)):
        assert "<script>stolen()" not in answer.text, f"{answer.request.url} runs what people type"
        assert "<img src=x" not in answer.text, f"{answer.request.url} runs what people type"


def test_pages_cannot_be_framed(site: Site) -> None:
    for client in (site.visitor(), site.admin):
        headers = show(client, "/").headers
        policy = headers.get("content-security-policy", "")
        framed = headers.get("x-frame-options", "").upper() in ("DENY", "SAMEORIGIN")
        assert framed or "frame-ancestors" in policy, "the page may be framed by others"
        assert headers.get("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("role", FLOW.person_roles)
def test_each_role_can_open_its_list(site: Site, role: str) -> None:
    answer = show(site.client_as(role), "/")
    assert answer.status_code == 200, f"{role} opens the list → {answer.status_code}"
    assert Page(answer).sign_in_form() is None
    assert PASSWORD not in answer.text
