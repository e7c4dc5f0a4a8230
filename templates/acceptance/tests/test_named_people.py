"""Fields that name a person: who can be named, and what whoever is named may do."""

from collections.abc import Callable, Collection

import httpx
import pytest

from suite import values as v
from suite.asking import last_entry
from suite.client import Client, accepted, refused
from suite.creation import creator_of, required_beside
from suite.forms import new_form, typed
from suite.matrix import NO_ROLE
from suite.outlets import filled, outlets
from suite.parts import ADMIN, OWNER, Actor, Field, Record, Transition
from suite.people import PASSWORD
from suite.plan import way_to
from suite.planner import REASON
from suite.screens import Form, Input, Page, send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
TABLE = outlets()
NAMES = list(FLOW.person_fields)


@pytest.fixture
def person(site: Site, request: pytest.FixtureRequest) -> Client:
    """Somebody new who holds the role of the field under test."""
    name = request.node.callspec.params.get("name") or request.node.callspec.params["case"][1]
    return site.sign_in(site.add_person(FLOW.fields[name].role), PASSWORD)


def naming(site: Site, name: str) -> Client | None:
    """Somebody who may name a person in the field of a new record."""
    return creator_of(site, name)


def record_naming(site: Site, name: str, person: Client, state: str = "") -> Record:
    """A record of somebody else that names the person in the field."""
    return site.record_with(state or FLOW.first_state, {name: person.actor.username})


def refused_name(answer: httpx.Response, name: str, saying: str) -> None:
    problem = refused(answer, "invalid", saying)
    assert {error["field"] for error in problem["errors"]} == {name}, f"{saying}: {problem}"


def strangers(site: Site, field: Field) -> dict[str, str]:
    """People and services who may not be named, with what is the matter with them."""
    other = next((role for role in FLOW.person_roles if role != field.role), None)
    disabled, ended = site.add_person(field.role), site.add_person(field.role)
    accepted(site.admin.patch(f"/api/users/{disabled}", {"active": False}))
    accepted(site.admin.patch(f"/api/users/{ended}", {"roles": []}))
    found = {
        site.add_person(): "has no role",
        disabled: "is disabled",
        ended: "holds the role no more",
        ADMIN: "only administers",
    }
    found |= {site.add_person(other): f"is {other}"} if other else {}
    return found | dict.fromkeys(FLOW.service_roles[:1], "is a service")


@pytest.mark.parametrize("name", NAMES)
def test_only_who_holds_the_role_can_be_named(site: Site, name: str) -> None:
    field = FLOW.fields[name]
    client = naming(site, name)
    if client is None:
        return
    for username, matter in strangers(site, field).items():
        answer = client.post(FLOW.path, required_beside(name, username))
        refused_name(answer, name, f"{name} of a new record is somebody who {matter}")
    created = accepted(client.post(FLOW.path, required_beside(name, field.people[2])))
    assert created[name] == field.people[2]


@pytest.mark.parametrize("name", NAMES)
def test_a_temporary_role_is_enough_to_be_named(site: Site, name: str) -> None:
    username = site.add_person()
    grant = {"role": FLOW.fields[name].role, "until": "2099-01-01T00:00:00Z"}
    accepted(site.admin.post(f"/api/users/{username}/grants", grant))
    client = naming(site, name)
    if client is not None:
        created = accepted(client.post(FLOW.path, required_beside(name, username)))
        assert created[name] == username


def editor(site: Site, name: str) -> tuple[Client, Record, list[str]] | None:
    """Somebody who may edit the field, on a record of theirs or of others, and what they may edit."""
    for state in FLOW.states.values():
        for role in (OWNER, *FLOW.roles):
            if way_to(state.name) is None or role not in state.edited_by:
                continue
            record = site.record_in(state.name)
            client = site.client_as(*FLOW.creators()[:1]) if role == OWNER else site.client_as(role)
            if name in FLOW.editable(client.actor, record):
                return client, record, FLOW.editable(client.actor, record)
    return None


@pytest.mark.parametrize("name", NAMES)
def test_naming_somebody_else_is_an_edit(site: Site, name: str) -> None:
    found = editor(site, name)
    if found is None:
        return
    client, record, _ = found
    field, before = FLOW.fields[name], record.values[name]
    for username, matter in strangers(site, field).items():
        answer = client.edit(record, {name: username})
        refused_name(answer, name, f"{name} is changed to somebody who {matter}")
    stale = client.edit(record, {name: "nobody.of.this.name"}, version=record.version + 7)
    refused_name(stale, name, "what is wrong comes before what is stale")
    new = v.another(field, before)
    edited = accepted(client.edit(record, {name: new}))
    assert edited[name] == new
    last = last_entry(client, record)
    assert last["changes"] == [{"field": name, "old": before, "new": new}]


@pytest.mark.parametrize("name", NAMES)
def test_whoever_is_named_already_may_stay(site: Site, person: Client, name: str) -> None:
    """However things stand with them by now: old records stay readable and editable."""
    found = editor(site, name)
    if found is None:
        return
    client, record, editable = found
    username = person.actor.username
    accepted(client.edit(record, {name: username}))
    accepted(site.admin.patch(f"/api/users/{username}", {"active": False, "roles": []}))
    other = next((each for each in editable if each != name and each in FLOW.steady), name)
    again = {name: username, other: v.another(FLOW.fields[other], record.values[other])}
    kept = accepted(client.edit(record, again | {name: username}), "the same person once more")
    assert kept[name] == username
    assert accepted(site.admin.read(record))[name] == username
    assert accepted(site.admin.records(q=username))["total"] == 1
    history = accepted(site.admin.history(record))["items"]
    assert username in [c["new"] for item in history for c in item["changes"]]
    page = show(site.admin, site.page_of(record))
    assert f"Suite {username}" in page.text, "the page does not say who is named"
    for form in forms_of(site, client, record):
        box = next((each for each in form.inputs if each.name == name), None)
        if box is not None:
            assert box.shown == f"Suite {username}", "the form drops whoever is named already"
            assert send(client, form).is_redirect, "the form cannot be saved any more"
            assert accepted(site.admin.read(record))[name] == username
            site.wrote(record)
            break


def forms_of(site: Site, client: Client, record: Record) -> list[Form]:
    """The forms of the record's pages."""
    paths = TABLE.pages(site.name, "record")[:1] + TABLE.pages(site.name, "edit")
    pages = [show(client, filled(path, record.id)) for path in paths]
    return [form for page in pages for form in page.forms if form.method == "post"]


def told_of(parties: Callable[[Transition], Collection[str]]) -> list[tuple[str, str, Transition]]:
    """Each state, field and transition where the field is one of these parties."""
    return [
        (state, name, transition)
        for transition in FLOW.transitions
        for name in NAMES
        if name in parties(transition)
        for state in transition.sources
    ]


def acts() -> list[tuple[str, str, Transition]]:
    """Each state, field and transition that whoever is named there may make."""
    return [case for case in told_of(lambda made: made.by) if way_to(case[0]) is not None]


def said(case: tuple[str, str, Transition]) -> str:
    return f"{case[2].name} in {case[0]} by {case[1]}"


@pytest.mark.parametrize("case", acts(), ids=said)
def test_whoever_is_named_may_act_as_long_as_they_hold_the_role(
    site: Site, person: Client, case: tuple[str, str, Transition]
) -> None:
    state, name, transition = case
    role = FLOW.fields[name].role
    try:
        record = record_naming(site, name, person, state)
    except LookupError:
        return
    site.set_roles(person, *[each for each in FLOW.person_roles if each != role][:1])
    check(site, person, record, transition)
    site.set_roles(person, role)
    page = show(person, site.page_of(record))
    expected = FLOW.answer(person.actor, record, transition.name, comment=REASON)
    offered = page.form_for(transition.name) is not None
    assert offered == isinstance(expected, Transition), f"{name} is offered {transition.name}"
    other = site.sign_in(site.add_person(role), PASSWORD)
    check(site, other, record, transition)
    check(site, person, record, transition)


def check(site: Site, client: Client, record: Record, transition: Transition) -> None:
    """Ask for the transition and compare the answer with the workflow's, and what is offered before."""
    expected = FLOW.answer(client.actor, record, transition.name, comment=REASON)
    if FLOW.visible(client.actor, record):
        shown = accepted(client.read(record))
        allowed = [each.name for each in FLOW.open_to(client.actor, record)]
        assert [each["name"] for each in shown["transitions"]] == allowed
        assert shown["editable"] == FLOW.editable(client.actor, record)
    answer = client.move(record, transition.name, REASON)
    if isinstance(expected, str):
        refused(answer, expected, f"somebody asks for {transition.name} in {record.state}")
    else:
        accepted(answer, f"whoever is named asks for {transition.name}")


@pytest.mark.parametrize("case", acts(), ids=said)
def test_naming_somebody_else_counts_from_the_next_request(
    site: Site, person: Client, case: tuple[str, str, Transition]
) -> None:
    state, name, transition = case
    first = FLOW.fields[name].people[0]
    try:
        record = site.record_with(state, {name: first})
    except LookupError:
        return
    for role in (OWNER, *FLOW.roles):
        owner = site.client_as(*FLOW.creators()[:1])
        client = owner if role == OWNER else site.client_as(role)
        if FLOW.refuses_edit(client.actor, record, [name]) is None:
            accepted(client.edit(record, {name: person.actor.username}))
            check(site, site.named(first), record, transition)
            check(site, person, record, transition)
            return


def exclusions() -> list[tuple[str, str, Transition]]:
    """Each state, field and transition that whoever is named there may not make."""
    return told_of(lambda made: made.not_by)


@pytest.mark.parametrize("case", exclusions(), ids=said)
def test_whoever_is_named_may_not_make_what_is_not_for_them(
    site: Site, person: Client, case: tuple[str, str, Transition]
) -> None:
    """Whatever roles they have besides, and whether or not they still hold that of the field.

    Nor where they are named among those who may, too.
    """
    state, name, transition = case
    site.set_roles(person, *FLOW.person_roles)
    fields = {name, *(field for field in NAMES if field in transition.by)}
    try:
        record = site.record_with(state, dict.fromkeys(fields, person.actor.username))
    except LookupError:
        return
    roles = [role for role in FLOW.person_roles if role != FLOW.fields[name].role]
    for held in (FLOW.person_roles, roles):
        site.set_roles(person, *held, ADMIN)
        check(site, person, record, transition)
    site.set_roles(person, *FLOW.person_roles)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if FLOW.roles[FLOW.fields[n].role].sees == "own"]
)
def test_whoever_is_named_sees_the_record_in_the_role(
    site: Site, person: Client, name: str
) -> None:
    record = record_naming(site, name, person)
    path = f"{FLOW.path}/{record.id}"
    role = FLOW.fields[name].role
    for roles, seen in (((role,), True), ((), False), ((role,), True)):
        site.set_roles(person, *roles)
        page = accepted(person.records())
        assert page["total"] == int(seen), f"{roles or NO_ROLE} sees {page['total']} records"
        assert person.get(path).is_success == seen
        assert person.get(f"{path}/history").is_success == seen
        export = person.get(f"{FLOW.path}/export.csv", header="names").text
        assert (len(export.strip().splitlines()) == 2) == seen
        report = accepted(person.get(f"{FLOW.path}/report"))
        assert sum(each["count"] for each in report["states"]) == int(seen)
        opened = show(person, site.page_of(record))
        assert (opened.answer.is_success and opened.path == site.page_of(record)) == seen
        assert FLOW.visible(person.actor, record) == seen


@pytest.mark.parametrize("name", NAMES)
def test_the_form_offers_those_who_can_be_named(site: Site, name: str) -> None:
    field = FLOW.fields[name]
    for role in FLOW.creators()[:1]:
        client = site.client_as(role)
        if name not in FLOW.settable(client.actor):
            return
        shut_out = strangers(site, field)
        users = site.all_pages(site.admin, "/api/users")
        form = new_form(client)
        assert form is not None
        box = next(each for each in form.inputs if each.name == name)
        holders = {
            " ".join(user["name"].split())  # as a browser shows it
            for user in users
            if user["active"]
            and field.role in (*user["roles"], *(each["role"] for each in user["grants"]))
        }
        offered = {text for text, value in zip(box.texts, box.options, strict=True) if value}
        assert offered == holders, f"{offered ^ holders} should be offered or not"
        assert not offered & {f"Suite {username}" for username in shut_out}
        before = accepted(site.admin.records(size=1))["total"]
        form.fill(**{**typed(FLOW.settable(client.actor)), name: "999999999"})
        again = Page(send(client, form))
        assert accepted(site.admin.records(size=1))["total"] == before, "a stranger is named"
        assert again.form_with(name), "the form is not shown again"


@pytest.mark.parametrize("name", NAMES)
def test_pages_say_names_and_not_usernames(site: Site, person: Client, name: str) -> None:
    record = record_naming(site, name, person)
    shown = f"Suite {person.actor.username}"
    page = show(site.admin, site.page_of(record))
    assert page.text.count(shown) >= 2, "the record and its history do not say who is named"
    listed = next(n for n in FLOW.fields if n == name)
    columns = [n for n, f in FLOW.fields.items() if f.type != "long_text"][:6]
    pages = [show(site.admin, path) for path in TABLE.pages(site.name, "records")]
    for each in [each for each in pages if each.kind == "text/html" and listed in columns]:
        assert [row for row in each.rows if shown in row], f"{each.path} does not say who is named"
    export = site.admin.get(f"{FLOW.path}/export.csv", q=person.actor.username).text
    assert shown in export, "the export for people does not say the name"


@pytest.mark.parametrize("name", NAMES)
def test_the_list_is_sorted_by_usernames(site: Site, name: str) -> None:
    """In the order of their numbers these two would come the other way round."""
    client = naming(site, name)
    if client is None:
        return
    created = [
        accepted(client.post(FLOW.path, required_beside(name, each)))["id"]
        for each in FLOW.fields[name].people[:2]
    ]
    for sort in (name, f"-{name}"):
        items = site.all_pages(site.admin, FLOW.path, sort=sort)
        found = [item[name] for item in items if item["id"] in created]
        assert found == sorted(found, reverse=sort.startswith("-")), f"sorted by {sort}: {found}"


def own_and_named() -> list[tuple[str, str, Transition]]:
    return [case for case in acts() if OWNER in case[2].not_by]


@pytest.mark.parametrize("case", own_and_named(), ids=said)
def test_an_owner_who_is_named_too_is_still_the_owner(
    site: Site, person: Client, case: tuple[str, str, Transition]
) -> None:
    state, name, transition = case
    for creator in FLOW.creators()[:1]:
        site.set_roles(person, creator, FLOW.fields[name].role)
        owner = Actor(person.actor.username, person.actor.roles)
        if name not in FLOW.settable(owner):
            return
        values = required_beside(name, owner.username)
        record = site.ledger.records[accepted(person.post(FLOW.path, values))["id"]]
        plan = way_to(state, creator=creator)
        if plan is None or any(step.name == "" for step in plan.steps):
            return
        for step in plan.steps:
            actor = person if step.actor == OWNER else site.player(step.actor, plan, {})
            if not isinstance(
                FLOW.answer(actor.actor, record, step.name, comment=REASON), Transition
            ):
                return
            accepted(actor.move(record, step.name, REASON))
        site.set_roles(person, creator, FLOW.fields[name].role)
        check(site, person, record, transition)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_takes_no_stranger(site: Site, name: str) -> None:
    """Nor one who was named when the form was opened and has lost the role since."""
    for role in FLOW.creators()[:1]:
        client = site.client_as(role)
        if name not in FLOW.settable(client.actor):
            return
        username = site.add_person(FLOW.fields[name].role)
        form = new_form(client)
        assert form is not None
        form.fill(**{**typed(FLOW.settable(client.actor)), name: f"Suite {username}"})
        accepted(site.admin.patch(f"/api/users/{username}", {"roles": []}))
        before = accepted(site.admin.records(size=1))["total"]
        again = Page(send(client, form))
        assert accepted(site.admin.records(size=1))["total"] == before
        kept: list[Input] = [each for shown in again.forms for each in shown.inputs]
        needed = [n for n in FLOW.settable(client.actor) if n not in FLOW.person_fields]
        texts = {each.name: each.shown for each in kept}
        given = {n: text for n, text in typed(needed).items() if isinstance(text, str)}
        assert {n: texts.get(n) for n in given} == given, "what was typed is lost"
