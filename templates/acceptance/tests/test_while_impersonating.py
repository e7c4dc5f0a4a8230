"""While somebody acts for another: what they see, what they may not do, and what is kept of what they did."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from suite.acting import (
    FIRST,
    HALF_AN_HOUR,
    Pair,
    Two,
    every_pair,
    newest,
    one_pair,
    some_records,
)
from suite.client import accepted, refused
from suite.contract import operations
from suite.creation import required
from suite.outlets import filled, outlets
from suite.parts import Record
from suite.people import PASSWORD
from suite.planner import REASON
from suite.screens import Page, pages_of, send, show
from suite.site import Site
from suite.workflow import STATUS
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
TABLE = outlets()


# What is seen


def without_transitions(answer: Any) -> Any:
    """The body of an answer, as it is while nothing may be decided."""
    body = answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
    if isinstance(body, dict) and body.get("transitions"):
        body = {**body, "transitions": []}
    return answer.status_code, body


@every_pair
def test_every_answer_is_the_one_that_the_person_gets(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    records = some_records(site, both.person)
    ways = [(path, {}) for path in TABLE.reads("records", "some", "report")]
    ways += [(FLOW.path, {"q": "e", "sort": f"-{name}"}) for name in FLOW.hidden]
    ways += [(filled(path, r.id), {}) for path in TABLE.reads("record") for r in records]
    with both.acting() as helper:
        for path, params in ways:
            theirs, got = both.person.get(path, **params), helper.get(path, **params)
            assert without_transitions(got) == without_transitions(theirs), f"{path} differs"


def told(pages: list[Page]) -> list[list[str]]:
    """What tables say of records and states; a cell in which records are ticked is empty."""
    labels = {" ".join(state.label.split()) for state in FLOW.states.values()}
    rows = [[cell for cell in row if cell] for page in pages for row in page.rows]
    return [row for row in rows if row and (row[0].isdecimal() or row[0] in labels)]


@every_pair
def test_every_page_has_what_the_person_sees(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    records = some_records(site, both.person)
    own = {
        record.id: accepted(both.helper.read(record))
        for record in records
        if both.helper.read(record).is_success
    }
    with both.acting() as helper:
        for path in TABLE.pages(site.name, "records", "report"):
            theirs, got = (list(pages_of(c, path)) for c in (both.person, helper))
            shown = [TABLE.shown(site.name, pages) for pages in (got, theirs)]
            assert shown[0] == shown[1], f"{path} shows other records"
            assert told(got) == told(theirs), f"{path} says something else"
        for path in TABLE.pages(site.name, "record"):
            for record in records:
                theirs, got = (show(c, filled(path, record.id)) for c in (both.person, helper))
                about = f"{path} of a record in {record.state}"
                assert got.answer.status_code == theirs.answer.status_code, about
                seen = both.person.read(record)
                shown = accepted(seen) if seen.is_success else {}
                unseen = {
                    str(x)
                    for n, x in own.get(record.id, {}).items()
                    if n in FLOW.hidden and x and n not in shown
                }
                leaked = [
                    x for x in unseen if len(x) > 3 and x in got.text and x not in theirs.text
                ]
                assert not leaked, f"{about} tells what only the helper sees: {leaked}"
                assert got.asked() >= theirs.asked() & set(FLOW.fields), f"{about} lacks a field"


@every_pair
def test_nothing_waits_for_whoever_acts_for_somebody(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    some_records(site, both.person)
    with both.acting() as helper:
        for path in TABLE.pages(site.name, "records"):
            page = show(helper, path)
            for link in {each for each in page.links if "waiting" in urlsplit(each).query}:
                assert not TABLE.shown(site.name, [show(helper, link)]), f"{link} has records"
        first = show(helper, "/")
        assert "waiting" not in urlsplit(first.url).query, "the first page is what waits for them"


# What is not done


@every_pair
def test_nothing_is_decided_for_somebody(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    records = some_records(site, both.person)
    with both.acting() as helper:
        for record in records:
            if not FLOW.visible(helper.actor, record):
                continue
            assert accepted(helper.read(record))["transitions"] == []
            for name in FLOW.names:
                wanted = FLOW.answer(helper.actor, record, name, comment=REASON)
                assert isinstance(wanted, str)
                refused(helper.move(record, name, REASON), wanted, f"{name} in {record.state}")
            for path in TABLE.pages(site.name, "record"):
                page = show(helper, filled(path, record.id))
                offered = [name for name in FLOW.names if page.form_for(name)]
                assert not offered, f"{path} in {record.state} offers {offered}"


@pytest.mark.parametrize("name", FLOW.bulk if FIRST else ())
@every_pair
def test_nothing_is_decided_for_somebody_in_bulk(
    site: Site, two: Pair, pair: tuple[str, str], name: str
) -> None:
    both = two(pair)
    records = some_records(site, both.person)
    with both.acting() as helper:
        answer = accepted(helper.move_many(name, records, REASON))
        assert answer["done"] == []
        for told, record in zip(answer["refused"], records, strict=True):
            wanted = FLOW.answer(helper.actor, record, name, comment=REASON)
            assert told["code"] == wanted, f"{name} in {record.state} → {told['code']}"
            assert told["status"] == STATUS[told["code"]]
        for path in TABLE.pages(site.name, "records"):
            assert not show(helper, path).ticking(name), f"{path} offers {name}"


@every_pair
def test_nothing_is_created_for_somebody(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    with both.acting() as helper:
        refused(helper.post(FLOW.path, required()), "forbidden", "creating")
        if FLOW.imports:
            refused(helper.upload(",".join(FLOW.imports).encode()), "forbidden", "importing")
        for path in TABLE.pages(site.name, "none"):
            if path.rstrip("/").rsplit("/")[-1] in ("add", "new") and "impersonation" not in path:
                page = show(helper, path)
                assert not page.asked() & set(FLOW.fields), f"{path} is open"
        for page in show(helper, "/"), show(helper, FLOW.path.removeprefix("/api")):
            links = [urlsplit(link).path.rstrip("/").rsplit("/")[-1] for link in page.links]
            assert not {"add", "new"} & set(links), f"{page.path} leads to a new record"


@one_pair
def test_nobody_is_administered_and_no_password_changed(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    at = f"/api/users/{both.person.actor.username}"
    with both.acting() as helper:
        for operation in ("list_users", "list_follow_ups", "list_impersonations"):
            refused(helper.get(operations()[operation][1]), "forbidden", operation)
        refused(helper.patch(at, {"active": True}), "forbidden")
        refused(helper.post("/api/users", {"nonsense": 1}), "forbidden")
        refused(helper.post(f"{at}/grants", {"nonsense": 1}), "forbidden")
        closed = [path for path in TABLE.pages(site.name, "none") if "password" in path]
        assert closed, "no page changes a password"
        for path in closed:
            page = show(helper, path)
            assert page.answer.status_code == 403, f"{path} → {page.answer.status_code}"
            form = show(both.person, path).forms[-1]
            form.fill(**dict.fromkeys(form.names(), PASSWORD))
            for each in form.inputs:
                if each.kind == "hidden":
                    each.value = helper.csrf or ""
            assert send(helper, form).status_code == 403, f"{path} changes a password"
            linked = {urlsplit(link).path for link in show(helper, "/").links}
            assert path not in linked, f"the first page leads to {path}"


# What is done, and by whom


def editable(site: Site, both: Two) -> Record | None:
    """A record that the person may edit now, if the suite finds one."""
    for record in some_records(site, both.person):
        if FLOW.refuses_edit(both.person.actor, record, []) is None:
            return record
    return None


@every_pair
def test_the_history_has_both_names(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    own, person = both.helper.actor.username, both.person.actor.username
    records = some_records(site, both.person)
    record = editable(site, both) or next(
        (r for r in records if FLOW.visible(both.person.actor, r)), None
    )
    if record is None:
        return
    called = {u: f"Suite {u}" for u in (own, person)}
    accepted(both.person.comment(record, "of the person alone"))
    with both.acting() as helper:
        for path in TABLE.pages(site.name, "record"):
            assert (
                f"{called[own]} for {called[person]}"
                not in show(helper, filled(path, record.id)).text
            )
        entry = accepted(helper.comment(record, "of both"))
        assert (entry["actor"], entry["impersonator"]) == (person, own)
        if FLOW.refuses_edit(helper.actor, record, []) is None:
            accepted(helper.edit(record, {}), "an edit as the person may make it")
        for path in TABLE.pages(site.name, "record"):
            page = show(helper, filled(path, record.id))
            assert f"{called[own]} for {called[person]}" in page.text, f"{path} lacks a name"
    items = accepted(site.admin.history(record))["items"]
    alone = next(item for item in items if item["comment"] == "of the person alone")
    assert (alone["actor"], alone["impersonator"]) == (person, None)
    for item in items[items.index(alone) + 1 :]:
        assert (item["actor"], item["impersonator"]) == (person, own), f"{item['action']}"
    trail = [p for p in TABLE.pages(site.name, "admins") if "audit" in p and "{" not in p]
    for path in trail:
        assert f"{called[own]} for {called[person]}" in show(site.admin, path).text, path
        page = show(site.admin, path)
        form = page.search_form()
        assert form is not None
        next(each for each in form.inputs if each.kind in ("text", "search")).value = own
        assert "of both" in Page(send(site.admin, form)).text, f"{path} does not find the helper"


@every_pair
def test_what_the_person_may_not_edit_nobody_edits_for_them(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    records = some_records(site, both.person)
    with both.acting() as helper:
        for record in records:
            wanted = FLOW.refuses_edit(helper.actor, record, [])
            if wanted is not None:
                refused(helper.edit(record, {}), wanted, f"an edit in {record.state}")
            else:
                fields = accepted(helper.read(record))["editable"]
                assert fields == FLOW.editable(both.person.actor, record)


@one_pair
def test_who_acted_for_whom_and_why_is_kept_for_admins(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    reason = f"Ticket {both.helper.actor.username}, <b>seen</b>"
    before = datetime.now(UTC)
    with both.acting(f"  {reason} \n"):
        row = newest(site)
        started, ends = (datetime.fromisoformat(row[word]) for word in ("started_at", "ends_at"))
        assert row["impersonator"] == both.helper.actor.impersonator
        assert (row["person"], row["reason"]) == (both.person.actor.username, reason)
        assert before - timedelta(seconds=2) <= started <= datetime.now(UTC)
        assert ends - started == pytest.approx(HALF_AN_HOUR, abs=timedelta(seconds=2))
    row = newest(site)
    assert datetime.fromisoformat(row["ends_at"]) <= datetime.now(UTC), "its end is not kept"
    [page_two] = accepted(site.admin.get("/api/impersonations", page=2, size=1))["items"] or [row]
    assert page_two["id"] <= row["id"], "the newest is not first"
    for client in (both.helper, both.person, site.visitor()):
        code = "forbidden" if client.actor.username else "not_signed_in"
        refused(client.get("/api/impersonations"), code)
    kept = [p for p in TABLE.pages(site.name, "admins") if "impersonation" in p and "{" not in p]
    assert kept, "no page has who acted for whom"
    for path in kept:
        page = show(site.admin, path)
        cells = [cell for row in page.rows for cell in row]
        for client in (both.helper, both.person):
            name = f"Suite {client.actor.username}"
            assert name in cells, f"{path} lacks {name}"
        assert reason in cells, f"{path} lacks the reason"
        assert show(both.helper, path).answer.status_code == 403, f"{path} is open"
