"""Every place where a record, a part of it or a number about it leaves the spike, for everybody.

What somebody may not see is missing there, and what they may see is complete. `outlets.yml` has the places.
"""

import csv
import io
from collections.abc import Iterator
from itertools import chain, cycle
from typing import Any
from urllib.parse import urlencode

import pytest

from suite.client import Client, accepted, refused, verdict
from suite.contract import operations
from suite.outlets import FILE, endpoints, filled, outlets
from suite.parts import ADMIN
from suite.screens import pages_of, show
from suite.site import Site
from suite.workflow_file import workflow
from suite.world import (
    EVERYBODY,
    MONEY,
    PARTLY,
    PEOPLE,
    RESTRICTED,
    SIGHT,
    WORDED,
    Variant,
    World,
    filters,
    ids,
    said,
    search,
)

pytestmark = [pytest.mark.area("sign_in_and_permissions"), pytest.mark.first]
FLOW = workflow()
TABLE = outlets()
SORTS = ["id", "state", "created_at", "updated_at"] + [
    field.name for field in FLOW.fields.values() if field.type != "long_text"
]
SHOWN = ["id", "version", "state", "owner", "created_at", "updated_at", *FLOW.open_fields]


def orders(role: str) -> Iterator[Variant]:
    """Every order for whoever sees a part; one for others."""
    names = SORTS if role in PARTLY else SORTS[:1]
    yield from ({"sort": f"{sign}{name}"} for name in names for sign in ("", "-"))


def pages() -> Iterator[Variant]:
    """Small and great pages."""
    yield from ({"page": page, "size": 3} for page in (1, 2))
    yield {"size": 100}


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
    for record in (
        *world.mine[:1],
        *world.colleagues[:1],
        *world.others[:: 1 if role in PARTLY else 3],
    ):
        place = next(places)
        page = accepted(client.records(q=f"{world.words[record.id]}{chr(97 + place)}"))
        expected = [record.id] if record.id in seen else []
        assert (ids(page["items"]), page["total"]) == (expected, len(expected)), (
            f"{role} searches for what {WORDED[place]} of a record in {record.state} has"
        )


def export(client: Client, **params: Any) -> list[dict[str, str]]:
    answer = client.get(f"{FLOW.path}/export.csv", header="names", **params)
    assert answer.status_code == 200, f"{answer.request.url.path} → {answer.status_code}"
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def exports() -> list[tuple[str, str]]:
    """Who asks for the export, of which state."""
    return [
        (role, state)
        for role in EVERYBODY
        for state in ("", *(FLOW.states if role in PARTLY or role == ADMIN else ()))
    ]


@pytest.mark.parametrize(("role", "state"), exports())
def test_the_export_has_all_that_may_be_seen(world: World, role: str, state: str) -> None:
    expected = [r for r in world.visible(role) if state in ("", r["state"])]
    found = export(world.client(role), state=state)
    assert sorted(int(row["id"]) for row in found) == ids(expected)


@pytest.mark.parametrize("role", EVERYBODY if WORDED else [], scope="module")
def test_the_export_of_a_search_has_what_may_be_seen(world: World, role: str) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    for record in (*world.mine[:1], *world.colleagues[:1], *world.others[:1]):
        found = export(client, q=world.words[record.id])
        assert [int(row["id"]) for row in found] == ([record.id] if record.id in seen else [])


@pytest.mark.parametrize("role", EVERYBODY, scope="module")
def test_the_report_is_about_what_may_be_seen(world: World, role: str) -> None:
    report = accepted(world.client(role).get(f"{FLOW.path}/report"))
    assert [state["state"] for state in report["states"]] == list(FLOW.states)
    for state in report["states"]:
        state["totals"] = {name: state["totals"][name] for name in MONEY}
    told = {state["state"]: (state["count"], state["totals"]) for state in report["states"]}
    assert told == world.report(role), f"the report for {role}"


@pytest.mark.parametrize("path", TABLE.reads("record"))
@pytest.mark.parametrize("role", EVERYBODY, scope="module")
def test_an_endpoint_shows_a_record_to_whoever_may_see_it(
    world: World, role: str, path: str
) -> None:
    client = world.client(role)
    seen = ids(world.visible(role))
    records = world.records
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
    for record in (each for each in world.records if each.id in seen):
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


@pytest.mark.parametrize("operation", operations())
def test_every_endpoint_of_the_contract_has_a_kind(operation: str) -> None:
    method, path = operations()[operation]
    plain = "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
    assert f"{method} {plain}" in TABLE.endpoints, f"{FILE.name} lacks {method} {plain}"


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
    for page in world.lists(client):
        address = search(client, page, word).url
        assert len(world.shown(pages_of(client, address))) == copied + 1, "page after page"
    copied += world.site.multiply(own, client, 1_050)
    listed = world.site.all_pages(client, FLOW.path, q=word, sort="id")
    expected = [record["id"] for record in listed]
    assert len(expected) == len(set(expected)) == copied + 1, "the list, page after page"
    for params in ({"q": word}, {"q": word, "state": own.state}, {"state": own.state}, {}):
        found = [int(row["id"]) for row in export(client, **params)]
        assert len(found) == len(set(found)), f"the export {params} has records twice"
        total = accepted(client.records(**params, size=1))["total"]
        assert len(found) == total > 1_000, f"the export {params} has {len(found)} of {total}"
        assert set(found) >= set(expected), f"the export {params} lacks records"
    files = [show(client, path) for path in TABLE.pages(world.spike, "records")]
    for page in (each for each in files if each.kind == "text/csv"):
        assert set(world.shown([page])) >= set(expected), f"{page.path} lacks records"
    report = accepted(client.get(f"{FLOW.path}/report"))
    counts = {state["state"]: state["count"] for state in report["states"]}
    assert counts[own.state] > copied, "the report counts past one page"
