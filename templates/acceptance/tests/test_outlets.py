"""Every place where a record, a part of it or a number about it leaves the spike, for everybody.

What somebody may not see is missing there, and what they may see is complete. `outlets.yml` has the places.
"""

import csv
import io
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, cycle
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from suite.client import Client, accepted, refused, verdict
from suite.contract import operations
from suite.fixtures import Cast
from suite.matrix import NO_ROLE
from suite.outlets import FILE, endpoints, filled, outlets
from suite.plan import way_to, ways
from suite.screens import Form, Page, crawl, numbers, pages_of, send, show
from suite.site import Site
from suite.workflow import ADMIN, Actor, Record, workflow

pytestmark = [pytest.mark.area("sign_in_and_permissions"), pytest.mark.first]
FLOW = workflow()
TABLE = outlets()
EVERYBODY = (*FLOW.roles, ADMIN, NO_ROLE)
PEOPLE = (*FLOW.person_roles, ADMIN, NO_ROLE)
SIGHT = {role: FLOW.sees(Actor("", frozenset({role}))) for role in EVERYBODY}
RESTRICTED = [role for role in EVERYBODY if SIGHT[role] != "all"]
SORTS = ["id", "state", "created_at", "updated_at"] + [
    field.name for field in FLOW.fields.values() if field.type != "long_text"
]
SHOWN = ["id", "version", "state", "owner", "created_at", "updated_at", *FLOW.fields]
MONEY = [field.name for field in FLOW.fields.values() if field.type == "money"]
SECRETS = re.compile(r'(<input[^>]*type="hidden"[^>]*?value=|nonce=)"[^"]*"')
Variant = dict[str, Any]


def worded() -> list[str]:
    """The text fields that say whose record it is: everybody who creates may fill them in."""
    guarded = {guard.field for transition in FLOW.transitions for guard in transition.guards}
    creators = [Actor("", frozenset({r})) for r in (*FLOW.creators(), *FLOW.creators(service=True))]
    return [
        f.name
        for f in FLOW.fields.values()
        if f.type in ("text", "long_text") and f.max_length >= 20 and f.name not in guarded
        if all(f.name in FLOW.settable(creator) for creator in creators)
    ]


WORDED = worded()


@dataclass
class World:
    """A viewer with a record in each state, and others' records in each, with words of their own.

    `before` has what the outlets said to each restricted role before the others' records were made.
    """

    site: Site
    cast: Cast
    mine: list[Record] = field(default_factory=list)
    others: list[Record] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)
    before: dict[tuple[str, str], str] = field(default_factory=dict)
    everything: list[dict[str, Any]] = field(default_factory=list)
    led: dict[str, dict[str, Page]] = field(default_factory=dict)

    @property
    def spike(self) -> str:
        """The name of the spike, by which `outlets.yml` has its pages."""
        return self.site.name

    def client(self, role: str) -> Client:
        """The viewer with this role alone, or the service of the role."""
        if role in FLOW.service_roles:
            return self.site.service(role)
        return self.site.set_roles(self.cast.owner, *(() if role == NO_ROLE else (role,)))

    def visible(self, role: str) -> list[dict[str, Any]]:
        """The records that the client of this role may see, by their numbers."""
        client = self.client(role)
        sees = FLOW.sees(client.actor)
        own = client.actor.username
        return [
            r for r in self.everything if sees == "all" or (sees == "own" and r["owner"] == own)
        ]

    def hidden_words(self, role: str) -> list[str]:
        """The words that nobody of this role may come across."""
        seen = {record["id"] for record in self.visible(role)}
        return [word for number, word in self.words.items() if number not in seen]

    def silent(self, role: str, text: str, about: str) -> None:
        """Assert that a text says nothing that the role may not know."""
        told = [word for word in self.hidden_words(role) if word in text]
        assert not told, f"{about} tells {role} about records of others"

    def crawled(self, role: str) -> dict[str, Page]:
        """A page of each kind that links lead somebody of this role to."""
        if role not in self.led:
            names = self.site.usernames()
            client = self.site.admin if role == ADMIN else self.client(role)
            records = dict.fromkeys(TABLE.pages(self.spike, "record")[:1], 3)
            self.led[role] = crawl(client, lambda at: TABLE.shape(self.spike, at, names), records)
        return self.led[role]


def make(site: Site, word: str, state: str, owner: Client | None) -> Record:
    """A record in the state whose texts have the word, each with a letter of its own."""
    texts = {name: f"{word}{chr(97 + place)}" for place, name in enumerate(WORDED)}
    try:
        return site.record_with(state, texts, owner=owner)
    except LookupError:  # no way keeps the texts
        return site.record_in(state, owner=owner)


@pytest.fixture(scope="session")
def world(site: Site, cast: Cast) -> World:
    """Made once: first the viewer's records, then a look at the outlets, then the others' records."""
    found = World(site, cast)
    states = [state for state in FLOW.states if way_to(state) is not None]
    for state in states if FLOW.creators() else ():
        if any(state in ways(role) for role in FLOW.creators()):
            word = secrets.token_hex(5)
            record = make(site, word, state, cast.owner)
            found.mine.append(record)
            found.words[record.id] = word
    words = {state: secrets.token_hex(5) for state in states}
    for role in RESTRICTED:
        for address, text in said(found, role, words):
            found.before[role, address] = text
    for state, word in words.items():
        record = make(site, word, state, None)
        site.admin.comment(record, f"{word} in a comment")
        found.others.append(record)
        found.words[record.id] = word
    found.everything = site.all_pages(site.admin, FLOW.path, sort="id")
    return found


def filters(word: str) -> Iterator[Variant]:
    """The filters of the list and the export."""
    yield {}
    yield from ({"state": state} for state in FLOW.states)
    yield from ({"q": text} for text in (word, f"{word}a", "e"))


def orders(role: str) -> Iterator[Variant]:
    """Every order for whoever sees a part; one for others."""
    names = SORTS if SIGHT[role] == "own" else SORTS[:1]
    yield from ({"sort": f"{sign}{name}"} for name in names for sign in ("", "-"))


def pages() -> Iterator[Variant]:
    """Small and great pages."""
    yield from ({"page": page, "size": 3} for page in (1, 2))
    yield {"size": 100}


def said(world: World, role: str, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the report, every page and a team's own endpoints say to a role, by their addresses.

    The list and the export of the contract are compared with what they should have, further down.
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


# Everything is known


def test_every_endpoint_is_classified(site: Site) -> None:
    document = accepted(site.visitor().get("/openapi.json"))
    unknown = [each for each in endpoints(document) if each not in TABLE.endpoints]
    assert not unknown, f"{unknown[0]} is new: say in {FILE.name} what it shows"


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_every_page_is_classified(world: World, role: str) -> None:
    found = world.crawled(role)
    known = TABLE.screens.get(world.spike, {})
    unknown = [shape for shape in found if shape not in known]
    assert not unknown, f"the page {unknown[0]} is new: say in {FILE.name} what it shows"
    assert len(found) > 1, f"{role} is led nowhere"
    for shape, page in found.items():
        assert page.answer.status_code < 500, f"{shape} → {page.answer.status_code}"


# What others do changes nothing for whoever may not see it


@pytest.fixture(scope="module")
def after(world: World) -> dict[tuple[str, str], str]:
    words = {record.state: world.words[record.id] for record in world.others}
    return {(role, at): text for role in RESTRICTED for at, text in said(world, role, words)}


@pytest.mark.parametrize("role", RESTRICTED, scope="module")
def test_what_others_do_changes_nothing_for_whoever_may_not_see_it(
    world: World, after: dict[tuple[str, str], str], role: str
) -> None:
    changed = [
        address
        for (who, address), text in world.before.items()
        if who == role and after.get((who, address)) != text
    ]
    assert not changed, f"{len(changed)} outlets tell {role} of others' records: {changed[0]}"


# The API: complete, and nothing else


def ids(items: list[dict[str, Any]]) -> list[int]:
    return sorted(item["id"] for item in items)


def listings() -> list[Any]:
    """Who asks for the list, and how."""
    return [
        pytest.param(role, params, id=f"{role}-{urlencode(params) or 'all'}")
        for role in EVERYBODY
        for params in chain(filters(""), orders(role), pages())
        if "q" not in params and ("state" not in params or SIGHT[role] != "all" or role == ADMIN)
    ]


@pytest.mark.parametrize(("role", "params"), listings())
def test_the_list_has_all_that_may_be_seen(world: World, role: str, params: Variant) -> None:
    visible = world.visible(role)
    expected = [r for r in visible if params.get("state") in (None, r["state"])]
    client = world.client(role)
    if "page" in params:
        first, size = (params["page"] - 1) * params["size"], params["size"]
        if first and first >= len(expected):
            return
        page = accepted(client.records(**params, sort="id"))
        assert [item["id"] for item in page["items"]] == ids(expected)[first : first + size]
        assert (page["total"], page["page"], page["size"]) == (len(expected), params["page"], size)
        return
    page = accepted(client.records(**{"size": 100, **params}))
    assert page["total"] == len(expected), f"{role} is told of {page['total']}"
    items = (
        page["items"] if page["total"] <= 100 else world.site.all_pages(client, FLOW.path, **params)
    )
    assert ids(items) == ids(expected)
    shown = {item["id"]: {name: item.get(name) for name in SHOWN} for item in items}
    wrong = [each["id"] for each in expected if shown[each["id"]] != {n: each[n] for n in SHOWN}]
    assert not wrong, f"the list shows {role} record {wrong[0]} otherwise than an admin"


@pytest.mark.parametrize("role", EVERYBODY if WORDED else [], scope="module")
def test_the_search_finds_only_what_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    places = cycle(range(len(WORDED)))
    for record in (*world.mine[:1], *world.others[:: 1 if SIGHT[role] == "own" else 3]):
        place = next(places)
        page = accepted(client.records(q=f"{world.words[record.id]}{chr(97 + place)}"))
        expected = [record.id] if record.id in seen else []
        assert (ids(page["items"]), page["total"]) == (expected, len(expected)), (
            f"{role} searches for what {WORDED[place]} of a record in {record.state} has"
        )


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, f"{answer.request.url.path} → {answer.status_code}"
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def exports() -> list[tuple[str, str]]:
    """Who asks for the export, of which state."""
    return [
        (role, state)
        for role in EVERYBODY
        for state in ("", *(FLOW.states if SIGHT[role] == "own" or role == ADMIN else ()))
    ]


@pytest.mark.parametrize(("role", "state"), exports())
def test_the_export_has_all_that_may_be_seen(world: World, role: str, state: str) -> None:
    expected = [r for r in world.visible(role) if state in ("", r["state"])]
    answer = world.client(role).get(f"{FLOW.path}/export.csv", state=state)
    assert sorted(int(row["id"]) for row in rows(answer)) == ids(expected)


@pytest.mark.parametrize("role", EVERYBODY if WORDED else [], scope="module")
def test_the_export_of_a_search_has_what_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    for record in (*world.mine[:1], *world.others[:1]):
        found = rows(client.get(f"{FLOW.path}/export.csv", q=world.words[record.id]))
        assert [int(row["id"]) for row in found] == ([record.id] if record.id in seen else [])


def report_of(records: list[dict[str, Any]]) -> dict[str, tuple[int, dict[str, str]]]:
    """The count and the sums of each state."""
    found = {}
    for state in FLOW.states:
        here = [record for record in records if record["state"] == state]
        sums = {n: sum((Decimal(r[n]) for r in here if r[n]), Decimal(0)) for n in MONEY}
        found[state] = (len(here), {name: f"{total:.2f}" for name, total in sums.items()})
    return found


@pytest.mark.parametrize("role", EVERYBODY, scope="module")
def test_the_report_is_about_what_may_be_seen(world: World, role: str) -> None:
    report = accepted(world.client(role).get(f"{FLOW.path}/report"))
    assert [state["state"] for state in report["states"]] == list(FLOW.states)
    told = {state["state"]: (state["count"], state["totals"]) for state in report["states"]}
    assert told == report_of(world.visible(role)), f"the report for {role}"


@pytest.mark.parametrize("path", TABLE.reads("record"))
@pytest.mark.parametrize("role", EVERYBODY, scope="module")
def test_an_endpoint_shows_a_record_to_whoever_may_see_it(
    world: World, role: str, path: str
) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    records = (*world.mine, *world.others)
    for record in records if SIGHT[role] != "all" else records[-2:]:
        answer = client.get(filled(path, record.id))
        if record.id in seen:
            accepted(answer, f"{role} asks for {path}")
            assert not WORDED or world.words[record.id] in answer.text, f"{path} lacks its record"
        else:
            refused(answer, "not_found", f"{role} asks for {path}")
        world.silent(role, answer.text, path)


@pytest.mark.parametrize("role", RESTRICTED, scope="module")
def test_nobody_comments_on_what_they_may_not_see(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    for record in (each for each in world.others if each.id not in seen):
        answer = client.comment(record, "I was here")
        refused(answer, "not_found", f"{role} comments on a record in {record.state}")
        world.silent(role, answer.text, "the refusal")


@pytest.mark.parametrize("role", EVERYBODY, scope="module")
def test_whoever_sees_a_record_may_comment_on_it(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    for record in (each for each in (*world.mine, *world.others) if each.id in seen):
        answer = client.comment(record, f"{role} was here")
        entry = accepted(answer, f"{role} comments on a record in {record.state}")
        assert (entry["actor"], entry["action"]) == (client.actor.username, "comment")


@pytest.mark.parametrize("path", TABLE.reads("admins"))
@pytest.mark.parametrize("role", [role for role in EVERYBODY if role != ADMIN], scope="module")
def test_an_endpoint_for_admins_is_closed_to_others(world: World, role: str, path: str) -> None:
    answer = world.client(role).get(filled(path, world.cast.other.actor.username))
    assert verdict(answer) in ("forbidden", "not_found"), f"{role} asks for {path}"


@pytest.mark.parametrize("path", TABLE.reads("none"))
def test_an_endpoint_about_nothing_says_nothing(world: World, path: str) -> None:
    text = world.site.admin.get(path).text
    assert not [word for word in world.words.values() if word in text], f"{path} shows records"


@pytest.mark.parametrize("operation", [name for name in operations() if name != "healthz"])
def test_every_endpoint_of_the_contract_has_a_kind(operation: str) -> None:
    method, path = operations()[operation]
    plain = "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
    assert f"{method} {plain}" in TABLE.endpoints, f"{FILE.name} lacks {method} {plain}"


# The screens


def shown(world: World, pages: Iterable[Page]) -> list[int]:
    """The records that pages of a list lead to, or those of a file."""
    return TABLE.shown(world.spike, pages)


def lists(world: World, client: Client) -> list[Page]:
    """The pages with records that can be searched."""
    pages = [show(client, path) for path in TABLE.pages(world.spike, "records")]
    found = {page.path: page for page in pages if search_form(page)}
    return list(found.values())


def search_form(page: Page) -> Form | None:
    """The form that searches the list on the page."""
    for form in page.forms:
        if form.method == "get" and {"text", "search"} & {each.kind for each in form.inputs}:
            return form
    return None


def search(client: Client, page: Page, text: str) -> Page:
    """What the page shows when somebody searches for the text."""
    form = search_form(page)
    assert form is not None
    box = next(each for each in form.inputs if each.kind in ("text", "search"))
    box.value = text
    return Page(send(client, form))


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_a_page_of_records_has_all_that_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    expected = ids(world.visible(role))
    for path in TABLE.pages(world.spike, "records"):
        pages = list(pages_of(client, path))
        assert shown(world, pages) == expected, f"{path} for {role}"
        for page in pages:
            world.silent(role, page.text, path)


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_the_filters_of_a_page_have_all_that_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    visible = world.visible(role)
    filters = {
        (state, address)
        for page in lists(world, client)
        for address in asked(page, "")
        for state in FLOW.states
        if state in dict(parse_qsl(urlsplit(address).query)).values()
    }
    known = {state for state, _ in filters}
    assert known == set(FLOW.states) or not visible, f"pages can only be filtered by {known}"
    files = {path for path in TABLE.pages(world.spike, "records") if "export" in path}
    for state, address in sorted(filters)[:: 1 if SIGHT[role] == "own" else 3]:
        expected = [record for record in visible if record["state"] == state]
        pages = list(pages_of(client, address))
        assert shown(world, pages) == ids(expected), f"{address} for {role}"
        for link in [link for link in pages[0].links if urlsplit(link).path in files]:
            assert shown(world, [show(client, link)]) == ids(expected), f"{link} for {role}"


@pytest.mark.parametrize("role", [role for role in PEOPLE if SIGHT[role] == "all"][:1])
def test_a_page_of_records_can_be_sorted(world: World, role: str) -> None:
    client = world.client(role)
    for page in lists(world, client):
        links = [link for link in page.links if urlsplit(link).path == page.path]
        begin = [TABLE.listed(world.spike, show(client, link)) for link in links if sorts(link)]
        oldest = ids(world.visible(role))
        numbered = [each for each in begin if each and each == oldest[: len(each)]]
        assert numbered, f"{page.path} cannot be sorted by the number of the record"


@pytest.mark.parametrize("role", PEOPLE if WORDED else [], scope="module")
def test_the_search_of_a_page_finds_only_what_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    for page in lists(world, client):
        for record in (*world.mine[:1], *world.others[:3]):
            found = shown(world, [search(client, page, world.words[record.id])])
            assert found == ([record.id] if record.id in seen else []), (
                f"{role} searches {page.path} for a word of a record in {record.state}"
            )


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_a_page_shows_a_record_to_whoever_may_see_it(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    records = (*world.mine, *world.others)
    for path in TABLE.pages(world.spike, "record", "part", "edit"):
        kind = TABLE.screens[world.spike][path]
        for record in records if SIGHT[role] != "all" else records[-1:]:
            page = show(client, filled(path, record.id))
            about = f"{path} of a record in {record.state}"
            if record.id not in seen:
                there = page.answer.is_success and TABLE.number(world.spike, page.url) == record.id
                assert not there, f"{about} is open to {role}"
            elif kind == "record":
                assert page.answer.status_code == 200, f"{about} → {page.answer.status_code}"
                assert not WORDED or world.words[record.id] in page.text, f"{about} lacks it"
                told = record in world.mine or f"{world.words[record.id]} in a comment" in page.text
                assert told, f"{about} lacks its history"
            world.silent(role, page.text, about)


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_the_pages_of_a_record_offer_what_may_be_done_now(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    for record in (*world.mine, *world.others):
        if record.id not in seen:
            continue
        editable = set(FLOW.editable(client.actor, record))
        paths = TABLE.pages(world.spike, "record")[:1]
        if editable or record is world.others[-1]:
            paths += TABLE.pages(world.spike, "edit")
        shown = [show(client, filled(path, record.id)) for path in paths]
        pages = [page for page in shown if page.answer.is_success]
        offered = {n for n in FLOW.names if any(page.form_for(n) for page in pages)}
        allowed = {transition.name for transition in FLOW.open_to(client.actor, record)}
        who = f"{role}{' (owner)' * (record.owner == client.actor.username)} in {record.state}"
        assert offered == allowed, f"{who} is offered {offered}, expected {allowed}"
        fields = set().union(*(page.asked() for page in pages)) & set(FLOW.fields)
        assert fields == editable, f"what {who} may edit"
        for page in pages:
            opened = TABLE.screens[world.spike].get(TABLE.shape(world.spike, page.url, frozenset()))
            assert editable or opened != "edit", f"the edit form opens for {who}"


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_the_page_of_the_report_is_about_what_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    expected = report_of(world.visible(role))
    for path in TABLE.pages(world.spike, "report"):
        page = show(client, path)
        for state, (count, sums) in expected.items():
            label = FLOW.states[state].label
            lines = [row for row in page.rows if row and row[0] == label]
            told = {number for row in lines for cell in row[1:] for number in numbers(cell)}
            wanted = {str(count), *sums.values()} if count else set()
            assert wanted <= told, f"{path} tells {role} of {state}: {told}, expected {wanted}"
            assert count or not told - {"0", "0.00"}, f"{path} counts what {role} may not see"


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_a_page_for_admins_is_closed_to_others(world: World, role: str) -> None:
    opened = world.crawled(ADMIN)
    client = world.client(role)
    for path in TABLE.pages(world.spike, "admins"):
        if path not in opened:
            continue
        asked_for = opened[path].path
        page = show(client, asked_for)
        there = page.answer.is_success and page.path == asked_for
        assert there == (role == ADMIN), f"{path} for {role} → {page.answer.status_code}"
        world.silent(role, page.text, path)


@pytest.mark.parametrize("role", [role for role in PEOPLE if SIGHT[role] != "none"], scope="module")
def test_whoever_sees_records_is_led_to_every_kind_of_page(world: World, role: str) -> None:
    found = world.crawled(role)
    kinds = {TABLE.screens[world.spike].get(shape) for shape in found}
    assert {"records", "record", "report"} <= kinds, f"{role} is only led to {kinds}"
    assert "text/csv" in {page.kind for page in found.values()}, f"{role} finds no export"


def test_a_page_about_nothing_says_nothing(world: World) -> None:
    for path in TABLE.pages(world.spike, "none"):
        page = show(world.site.admin, path)
        told = [word for word in world.words.values() if word in page.text]
        assert not told or page.path != path, f"{path} shows records"


# Past one page, and past what a database gives at once


@pytest.mark.last
@pytest.mark.started
def test_nothing_is_lost_past_one_page(world: World) -> None:
    """The viewer's own record copied often: lists, files and pages go on to the end."""
    if not world.mine or not WORDED:
        return
    own = world.mine[0]
    word = world.words[own.id]
    role = FLOW.creators()[0]
    client = world.client(role)
    copied = world.site.multiply(own, client, 60)
    page = accepted(client.records(q=word, size=25))
    assert (page["total"], len(page["items"])) == (copied + 1, 25)
    for page in lists(world, client):
        address = search(client, page, word).url
        assert len(shown(world, pages_of(client, address))) == copied + 1, "page after page"
    copied += world.site.multiply(own, client, 1_050)
    listed = world.site.all_pages(client, FLOW.path, q=word, sort="id")
    expected = [record["id"] for record in listed]
    assert len(expected) == len(set(expected)) == copied + 1, "the list, page after page"
    for params in ({"q": word}, {"q": word, "state": own.state}, {"state": own.state}, {}):
        found = [int(row["id"]) for row in rows(client.get(f"{FLOW.path}/export.csv", **params))]
        assert len(found) == len(set(found)), f"the export {params} has records twice"
        total = accepted(client.records(**params, size=1))["total"]
        assert len(found) == total > 1_000, f"the export {params} has {len(found)} of {total}"
        assert set(found) >= set(expected), f"the export {params} lacks records"
    files = [show(client, path) for path in TABLE.pages(world.spike, "records")]
    for page in (each for each in files if each.kind == "text/csv"):
        assert set(shown(world, [page])) >= set(expected), f"{page.path} lacks records"
    report = accepted(client.get(f"{FLOW.path}/report"))
    counts = {state["state"]: state["count"] for state in report["states"]}
    assert counts[own.state] > copied, "the report counts past one page"
