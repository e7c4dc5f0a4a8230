"""Acting for somebody: who may, for whom, what they see and may not do meanwhile, how it ends, and what is kept of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from suite.client import IMPERSONATION, Client, accepted, refused, verdict
from suite.contract import operations
from suite.creation import required
from suite.outlets import filled, outlets
from suite.parts import ADMIN, Actor, Record
from suite.plan import way_to
from suite.planner import REASON
from suite.screens import Page, crawl, pages_of, send, show
from suite.site import PASSWORD, Site
from suite.workflow import STATUS
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
TABLE = outlets()
PAIRS = [
    (role, other) for role in FLOW.impersonating for other in sorted(FLOW.roles[role].impersonates)
]
FIRST = PAIRS[:1]
HALF_AN_HOUR = timedelta(minutes=30)
STOP = "stop"
Ago = Callable[[timedelta], Site]


def names(pair: tuple[str, str]) -> str:
    return f"{pair[0]} for {pair[1]}"


every_pair = pytest.mark.parametrize("pair", PAIRS, ids=names)
one_pair = pytest.mark.parametrize("pair", FIRST, ids=names)


@dataclass
class Two:
    """Somebody who may act for others, and one of those, both signed in."""

    site: Site
    helper: Client
    person: Client

    @contextmanager
    def acting(self, reason: str = REASON) -> Iterator[Client]:
        """The helper while they act for the person, and themselves again afterwards."""
        own = self.helper.actor
        accepted(self.helper.impersonate(self.person.actor.username, reason), "acting for somebody")
        self.helper.actor = replace(self.person.actor, impersonator=own.username)
        try:
            yield self.helper
        finally:
            self.helper.actor = own
            self.helper.stop_impersonating()


@pytest.fixture(scope="module")
def two(site: Site) -> Callable[[tuple[str, str]], Two]:
    """The two people of a pair of roles, the same ones each time."""
    known: dict[tuple[str, str], Two] = {}

    def find(pair: tuple[str, str]) -> Two:
        if pair not in known:
            known[pair] = Two(site, site.new_person(pair[0]), site.new_person(pair[1]))
        return known[pair]

    return find


Pair = Callable[[tuple[str, str]], Two]


def who(client: Client) -> tuple[str, str | None]:
    """Whose session it is, and who acts for them."""
    session = accepted(client.get("/api/session"))
    impersonator = session["impersonator"]
    return session["username"], impersonator and impersonator["username"]


def is_oneself(client: Client, why: str = "") -> None:
    """Assert that the helper acts for nobody."""
    session = accepted(client.get("/api/session"), why)
    assert session["username"] == client.actor.username, f"still somebody else: {why}"
    assert (session["impersonator"], session["impersonation_ends_at"]) == (None, None)
    assert set(session["roles"]) == client.actor.roles


def newest(site: Site, **params: Any) -> dict[str, Any]:
    """The newest of those who acted for somebody."""
    return accepted(site.admin.get("/api/impersonations", **params, size=1))["items"][0]


# Who, and for whom


@every_pair
def test_whoever_may_is_the_person_until_they_stop(two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    helper, person = both.helper.actor, both.person.actor
    is_oneself(both.helper)
    began = accepted(both.helper.impersonate(person.username, REASON))
    now = accepted(both.helper.get("/api/session"))
    theirs = accepted(both.person.get("/api/session"))
    for session in (began, now):
        for word in ("username", "name", "roles"):
            assert session[word] == theirs[word], f"{word} is {session[word]}"
        assert session["may"] == {**theirs["may"], "create": False}
        assert session["impersonator"]["username"] == helper.username
        assert session["impersonator"]["name"], "nobody knows who acts for them"
        left = datetime.fromisoformat(session["impersonation_ends_at"]) - datetime.now(UTC)
        assert HALF_AN_HOUR - timedelta(minutes=1) < left <= HALF_AN_HOUR, f"it lasts {left}"
    assert theirs["impersonator"] is None, "the person acts for themselves"
    ended = accepted(both.helper.stop_impersonating())
    assert ended["username"] == helper.username
    assert (ended["impersonator"], ended["impersonation_ends_at"]) == (None, None)
    is_oneself(both.helper, "they stopped")


@pytest.mark.parametrize(
    "role", [r for r in (*FLOW.roles, ADMIN, "nobody") if FIRST and r not in FLOW.impersonating]
)
def test_nobody_else_acts_for_anybody(site: Site, two: Pair, role: str) -> None:
    username = two(PAIRS[0]).person.actor.username
    service = role in FLOW.service_roles
    client = site.service(role) if service else site.new_person(*{role} - {"nobody"})
    for body in (
        {"username": username, "reason": REASON},
        {"username": "nobody-is-called-so", "reason": REASON},
        {"username": username, "reason": ""},
    ):
        refused(client.post(IMPERSONATION, body), "forbidden", f"{role} asks with {body}")
    assert who(client) == (client.actor.username, None)


def others(pair: tuple[str, str]) -> list[tuple[str, ...]]:
    """Roles of people for whom the first of a pair must not act."""
    allowed = FLOW.roles[pair[0]].impersonates
    barred = [role for role in (*FLOW.person_roles, ADMIN) if role not in allowed]
    return [(), *((role,) for role in barred), *((pair[1], role) for role in barred)]


@pytest.mark.parametrize(
    ("pair", "roles"),
    [pytest.param(p, roles, id=f"{p[0]} for {roles}") for p in PAIRS for roles in others(p)],
)
def test_nobody_acts_for_people_with_other_roles(
    site: Site, two: Pair, pair: tuple[str, str], roles: tuple[str, ...]
) -> None:
    both = two(pair)
    assert not FLOW.may_impersonate(both.helper.actor, Actor("other", frozenset(roles)))
    username = site.add_person(*roles)
    refused(both.helper.impersonate(username, REASON), "forbidden", f"acting for {roles}")
    is_oneself(both.helper)


@every_pair
def test_a_role_until_a_date_counts_as_long_as_it_lasts(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    until = {"until": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    username = site.add_person()
    grants = f"/api/users/{username}/grants"
    accepted(site.admin.post(grants, {"role": pair[1], **until}))
    accepted(both.helper.impersonate(username, REASON), "the person has the role for a while")
    accepted(both.helper.stop_impersonating())
    accepted(site.admin.post(grants, {"role": ADMIN, **until}))
    refused(both.helper.impersonate(username, REASON), "forbidden", "an admin for a while")
    helper = site.new_person()
    path = f"/api/users/{helper.actor.username}/grants"
    accepted(site.admin.post(path, {"role": pair[0], **until}))
    accepted(helper.impersonate(both.person.actor.username, REASON), "a helper for a while")
    accepted(helper.stop_impersonating())


@one_pair
def test_nobody_acts_for_themselves_a_service_the_disabled_or_the_unknown(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    refused(both.helper.impersonate(both.helper.actor.username, REASON), "forbidden", "themselves")
    for role in FLOW.service_roles:
        refused(both.helper.impersonate(role, REASON), "forbidden", f"the service {role}")
    username = site.add_person(pair[1])
    accepted(site.admin.patch(f"/api/users/{username}", {"active": False}))
    refused(both.helper.impersonate(username, REASON), "forbidden", "somebody who is disabled")
    for unknown in ("nobody-is-called-so", "Not A Name"):
        refused(both.helper.impersonate(unknown, REASON), "not_found", unknown)
    is_oneself(both.helper)


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", x) for x in (None, "", " \n ", "x" * 2001, "a\x00b", ["because"]) if FIRST]
    + [("username", x) for x in (None, "", "x" * 151) if FIRST]
    + [("nonsense", x) for x in (1,) if FIRST],
)
def test_what_is_not_said_right_is_refused(two: Pair, field: str, value: Any) -> None:
    both = two(PAIRS[0])
    body = {"username": both.person.actor.username, "reason": REASON}
    for given in ({**body, field: value}, {k: x for k, x in body.items() if k != field}):
        if field in given or field in body:
            problem = refused(both.helper.post(IMPERSONATION, given), "invalid", f"{given}")
            assert {each["field"] for each in problem["errors"]} == {field}
    is_oneself(both.helper)


@one_pair
def test_it_neither_begins_nor_ends_twice(two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    for client in (both.helper, both.person, both.site.admin):
        refused(client.stop_impersonating(), "wrong_state", "nobody acts for anybody")
    with both.acting():
        username = both.person.actor.username
        refused(both.helper.impersonate(username, REASON), "wrong_state", "a second time")
        refused(both.helper.impersonate("nobody-is-called-so", REASON), "not_found")
        refused(both.helper.impersonate(username, ""), "invalid")
        assert who(both.helper) == (username, both.helper.actor.impersonator)


@one_pair
def test_only_the_session_in_which_it_began_is_that_of_the_person(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    username = site.add_person(pair[0])
    first, second = site.sign_in(username, PASSWORD), site.sign_in(username, PASSWORD)
    accepted(first.impersonate(both.person.actor.username, REASON))
    is_oneself(second, "another browser")
    assert who(first) == (both.person.actor.username, username)
    accepted(first.stop_impersonating())


@pytest.mark.parametrize("role", FLOW.service_roles[:1] if FIRST else ())
def test_a_token_is_its_service_whatever_the_session(site: Site, two: Pair, role: str) -> None:
    both = two(PAIRS[0])
    bearer = {"Authorization": site.service(role).http.headers["Authorization"]}
    with both.acting() as helper:
        answer = helper.request("GET", "/api/session", headers=bearer)
        assert (answer.json()["username"], answer.json()["impersonator"]) == (role, None)
    body = {"username": both.person.actor.username, "reason": REASON}
    answer = both.helper.post(IMPERSONATION, body, headers=bearer)
    refused(answer, "forbidden", "a token with a session beside it")
    is_oneself(both.helper)


# What is seen


def some_records(site: Site, person: Client) -> list[Record]:
    """Records in every state: those of the person, where they create, and others'."""
    creates = any(FLOW.roles[role].creates for role in person.actor.roles)
    found = []
    for state in FLOW.states:
        if way_to(state) is not None:
            found.append(site.standing(state, key="impersonates"))
        if creates and any(way_to(state, creator=role) for role in person.actor.roles):
            found.append(site.standing(state, owner=person))
    return found


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


# The screens


def starting(site: Site) -> str:
    """The address of the page on which somebody begins to act for another."""
    [path] = [p for p in TABLE.pages(site.name, "none") if "impersonation" in p]
    return path


def banner(page: Page) -> bool:
    """Whether the page says for whom somebody acts, and has a button that ends it."""
    return page.form_for(STOP) is not None and "You act for" in page.text


@one_pair
def test_a_page_offers_just_those_for_whom_one_may_act(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    path = starting(site)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for granted in (pair[1], ADMIN):
        grants = f"/api/users/{site.add_person(pair[1])}/grants"
        accepted(site.admin.post(grants, {"role": granted, "until": until}))
    site.add_person(pair[1], ADMIN)
    accepted(site.admin.patch(f"/api/users/{site.add_person(pair[1])}", {"active": False}))
    linked = {urlsplit(link).path for link in show(both.helper, "/").links}
    assert path in linked, "the first page does not lead there"
    page = show(both.helper, path)
    form = page.form_with("reason")
    assert form is not None, f"{path} does not ask for a reason"
    [choice] = [each for each in form.inputs if each.kind == "select"]
    offered = [text for text, value in zip(choice.texts, choice.options, strict=True) if value]
    expected = []
    for user in site.all_pages(site.admin, "/api/users"):
        held = frozenset(user["roles"]) | {grant["role"] for grant in user["grants"]}
        other = Actor(user["username"], held)
        if user["active"] and FLOW.may_impersonate(both.helper.actor, other):
            expected.append(f"{user['name']} ({user['username']})")
    assert sorted(offered) == sorted(expected), "others are offered"
    for client in (both.person, site.admin):
        linked = {urlsplit(link).path for link in show(client, "/").links}
        assert path not in linked, f"{client.actor.username} is led to {path}"
        assert show(client, path).answer.status_code == 403, f"{path} is open to others"


@one_pair
def test_it_begins_and_ends_on_the_pages(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    person = f"Suite {both.person.actor.username}"

    def filled_in(reason: str) -> Any:
        form = show(both.helper, starting(site)).form_with("reason")
        assert form is not None
        [choice] = [each for each in form.inputs if each.kind == "select"]
        choice.choose(next(text for text in choice.texts if text.startswith(person)))
        return form.fill(reason=reason)

    answer = send(both.helper, filled_in(" "))
    assert not answer.is_redirect, "no reason is given"
    is_oneself(both.helper)
    answer = send(both.helper, filled_in("They have asked by telephone."))
    assert answer.is_redirect, f"acting for somebody → {answer.status_code}"
    assert who(both.helper)[0] == both.person.actor.username
    assert newest(site)["reason"] == "They have asked by telephone."
    assert show(both.helper, starting(site)).answer.status_code == 403, "another one can be begun"
    found = show(both.helper, "/").form_for(STOP)
    assert found is not None
    send(both.helper, *found)
    is_oneself(both.helper, "the button of the banner")
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC)


@every_pair
def test_every_page_says_for_whom_one_acts(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    some_records(site, both.person)
    known = site.usernames()
    records = dict.fromkeys(TABLE.pages(site.name, "record")[:1], 3)
    person = f"Suite {both.person.actor.username}"
    with both.acting() as helper:
        ends = accepted(helper.get("/api/session"))["impersonation_ends_at"]
        pages = crawl(helper, lambda at: TABLE.shape(site.name, at, known), records)
        pages |= {
            path: show(helper, path) for path in TABLE.pages(site.name, "admins") if "{" not in path
        }
        pages["nowhere"] = show(helper, filled(TABLE.pages(site.name, "record")[0], 999_999_999))
        html = {shape: page for shape, page in pages.items() if page.kind == "text/html"}
        for shape, page in html.items():
            assert banner(page), f"{shape} does not say for whom one acts"
            assert f"You act for {person} until {ends[11:16]}" in page.text, shape
        assert len(html) > len(TABLE.pages(site.name, "admins")) / 2, "no pages are reached"
    for client in (both.helper, both.person):
        pages = crawl(client, lambda at: TABLE.shape(site.name, at, known), {})
        said = [shape for shape, page in pages.items() if banner(page)]
        assert not said, f"{said} say that somebody acts for another"


# How it ends


@one_pair
@pytest.mark.started
def test_it_ends_after_half_an_hour(site: Site, two: Pair, ago: Ago, pair: tuple[str, str]) -> None:
    both = two(pair)
    username = site.add_person(pair[0])
    for minutes, over in ((29, False), (31, True)):
        then = ago(timedelta(minutes=minutes))
        early = then.sign_in(username, PASSWORD)
        now = site.visitor()
        now.http.cookies.update(early.http.cookies)
        now.csrf, now.actor = early.csrf, early.actor
        began = accepted(early.impersonate(both.person.actor.username, REASON))
        assert who(early)[0] == both.person.actor.username, "it has not begun"
        if over:
            is_oneself(now, "half an hour is over")
            ended = datetime.fromisoformat(newest(site)["ends_at"])
            assert ended < datetime.now(UTC) - timedelta(seconds=30), "it ends when it is noticed"
            refused(now.stop_impersonating(), "wrong_state")
        else:
            for _ in range(2):
                session = accepted(now.get("/api/session"))
                assert session["username"] == both.person.actor.username, "it ends too early"
                ends = session["impersonation_ends_at"]
                assert ends == began["impersonation_ends_at"], "each request makes it longer"
            accepted(now.stop_impersonating())


@one_pair
def test_it_ends_when_the_helper_signs_out(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    username = site.add_person(pair[0])
    helper = site.sign_in(username, PASSWORD)
    accepted(helper.impersonate(both.person.actor.username, REASON))
    cookies = dict(helper.http.cookies)
    accepted(helper.delete("/api/session"), "signing out")
    helper.http.cookies.update(cookies)
    refused(helper.get("/api/session"), "not_signed_in", "the session lives on")
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC), "no end is kept"
    is_oneself(site.sign_in(username, PASSWORD), "signed in again")


@one_pair
def test_it_ends_when_the_helper_signs_in_again(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    helper = site.sign_in(site.add_person(pair[0]), PASSWORD)
    accepted(helper.impersonate(both.person.actor.username, REASON))
    session = accepted(helper.sign_in(helper.actor.username, PASSWORD))
    helper.csrf = session["csrf_token"]
    is_oneself(helper, "signed in again")
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC), "no end is kept"


def changes(pair: tuple[str, str]) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """What ends it: of whom, what changes, and what it was before."""
    return {
        "the person is disabled": ("person", {"active": False}, {"active": True}),
        "the person becomes an admin": (
            "person",
            {"roles": sorted([pair[1], ADMIN])},
            {"roles": [pair[1]]},
        ),
        "the person loses the role": ("person", {"roles": []}, {"roles": [pair[1]]}),
        "the helper loses the role": ("helper", {"roles": []}, {"roles": [pair[0]]}),
        "the helper is disabled": ("helper", {"active": False}, {"active": True}),
    }


@pytest.mark.parametrize(
    ("pair", "what"), [pytest.param(p, w, id=f"{names(p)}: {w}") for p in FIRST for w in changes(p)]
)
def test_it_ends_from_the_next_request_on(site: Site, pair: tuple[str, str], what: str) -> None:
    """And does not begin again when all is as it was."""
    names = {"helper": site.add_person(pair[0]), "person": site.add_person(pair[1])}
    helper = site.sign_in(names["helper"], PASSWORD)
    accepted(helper.impersonate(names["person"], REASON))
    of, change, back = changes(pair)[what]
    accepted(site.admin.patch(f"/api/users/{names[of]}", change), what)
    if "helper is disabled" in what:
        refused(helper.get("/api/session"), "not_signed_in", what)
    else:
        if "helper loses" in what:
            helper.actor = replace(helper.actor, roles=frozenset())
        is_oneself(helper, what)
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC), "no end is kept"
    accepted(site.admin.patch(f"/api/users/{names[of]}", back))
    helper.actor = replace(helper.actor, roles=frozenset({pair[0]}))
    if verdict(helper.get("/api/session")) == "ok":
        is_oneself(helper, "it begins again by itself")


@one_pair
def test_a_role_until_a_date_ends_it_too(site: Site, pair: tuple[str, str]) -> None:
    person = site.add_person(pair[1])
    helper = site.new_person(pair[0])
    accepted(helper.impersonate(person, REASON))
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    accepted(site.admin.post(f"/api/users/{person}/grants", {"role": ADMIN, "until": until}))
    refused(helper.get("/api/users"), "forbidden", "the rights of an admin")
    is_oneself(helper, "the person is an admin for a while")
