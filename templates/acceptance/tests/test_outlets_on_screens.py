"""Every place on the screens where a record, a part of it or a number about it is shown, for everybody.

What somebody may not see is missing there, and what they may see is complete. `outlets.yml` has the places.
"""

from urllib.parse import parse_qsl, urlsplit

import pytest

from suite.outlets import filled, outlets
from suite.parts import ADMIN
from suite.screens import numbers, pages_of, show
from suite.workflow_file import workflow
from suite.world import PARTLY, PEOPLE, SIGHT, WORDED, World, asked, ids, search, sorts

pytestmark = [pytest.mark.area("sign_in_and_permissions"), pytest.mark.first]
FLOW = workflow()
TABLE = outlets()
SIGHTED = [role for role in PEOPLE if SIGHT[role] == "all"]


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_a_page_of_records_has_all_that_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    expected = ids(world.visible(role))
    for path in TABLE.pages(world.spike, "records"):
        pages = list(pages_of(client, path))
        assert world.shown(pages) == expected, f"{path} for {role}"
        for page in pages:
            world.silent(role, page.text, path)


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_the_filters_of_a_page_have_all_that_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    visible = world.visible(role)
    filters = {
        (state, address)
        for page in world.lists(client)
        for address in asked(page, "")
        for state in FLOW.states
        if state in dict(parse_qsl(urlsplit(address).query)).values()
    }
    known = {state for state, _ in filters}
    assert known == set(FLOW.states) or not visible, f"pages can only be filtered by {known}"
    files = {path for path in TABLE.pages(world.spike, "records") if "export" in path}
    for state, address in sorted(filters)[:: 1 if role in PARTLY else 3]:
        expected = [record for record in visible if record["state"] == state]
        pages = list(pages_of(client, address))
        assert world.shown(pages) == ids(expected), f"{address} for {role}"
        for link in [link for link in pages[0].links if urlsplit(link).path in files]:
            assert world.shown([show(client, link)]) == ids(expected), f"{link} for {role}"


@pytest.mark.parametrize("role", [role for role in PEOPLE if SIGHT[role] == "all"][:1])
def test_a_page_of_records_can_be_sorted(world: World, role: str) -> None:
    client = world.client(role)
    for page in world.lists(client):
        links = [link for link in page.links if urlsplit(link).path == page.path]
        begin = [TABLE.listed(world.spike, show(client, link)) for link in links if sorts(link)]
        oldest = ids(world.visible(role))
        numbered = [each for each in begin if each and each == oldest[: len(each)]]
        assert numbered, f"{page.path} cannot be sorted by the number of the record"


@pytest.mark.parametrize("role", PEOPLE if WORDED else [], scope="module")
def test_the_search_of_a_page_finds_only_what_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    for page in world.lists(client):
        for record in (*world.mine[:1], *world.colleagues[:1], *world.others[:3]):
            found = world.shown([search(client, page, world.words[record.id])])
            assert found == ([record.id] if record.id in seen else []), (
                f"{role} searches {page.path} for a word of a record in {record.state}"
            )


@pytest.mark.parametrize("role", PEOPLE, scope="module")
def test_a_page_shows_a_record_to_whoever_may_see_it(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    records = world.records
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
    for record in world.records:
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
    expected = world.report(role)
    for path in TABLE.pages(world.spike, "report"):
        page = show(client, path)
        for state, (count, sums) in expected.items():
            label = " ".join(FLOW.states[state].label.split())  # as a browser shows it
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


@pytest.mark.parametrize("role", SIGHTED[:1], scope="module")
def test_an_address_asks_for_nothing_beyond_the_filters(world: World, role: str) -> None:
    """Or whoever sees the list could guess at what is not in it, a letter at a time."""
    for path in TABLE.pages(world.site.name, "records"):
        client = world.client(role)
        plain = world.shown(list(pages_of(client, path)))
        for secret in ("owner__password__startswith", "owned_by.password_hash"):
            page = show(client, path, **{secret: "not-the-start-of-any"})
            told = page.answer.is_success and not world.shown(list(pages_of(client, page.url)))
            assert not (plain and told), f"{path}?{secret}= tells whether it is so"
