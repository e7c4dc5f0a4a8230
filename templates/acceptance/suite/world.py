"""A viewer and others with records in every state, and what each outlet says to each role about them."""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from suite.client import Client, expect
from suite.creation import creating
from suite.fixtures import Cast
from suite.matrix import NO_ROLE
from suite.outlets import outlets
from suite.parts import ADMIN, Actor, Record, Value
from suite.plan import way_to, ways
from suite.screens import Page, crawl, send, show
from suite.site import Site
from suite.workflow_file import workflow

FLOW = workflow()
TABLE = outlets()
EVERYBODY = (*FLOW.roles, ADMIN, NO_ROLE)
PEOPLE = (*FLOW.person_roles, ADMIN, NO_ROLE)
SIGHT = {role: FLOW.sees(Actor("", frozenset({role}))) for role in EVERYBODY}
RESTRICTED = [role for role in EVERYBODY if SIGHT[role] != "all"]
PARTLY = [role for role in RESTRICTED if SIGHT[role] != "none"]
AWAY = "South"  # where the others are, for whoever sees a department
# What not everybody sees is looked at in `test_seen_by.py`.
MONEY = [name for name in FLOW.open_fields if FLOW.fields[name].type == "money"]
SECRETS = re.compile(r'(<input[^>]*type="hidden"[^>]*?value=|nonce=)"[^"]*"')
Variant = dict[str, Any]


def worded() -> list[str]:
    """The text fields that say whose record it is: everybody who creates may fill them in."""
    guarded = {guard.field for transition in FLOW.transitions for guard in transition.guards}
    creators = [Actor("", frozenset({role})) for role in creating()]
    return [
        f.name
        for f in FLOW.fields.values()
        if f.type in ("text", "long_text") and f.max_length >= 20 and f.name not in guarded
        if f.only_when is None and not f.seen_by
        if all(f.name in FLOW.settable(creator) for creator in creators)
    ]


WORDED = worded()


@dataclass
class World:
    """A viewer with a record in each state, and others' records in each, with words of their own.

    Where roles see a department, the others are in another one, and `colleagues` has records of the viewer's.
    `before` has what the outlets said to each restricted role before the others' records were made.
    """

    site: Site
    cast: Cast
    mine: list[Record] = field(default_factory=list)
    colleagues: list[Record] = field(default_factory=list)
    others: list[Record] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)
    before: dict[tuple[str, str], str] = field(default_factory=dict)
    everything: list[dict[str, Any]] = field(default_factory=list)
    led: dict[str, dict[str, Page]] = field(default_factory=dict)

    @property
    def spike(self) -> str:
        """The name of the spike, by which `outlets.yml` has its pages."""
        return self.site.name

    @property
    def records(self) -> list[Record]:
        """All of them."""
        return [*self.mine, *self.colleagues, *self.others]

    def client(self, role: str) -> Client:
        """The viewer with this role alone, or the service of the role."""
        if role in FLOW.service_roles:
            return self.site.service(role)
        return self.site.set_roles(self.cast.owner, *(() if role == NO_ROLE else (role,)))

    def visible(self, role: str) -> list[dict[str, Any]]:
        """The records that the client of this role may see, by their numbers."""
        client = self.client(role)
        return [record for record in self.everything if self.site.may_see(client, record)]

    def hidden_words(self, role: str) -> list[str]:
        """The words that nobody of this role may come across."""
        seen = {record["id"] for record in self.visible(role)}
        return [word for number, word in self.words.items() if number not in seen]

    def report(self, role: str) -> dict[str, tuple[int, dict[str, str]]]:
        """The count and the sums of each state, as the report should have them for the role."""
        found = {}
        visible = self.visible(role)
        for state in FLOW.states:
            here = [record for record in visible if record["state"] == state]
            sums = {n: sum((Decimal(r[n]) for r in here if r[n]), Decimal(0)) for n in MONEY}
            found[state] = (len(here), {name: f"{total:.2f}" for name, total in sums.items()})
        return found

    def silent(self, role: str, text: str, about: str) -> None:
        """Assert that a text says nothing that the role may not know."""
        told = [word for word in self.hidden_words(role) if word in text]
        expect(not told, f"{about} tells {role} about records of others")

    def crawled(self, role: str) -> dict[str, Page]:
        """A page of each kind that links lead somebody of this role to."""
        if role not in self.led:
            names = self.site.usernames()
            client = self.site.admin if role == ADMIN else self.client(role)
            records = dict.fromkeys(TABLE.pages(self.spike, "record")[:1], 3)
            self.led[role] = crawl(client, lambda at: TABLE.shape(self.spike, at, names), records)
        return self.led[role]

    def lists(self, client: Client) -> list[Page]:
        """The pages with records that the client may open and that are no files."""
        pages = [show(client, path) for path in TABLE.pages(self.spike, "records")]
        found = {
            page.path: page
            for page in pages
            if page.kind == "text/html" and page.answer.status_code == 200
        }
        return list(found.values())

    def shown(self, pages: Iterable[Page]) -> list[int]:
        """The records that pages of a list lead to, or those of a file."""
        return TABLE.shown(self.spike, pages)


def ids(items: list[dict[str, Any]]) -> list[int]:
    """The numbers of the records, in their order."""
    return sorted(item["id"] for item in items)


def search(client: Client, page: Page, text: str) -> Page:
    """What the page shows when somebody searches for the text."""
    form = page.search_form()
    if form is None:
        raise AssertionError(f"{page.url} has no search")
    box = next(each for each in form.inputs if each.kind in ("text", "search"))
    box.value = text
    return Page(send(client, form))


def make(
    site: Site,
    word: str,
    state: str,
    owner: Client | None,
    named: Mapping[str, Value] = MappingProxyType({}),
) -> Record:
    """A record in the state whose texts have the word, each with a letter of its own."""
    texts = {name: f"{word}{chr(97 + place)}" for place, name in enumerate(WORDED)}
    for wanted in ({**texts, **named}, texts):
        with suppress(LookupError):  # no way keeps the texts
            return site.record_with(state, wanted, owner=owner)
    return site.record_in(state, owner=owner)


def commented(world: World, word: str, state: str, owner: Client | None) -> Record:
    """A record of somebody else, with its word in a comment too."""
    record = make(world.site, word, state, owner)
    world.site.admin.comment(record, f"{word} in a comment")
    world.words[record.id] = word
    return record


def populate(site: Site, cast: Cast) -> World:
    """First the viewer's and their colleagues' records, then a look at the outlets, then the others'."""
    found = World(site, cast)
    states = [state for state in FLOW.states if way_to(state) is not None]
    for state in states if FLOW.creators() else ():
        if any(state in ways(role) for role in FLOW.creators()):
            word = secrets.token_hex(5)
            record = make(site, word, state, cast.owner)
            found.mine.append(record)
            found.words[record.id] = word
    for name, person in FLOW.person_fields.items():
        site.set_roles(cast.owner, person.role)
        for state in states if FLOW.roles[person.role].sees != "all" else ():
            word = secrets.token_hex(5)
            record = make(site, word, state, None, {name: cast.owner.actor.username})
            found.mine.append(record)
            found.words[record.id] = word
    away = site.new_person(department=AWAY) if FLOW.departments else None
    for state in states if FLOW.departments else ():
        found.colleagues.append(commented(found, secrets.token_hex(5), state, None))
    words = {state: secrets.token_hex(5) for state in states}
    for role in RESTRICTED:
        for address, text in said(found, role, words):
            found.before[role, address] = text
    for state, word in words.items():
        by_people = any(state in ways(role) for role in FLOW.creators())
        found.others.append(commented(found, word, state, away if by_people else None))
    found.everything = site.all_pages(site.admin, FLOW.path, sort="id")
    return found


def filters(word: str) -> Iterator[Variant]:
    """The filters of the list and the export."""
    yield {}
    yield from ({"state": state} for state in FLOW.states)
    yield from ({"q": text} for text in (word, f"{word}a", "e"))


def said(world: World, role: str, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the report, every page and a team's own endpoints say to a role, by their addresses.

    The list and the export of the contract are compared with what they should have, in `test_outlets.py`.
    """
    client = world.client(role)
    word = next(iter(words.values()), "")
    known = (FLOW.path, f"{FLOW.path}/export.csv")
    for path in TABLE.reads("records", "some", "report"):
        for params in filters(word) if path not in known and "report" not in path else ({},):
            answer = client.get(path, **params)
            yield f"{path}?{urlencode(params)}", f"{answer.status_code} {answer.text}"
    if role in PEOPLE:
        for path in TABLE.pages(world.spike, "records", "some", "report"):
            page = show(client, path)
            addresses = asked(page, word) if page.path == path else []
            for address in (path, *addresses):
                answer = client.http.get(address, follow_redirects=True)
                yield address, f"{answer.status_code} {SECRETS.sub('', answer.text)}"


def asked(page: Page, word: str) -> list[str]:
    """What the links and forms of a page ask the same page for: filters, pages, a search, an order."""
    links = [link for link in page.links if urlsplit(link).path == page.path and "?" in link]
    plain = [link for link in links if not sorts(link)]
    found = plain + [link for link in links if link not in plain][:2]
    for form in page.forms:
        if form.method == "get" and urlsplit(form.action).path == page.path:
            action = form.action.partition("?")[0]
            for each in form.inputs:
                texts = (word,) if each.kind in ("text", "search") else each.options
                found += [f"{action}?{urlencode({each.name: text})}" for text in texts]
    return sorted(set(found))


def sorts(link: str) -> bool:
    """Whether the link asks for an order."""
    return bool({"o", "sort"} & dict(parse_qsl(urlsplit(link).query)).keys())
