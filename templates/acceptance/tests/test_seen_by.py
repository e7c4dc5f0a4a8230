"""Fields that only some see: for everybody else they are missing wherever a record leaves the spike."""

import csv
import html
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from suite import values as v
from suite.client import Client, accepted
from suite.contract import Document
from suite.fixtures import Cast
from suite.outlets import filled, outlets
from suite.parts import ADMIN, Record, Value
from suite.screens import Page, send, show
from suite.site import Site
from suite.workflow_file import workflow
from suite.world import search, sorts

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
TABLE = outlets()
HIDDEN = FLOW.hidden
LISTED = [name for name, field in FLOW.fields.items() if field.type != "long_text"][:6]
TEXTS = ("text", "long_text", "email", "url")


@dataclass(frozen=True)
class Viewer:
    """Somebody with a role: of another's record, of one's own, or of one that names them in a field."""

    role: str
    owns: bool = False
    named: str = ""

    def __str__(self) -> str:
        return f"{self.role}{' (owner)' * self.owns}{f' ({self.named})' if self.named else ''}"

    def client(self, site: Site, cast: Cast, record: Record) -> Client | None:
        """The viewer of the record, where there is one."""
        if self.role in FLOW.service_roles:
            return site.service(self.role)
        if self.named:
            return cast.named(str(record.values[self.named]))
        if self.owns and record.owner != cast.owner.actor.username:
            return None
        return site.set_roles(cast.owner if self.owns else cast.other, self.role)


def viewers() -> list[Viewer]:
    people = [*FLOW.person_roles, ADMIN]
    return [
        *(Viewer(role) for role in (*people, *FLOW.service_roles)),
        *(Viewer(role, owns=True) for role in people if FLOW.creators()),
        *(Viewer(field.role, named=name) for name, field in FLOW.person_fields.items()),
    ]


class Made(dict[str, list[Record]]):
    """For each field, records alike but for it: it has a low, a high and the low value; one is another's."""

    def __init__(self, site: Site, owner: Client | None) -> None:
        super().__init__()
        self.site, self.owner = site, owner

    def __missing__(self, name: str) -> list[Record]:
        return self.setdefault(name, list(alike(self.site, name, self.owner)))


@pytest.fixture(scope="module")
def made(site: Site, cast: Cast) -> Made:
    """The records, made when they are asked for."""
    return Made(site, cast.owner if FLOW.creators() else None)


def alike(site: Site, name: str, owner: Client | None) -> Iterator[Record]:
    mark = site.new_name()[-6:].replace("-", "q")
    texts = dict.fromkeys(open_texts(), f"{mark} alike")
    for number, client in ((0, owner), (1, owner), (0, owner), (2, None)):
        value = telling(name, mark, number)
        wanted: list[dict[str, Value]] = [{name: value, **texts}, {name: value}, {}]
        yield next(filter(None, (there(site, each, client) for each in wanted)))


def there(site: Site, wanted: dict[str, Value], owner: Client | None) -> Record | None:
    """A record with these values, in the first state where somebody can have filled them in."""
    for state in FLOW.states:
        try:
            return site.record_with(state, wanted, owner=owner)
        except LookupError:
            continue
    return None


def open_texts() -> list[str]:
    """A text that everybody sees and whoever creates may fill in, to find the records by."""
    guarded = {guard.field for transition in FLOW.transitions for guard in transition.guards}
    return [
        f.name
        for f in FLOW.fields.values()
        if f.type in ("text", "long_text") and f.max_length >= 20 and f.name not in guarded
        if not f.seen_by and not f.edited_by
    ][:1]


def telling(name: str, mark: str, number: int) -> Value:
    """A value that nothing else has, where the field has room for such."""
    field = FLOW.fields[name]
    text = f"{'azm'[number]}{mark}{name}"[: field.max_length]
    wanted: Value = v.good(field, number)
    if field.type in ("text", "long_text"):
        wanted = text
    if field.type == "money":
        wanted = Decimal(f"73{number}1.07")
    if field.type in ("email", "url"):
        wanted = f"{text}@example.org" if field.type == "email" else f"https://example.org/{text}"
    return wanted if v.fits(field, wanted) else v.good(field, number)


def words(record: Record, name: str) -> list[str]:
    """How pages and files say what the field has, where that cannot be anything else."""
    value = record.values[name]
    if isinstance(value, Decimal):
        return [f"{value:,.2f}", f"{value:.2f}"] if value >= 1000 else []
    unlike = FLOW.fields[name].type in TEXTS and len(str(value)) >= 9
    return [str(value)] if unlike else []


def told(text: str, record: Record, name: str) -> bool:
    """Whether the text says what the field has."""
    return any(word in html.unescape(text) for word in words(record, name))


def listed(client: Client, record: Record, **params: str) -> list[dict[str, Any]]:
    """The records of the list that everybody finds by what the record and those alike have in common."""
    texts = [str(record.values[name]) for name in open_texts() if record.values[name]]
    common = {"q": texts[0]} if texts else {"state": record.state}
    return accepted(client.records(size=100, **common, **params))["items"]


cases = pytest.mark.parametrize(
    ("name", "viewer"), [(name, viewer) for name in HIDDEN for viewer in viewers()], ids=str
)
with_roles_alone = pytest.mark.parametrize(
    ("name", "viewer"),
    [(n, each) for n in HIDDEN for each in viewers() if not each.owns and not each.named],
    ids=str,
)
Case = tuple[Client, Record, bool]


@pytest.fixture
def case(site: Site, cast: Cast, made: Made, name: str, viewer: Viewer) -> Case | None:
    """The viewer, the second record and whether they see its field; None where they see no record."""
    record = made[name][1]
    client = viewer.client(site, cast, record)
    if client is None or not FLOW.visible(client.actor, record):
        return None
    return client, record, name not in FLOW.unseen(client.actor, record)


# The API


@cases
def test_a_record_has_the_fields_that_its_viewer_sees(
    case: Case | None, name: str, viewer: Viewer
) -> None:
    if case is None:
        return
    client, record, _ = case
    unseen = FLOW.unseen(client.actor, record)
    items = [item for item in listed(client, record) if item["id"] == record.id]
    assert len(items) == 1, f"{viewer} misses it in the list"
    for shown in (accepted(client.read(record)), *items):
        there = {each for each in FLOW.fields if each in shown}
        assert there == set(FLOW.fields) - unseen, f"{viewer} sees {there}"
        assert shown.get(name) == (
            None if name in unseen else FLOW.fields[name].write(record.values[name])
        )


@cases
def test_the_history_has_the_differences_that_its_viewer_sees(
    site: Site, case: Case | None, name: str, viewer: Viewer
) -> None:
    if case is None:
        return
    client, record, sees = case
    items = accepted(client.history(record))["items"]
    assert len(items) == len(site.ledger.entries[record.id]), f"{viewer} misses an entry"
    changed = [
        change["new"] for item in items for change in item["changes"] if change["field"] == name
    ]
    written = FLOW.fields[name].write(record.values[name])
    filled_in = record.values[name] != FLOW.fields[name].empty
    assert changed[-1:] == ([written] if sees and filled_in else []), f"{viewer}: {changed}"


@cases
def test_a_search_counts_what_its_viewer_sees(case: Case | None, name: str, viewer: Viewer) -> None:
    if case is None or FLOW.fields[name].type not in TEXTS or not words(case[1], name):
        return
    client, record, sees = case
    page = accepted(client.records(q=record.values[name]))
    numbers = [item["id"] for item in page["items"]]
    expected = [record.id] if sees else []
    assert (numbers, page["total"]) == (expected, len(expected)), f"{viewer} searches"


@cases
def test_what_is_not_seen_is_sorted_as_empty(
    case: Case | None, made: Made, name: str, viewer: Viewer
) -> None:
    """Last in either direction, the newest first: their order says nothing of what is in it."""
    if case is None or FLOW.fields[name].type == "long_text":
        return
    client, record, _ = case
    for sort in (name, f"-{name}"):
        items = listed(client, record, sort=sort)
        keys = [FLOW.fields[name].read(item.get(name)) for item in items]
        set_ones = [key for key in keys if key is not None]
        assert keys[: len(set_ones)] == set_ones, f"{viewer} sorts by {sort}: {keys}"
        unseen = [item["id"] for item in items if name not in item]
        assert unseen == sorted(unseen, reverse=True), f"{viewer} sorts by {sort}: {unseen}"
        mine = [item[name] for item in items if name in item and item["id"] in of(made[name])]
        known: list[Any] = [FLOW.fields[name].read(each) for each in mine]
        assert known == sorted(known, reverse=sort != name), f"{viewer} sorts by {sort}: {known}"


def of(records: list[Record]) -> set[int]:
    return {record.id for record in records}


@cases
def test_a_cell_of_the_export_is_empty_where_it_is_not_seen(
    case: Case | None, name: str, viewer: Viewer
) -> None:
    if case is None:
        return
    client, record, sees = case
    header = "labels" if viewer.owns else "names"
    answer = client.get(f"{FLOW.path}/export.csv", header=header, state=record.state)
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    place = 3 + list(FLOW.fields).index(name)
    label = name if header == "names" else FLOW.fields[name].label
    assert table[0][place].lstrip("'") == label.lstrip("'"), "the export lacks a column"
    [cell] = [row[place] for row in table[1:] if row[0] == str(record.id)]
    value = FLOW.fields[name].write(record.values[name])
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    assert cell.lstrip("'") == (text.lstrip("'") if sees else ""), f"{viewer} exports {cell!r}"


@cases
def test_a_total_of_the_report_has_what_is_seen(
    site: Site, case: Case | None, name: str, viewer: Viewer
) -> None:
    if case is None or FLOW.fields[name].type != "money":
        return
    client, record, _ = case
    items = site.all_pages(client, FLOW.path, state=record.state)
    total = sum((Decimal(item[name]) for item in items if item.get(name)), Decimal(0))
    report = accepted(client.get(f"{FLOW.path}/report"))["states"]
    [shown] = [state["totals"][name] for state in report if state["state"] == record.state]
    assert shown == f"{total:.2f}", f"{viewer} is told a total of {shown}"


@pytest.mark.parametrize("name", HIDDEN)
def test_nobody_is_promised_what_not_everybody_sees(site: Site, name: str) -> None:
    document = Document(accepted(site.visitor().get("/openapi.json")))
    for path in (FLOW.path, f"{FLOW.path}/{{}}"):
        _, operation = document.operations[path, "get"]
        schema = document.content(operation["responses"]["200"]) or {}
        if "items" in schema["properties"]:
            schema = document.schema(document.schema(schema["properties"]["items"])["items"])
        assert name in schema["properties"], f"GET {path} is not said to have {name}"
        assert name not in schema["required"], f"GET {path} is said to have {name} always"


@pytest.mark.last
@pytest.mark.parametrize("hidden", [True] if HIDDEN else [])
def test_no_answer_to_a_write_had_more_or_less_than_its_sender_sees(
    site: Site, hidden: bool
) -> None:
    assert not site.ledger.shown_wrongly, site.ledger.shown_wrongly[0]


# The pages


def labelled(name: str) -> bool:
    """Whether the field's label can only be that of the field."""
    label = FLOW.fields[name].label
    others = [field.label for field in FLOW.fields.values() if field.name != name]
    others += [state.label for state in FLOW.states.values()]
    others += [transition.label for transition in FLOW.transitions]
    about = [guard.field for transition in FLOW.transitions for guard in transition.guards]
    apart = len(label) >= 10 and not any(label.casefold() in each.casefold() for each in others)
    return apart and label.isascii() and name not in (*about, *FLOW.last_days)


@cases
@pytest.mark.area("staff_screens")
def test_the_pages_of_a_record_show_what_their_viewer_sees(
    site: Site, case: Case | None, name: str, viewer: Viewer
) -> None:
    if case is None or viewer.role in FLOW.service_roles:
        return
    client, record, sees = case
    page = show(client, site.page_of(record))
    assert page.answer.status_code == 200
    edit = [show(client, filled(at, record.id)) for at in TABLE.pages(site.name, "edit")]
    text = html.unescape("".join(each.text for each in [page, *edit]))
    if words(record, name):
        many = sum(text.count(word) for word in words(record, name))
        assert many >= 2 if sees else many == 0, f"{viewer} reads it {many} times"
    if labelled(name):
        assert (FLOW.fields[name].label in text) == sees, f"{viewer} reads of it, or does not"


@cases
@pytest.mark.area("staff_screens")
def test_the_lists_show_and_find_what_their_viewer_sees(
    site: Site, case: Case | None, name: str, viewer: Viewer
) -> None:
    if case is None or viewer.role in FLOW.service_roles or not words(case[1], name):
        return
    client, record, sees = case
    texts = [record.values[each] for each in open_texts() if record.values[each]]
    for page in lists(site, client):
        if FLOW.fields[name].type in TEXTS:
            found = TABLE.listed(site.name, search(client, page, str(record.values[name])))
            assert found == ([record.id] if sees else []), f"{viewer} searches {page.path}"
        for text in texts:
            found_by_it = search(client, page, str(text))
            assert record.id in TABLE.listed(site.name, found_by_it), f"{page.path} has no record"
            cells = "\n".join(cell for row in found_by_it.rows for cell in row)
            expected = sees and name in LISTED
            assert told(cells, record, name) == expected, f"{viewer} looks at {page.path}"


def lists(site: Site, client: Client) -> list[Page]:
    """The pages with records that can be searched."""
    pages = [show(client, path) for path in TABLE.pages(site.name, "records")]
    found = [page for page in pages if page.kind == "text/html" and page.answer.is_success]
    return [page for page in found if page.search_form() is not None]


@with_roles_alone
@pytest.mark.area("staff_screens")
def test_the_order_of_a_list_tells_what_its_viewer_sees(
    site: Site, case: Case | None, made: Made, name: str, viewer: Viewer
) -> None:
    """Of three alike, the field alone could bring the one in the middle before or after both others."""
    texts = {str(record.values[each]) for each in open_texts() for record in made[name]}
    if case is None or viewer.role in FLOW.service_roles or len(texts) != 1:
        return
    client, _, sees = case
    numbers = [record.id for record in made[name][:3]]
    differs = made[name][0].values[name] != made[name][1].values[name]
    for page in lists(site, client):
        found = search(client, page, *texts)
        links = [link for link in found.links if sorts(link) and urlsplit(link).path == found.path]
        orders = [TABLE.listed(site.name, show(client, link)) for link in links]
        places = [[order.index(n) for n in numbers] for order in orders if {*numbers} <= {*order}]
        told = [(low < high) != (high < again) for low, high, again in places]
        if sees and differs and name in LISTED:
            assert any(told), f"{viewer} cannot sort {page.path} by it"
        elif not sees:
            assert not any(told), f"the order of {page.path} tells {viewer} of it"


@with_roles_alone
@pytest.mark.area("staff_screens")
def test_no_address_asks_for_what_its_sender_does_not_see(
    site: Site, case: Case | None, made: Made, name: str, viewer: Viewer
) -> None:
    if case is None or case[2]:
        return
    client, record, _ = case
    right = FLOW.fields[name].write(record.values[name])
    wrong = FLOW.fields[name].write(made[name][0].values[name])
    paths = [] if viewer.role in FLOW.service_roles else [p.path for p in lists(site, client)]
    for lookup in (name, f"{name}__startswith"):
        totals = [client.records(**{lookup: each}).json().get("total") for each in (right, wrong)]
        assert totals[0] == totals[1], f"{viewer} asks the API for {lookup}"
        for path in paths:
            pages = [show(client, f"{path}?{urlencode({lookup: each})}") for each in (right, wrong)]
            shown = [(p.answer.status_code, TABLE.shown(site.name, [p])) for p in pages]
            assert shown[0] == shown[1], f"{viewer} asks {path} for {lookup}"


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.area("staff_screens")
def test_the_pages_for_admins_say_no_more(site: Site, cast: Cast, name: str) -> None:
    """The audit trail and the messages, and what is behind each of their rows."""
    record = next(alike(site, name, cast.owner if FLOW.creators() else None))
    if not words(record, name):
        return
    site.settle()
    parties = [(), *([(role,) for role in FLOW.person_roles if role in FLOW.fields[name].seen_by])]
    for roles in parties:
        admin = site.set_roles(cast.other, ADMIN, *roles)
        sees = name not in FLOW.unseen(admin.actor, record)
        pages = [show(admin, path) for path in TABLE.pages(site.name, "admins") if "{" not in path]
        inside = [show(admin, link) for page in pages for link in inner(page)[:3]]
        found = [page.path for page in [*pages, *inside] if told(page.text, record, name)]
        assert bool(found) == sees, f"admin and {roles}: {found or 'no page'}"
        for page in pages if not sees else ():
            for lookup in ("changes__icontains", "payload__icontains"):
                answers = [
                    show(admin, f"{page.path}?{urlencode({lookup: text})}")
                    for text in (words(record, name)[-1], "nobody has written this")
                ]
                shown = [(answer.answer.status_code, len(answer.rows)) for answer in answers]
                assert shown[0] == shown[1], f"an admin asks {page.path} for {lookup}"


def inner(page: Page) -> list[str]:
    """Where the rows of a page lead to, the first ones first."""
    links = (link for link in page.links if "?" not in link and link != page.url)
    return [link for link in links if link.startswith(page.url) and "/add/" not in link]


def overtaken() -> list[tuple[str, str]]:
    """A field, and a state in which somebody edits it and somebody else edits without seeing it."""
    found = []
    for name in HIDDEN:
        field = FLOW.fields[name]
        for state in FLOW.states.values():
            blind = state.edited_by - field.seen_by
            if state.edited_by & field.edited_by and blind:
                found.append((name, state.name))
    return found


@pytest.mark.parametrize(("name", "state"), overtaken())
@pytest.mark.area("staff_screens")
def test_whoever_is_overtaken_is_not_told_what_they_do_not_see(
    site: Site, cast: Cast, name: str, state: str
) -> None:
    try:
        record = site.record_in(state, owner=cast.owner if FLOW.creators() else None)
    except LookupError:
        return
    people = [Viewer(role) for role in FLOW.person_roles] + [
        Viewer(field.role, named=field.name) for field in FLOW.person_fields.values()
    ]
    for viewer in people:
        client = viewer.client(site, cast, record)
        editable = FLOW.editable(client.actor, record) if client else []
        if client is None or not editable or name not in FLOW.unseen(client.actor, record):
            continue
        pages = [
            show(client, filled(at, record.id)) for at in TABLE.pages(site.name, "record", "edit")
        ]
        form = next(filter(None, (page.form_with(*editable[:1]) for page in pages)))
        for other in people:
            editor = other.client(site, cast, record) if other.role != viewer.role else None
            if editor is None or name not in FLOW.editable(editor.actor, record):
                continue
            mark = site.new_name()[-6:].replace("-", "q")
            accepted(editor.edit(record, {name: telling(name, mark, 1)}), f"{other} edits {name}")
            viewer.client(site, cast, record)
            page = Page(send(client, form))
            assert not page.answer.is_redirect, "a form that was opened earlier is saved"
            assert not told(page.text, record, name), f"{viewer} is told what {other} has written"
            return


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.area("staff_screens")
def test_the_page_of_the_report_adds_up_what_is_seen(site: Site, cast: Cast, name: str) -> None:
    if FLOW.fields[name].type != "money":
        return
    for role in (*FLOW.person_roles, ADMIN):
        client = site.set_roles(cast.owner, role)
        if FLOW.sees(client.actor) == "none":
            continue
        report = accepted(client.get(f"{FLOW.path}/report"))["states"]
        totals = [f"{Decimal(state['totals'][name]):,.2f}" for state in report]
        for path in TABLE.pages(site.name, "report"):
            rows = show(client, path).rows
            for total, state in zip(totals, FLOW.states.values(), strict=True):
                label = " ".join(state.label.split())
                [row] = [row for row in rows if row and row[0] == label]
                assert total in row, f"{role} reads {row} of {state.name}, expected {total}"
