"""People on the screens: passwords, roles until a date, what waits for whom, and sessions that end."""

import copy
import html
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from suite.client import Client, accepted, refused
from suite.fixtures import Cast
from suite.forms import as_sent_by, filled_in, found_in, new_form, pages_about, typed
from suite.outlets import outlets
from suite.parts import ADMIN, Actor
from suite.people import PASSWORD
from suite.screens import Form, Page, send, show
from suite.site import Site
from suite.workflow_file import workflow
from suite.world import PEOPLE, World, ids

pytestmark = pytest.mark.area("staff_screens")
FLOW = workflow()
TABLE = outlets()
NEW = "another-long-password"
TYPED = "typed?-and-not-shown"
HOSTILE = "//evil.example/"
TEXTS = ("text", "long_text")


def asks_password(form: Form) -> bool:
    """Whether a password is typed into the form."""
    return "password" in [each.kind for each in form.inputs]


def fill_in(form: Form, *passwords: str) -> Form:
    """Type passwords into the form's boxes, the last one into all that are left."""
    boxes = [each for each in form.inputs if each.kind == "password"]
    for number, box in enumerate(boxes):
        box.value = passwords[min(number, len(passwords) - 1)]
    return form


def lets_in(site: Site, username: str, password: str) -> bool:
    """Whether the person signs in with this password."""
    return site.visitor().sign_in(username, password).is_success


def test_only_an_admin_sets_the_password_of_somebody(site: Site) -> None:
    username = site.add_person()
    pages = pages_about(site, username)
    form = next((form for page in pages for form in page.forms if asks_password(form)), None)
    assert form is not None, "no page for admins sets the password of somebody"
    fill_in(form, NEW)
    for role in FLOW.person_roles[:1]:
        stranger = site.client_as(role)
        send(stranger, as_sent_by(stranger, form))
        assert not lets_in(site, username, NEW), f"{role} set the password of somebody"
    signed_in = site.sign_in(username, PASSWORD)
    short = copy.deepcopy(form)
    send(site.admin, fill_in(short, "short"))
    assert not lets_in(site, username, "short"), "an admin sets a password that is too short"
    send(site.admin, form)
    assert lets_in(site, username, NEW), "the new password does not let in"
    assert not lets_in(site, username, PASSWORD), "the old password still lets in"
    refused(signed_in.get("/api/session"), "not_signed_in", "a session from before the password")


def test_a_password_is_changed_by_whoever_knows_it(site: Site) -> None:
    person = site.new_person(*FLOW.person_roles[:1])
    username = person.actor.username
    links = [each for each in show(person, "/").links if "password" in urlsplit(each).path]
    assert links, "no link leads to the change of one's own password"
    form = next(filter(asks_password, show(person, links[0]).forms), None)
    assert form is not None, f"{links[0]} does not ask for a password"
    send(person, fill_in(form, "not-my-old-password", NEW))
    assert not lets_in(site, username, NEW), "the old password need not be known"
    other = site.sign_in(username, PASSWORD)
    send(person, fill_in(copy.deepcopy(form), PASSWORD, "short"))
    assert not lets_in(site, username, "short"), "a password that is too short is taken"
    send(person, fill_in(form, PASSWORD, NEW))
    refused(other.get("/api/session"), "not_signed_in", "another session from before")
    assert lets_in(site, username, NEW), "the new password does not let in"
    assert not lets_in(site, username, PASSWORD), "the old password still lets in"


def password_forms(site: Site, client: Client) -> list[Form]:
    """The forms into which this person types passwords: their own, and an admin's for others."""
    links = [each for each in show(client, "/").links if "password" in urlsplit(each).path]
    pages = [*(show(client, link) for link in links[:1]), *pages_about(site, site.add_person())]
    for path in TABLE.pages(site.name, "admins"):
        if path.rstrip("/").rpartition("/")[2] in ("user", "users"):
            pages += [show(client, path), *adding(show(client, path), client)]
    return [form for page in pages for form in page.forms if asks_password(form)]


def adding(page: Page, client: Client) -> list[Page]:
    """The pages on which something is added to the list on the page."""
    ends = ("add", "new")
    links = {x for x in page.links if urlsplit(x).path.rstrip("/").rpartition("/")[2] in ends}
    return [show(client, link) for link in sorted(links)]


def test_a_password_that_is_typed_is_shown_on_no_page(site: Site, cast: Cast) -> None:
    """However a form fails: refused, with the token of an older session, or without a session."""
    client = site.new_person(ADMIN)
    forms = password_forms(site, client)
    assert len(forms) >= 3, "one's own password, that of somebody else and of somebody new"
    for form in forms:
        fill_in(form, TYPED)
        visitor = site.visitor()
        old = as_sent_by(cast.other, form)
        for who, sent in ((client, form), (client, old), (visitor, form)):
            answer = send(who, sent)
            page = show(who, answer.headers["location"]) if answer.is_redirect else Page(answer)
            assert TYPED not in page.text, f"{form.page} → {page.path} shows a password"


def test_no_page_for_admins_has_a_hash(site: Site) -> None:
    tokens = [f"{role}-{site.password}" for role in FLOW.service_roles]
    hashes = [sha256(token.encode()).hexdigest() for token in tokens]
    paths = [path for path in TABLE.pages(site.name, "admins") if "{" not in path]
    for page in [*(show(site.admin, path) for path in paths), *pages_about(site, ADMIN)]:
        assert "$argon2" not in page.text, f"{page.path} has the hash of a password"
        assert not [each for each in hashes if each in page.text], f"{page.path} has a token's hash"


@pytest.mark.parametrize("role", FLOW.person_roles[:1])
def test_an_admin_takes_back_a_role_until_a_date(site: Site, role: str) -> None:
    person = site.new_person()
    username = person.actor.username
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"role": role, "until": until}
    accepted(site.admin.post(f"/api/users/{username}/grants", body), "a role until a date")
    for page in pages_about(site, username):
        for form in page.forms:
            for box in form.inputs:
                if box.kind == "checkbox" and "delete" in box.name.casefold():
                    box.value = box.ticked
                    send(site.admin, form)
            for button in form.buttons:
                if button.means("end"):
                    send(site.admin, form, button)
    assert accepted(person.get("/api/session"))["roles"] == [], f"{role} cannot be taken back"


def test_the_audit_trail_is_searched(site: Site) -> None:
    record = site.record_in(FLOW.first_state)
    word = f"word{secrets.token_hex(4)}"
    accepted(site.admin.comment(record, word), "a comment")
    site.wrote(record)
    lists = [
        path for path in TABLE.pages(site.name, "admins") if "audit" in path and "{" not in path
    ]
    assert lists, "no page for admins has the audit trail"
    for path in lists:
        other = word[::-1]
        found, nothing = (
            "".join(page.text for page in found_in(site.admin, path, text))
            for text in (word, other)
        )
        # The page repeats what was searched, in its box and its links.
        assert found.count(word) > nothing.count(other), f"{path} does not find a comment"
        assert word not in nothing, f"{path} finds what was not searched"


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_what_waits_for_somebody_may_be_seen_by_them(world: World, role: str) -> None:
    client = world.client(role)
    seen = set(ids(world.site.all_pages(client, FLOW.path)))
    for page in world.lists(client):
        for link in {each for each in page.links if "waiting" in urlsplit(each).query}:
            shown = show(client, link)
            assert set(world.shown([shown])) <= seen, f"{link} for {role}"
            world.silent(role, shown.text, link)


def test_the_way_back_to_the_list_leads_nowhere_else(site: Site) -> None:
    def targets(page: Page) -> set[str]:
        """Where links and forms of the page lead to outside the spike."""
        found = page.links + [form.action for form in page.forms]
        return {each for each in found if not each.startswith(f"{site.url}/")}

    record = site.standing(FLOW.first_state, key="screens")
    numbers = {link: TABLE.number(site.name, link) for link in show(site.admin, "/").links}
    query = next((urlsplit(each).query for each in numbers if "=" in urlsplit(each).query), "")
    names = [name for name, _ in parse_qsl(query)]
    names += ["list", "_changelist_filters", "next", "back"]
    usual = targets(show(site.admin, site.page_of(record)))  # among them those of its fields
    for hostile in (HOSTILE, f"https:{HOSTILE}", "javascript:alert(1)"):
        query = urlencode(dict.fromkeys(names, hostile))
        page = show(site.admin, f"{site.page_of(record)}?{query}")
        away = targets(page) - usual
        assert not away, f"a link of {page.path} leads to {away}"


def typing() -> list[str]:
    """A role whose people fill something in when they create a record."""
    return [r for r in FLOW.creators() if FLOW.settable(Actor("", frozenset({r})))][:1]


@pytest.mark.parametrize("role", typing())
def test_a_session_that_ends_loses_nothing_that_was_typed(site: Site, role: str) -> None:
    client = site.new_person(role)
    names = FLOW.settable(client.actor)
    form = new_form(client)
    assert form is not None
    client.http.cookies.clear()
    asking = Page(send(client, form.fill(**typed(names))))
    answer = send(client, asking.credentials(client.actor.username, PASSWORD))
    page = show(client, answer.headers["location"]) if answer.is_redirect else Page(answer)
    again = page.form_with(*names[:1])
    assert again is not None, "after signing in again the form is lost"
    send(client, again)
    newest = accepted(site.admin.records(size=1))["items"][0]
    assert newest["owner"] == client.actor.username, "what was typed is lost"
    for name, value in filled_in(names).items():
        expected = FLOW.fields[name].write(value)
        assert newest.get(name, expected) == expected, f"{name} was typed as {value!r}"


@pytest.mark.parametrize("role", typing())
def test_a_page_that_is_too_old_shows_what_was_typed(site: Site, cast: Cast, role: str) -> None:
    """Somebody has signed in again in another tab since."""
    client = site.new_person(role)
    names = [n for n in FLOW.settable(client.actor) if FLOW.fields[n].type in TEXTS]
    form = new_form(client)
    assert form is not None
    answer = send(client, as_sent_by(cast.other, form.fill(**typed(names))))
    assert answer.status_code in (400, 403), f"the token of another session → {answer.status_code}"
    shown = html.unescape(answer.text)
    for name, text in typed(names).items():
        assert str(text) in shown, f"what was typed for {name} is lost"


def test_what_an_admin_types_is_not_lost_without_a_session(site: Site) -> None:
    client = site.new_person(ADMIN)
    form = next(form for form in password_forms(site, client) if "username" in form.names())
    client.http.cookies.clear()
    page = Page(send(client, form.fill(username="typed.without.a.session")))
    if page.sign_in_form():
        answer = send(client, page.credentials(client.actor.username, PASSWORD))
        page = show(client, answer.headers["location"]) if answer.is_redirect else Page(answer)
    assert "typed.without.a.session" in page.text, "what was typed is lost"
