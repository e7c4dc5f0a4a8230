"""What people write on the screens: who is offered a form, what it writes, and what it keeps."""

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from suite import values as v
from suite.client import Client, accepted
from suite.fixtures import Cast
from suite.forms import as_sent_by, as_typed, creating_form, filled_in, new_form, typed
from suite.matrix import Place, places
from suite.outlets import filled, outlets
from suite.parts import ADMIN, OWNER, Actor, Record, Transition
from suite.planner import REASON
from suite.screens import Button, Form, Input, Page, send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("staff_screens")
FLOW = workflow()
TABLE = outlets()
NO_NAME = "no_such_transition"


def pages_of_record(site: Site, client: Client, record: Record) -> list[Page]:
    """The record's page and its edit form, as far as they open."""
    paths = TABLE.pages(site.name, "record")[:1] + TABLE.pages(site.name, "edit")
    pages = [show(client, filled(path, record.id)) for path in paths]
    return [page for page in pages if page.answer.is_success]


def step_form(site: Site, client: Client, record: Record, word: str) -> tuple[Form, Button] | None:
    """The form and the button that make a transition (or comment), on the record's pages."""
    found = (page.form_for(word) for page in pages_of_record(site, client, record))
    return next(filter(None, found), None)


def edit_form(site: Site, client: Client, record: Record) -> Form | None:
    """The form that edits fields of the record."""
    fields = FLOW.editable(client.actor, record)
    found = (page.form_with(*fields[:1]) for page in pages_of_record(site, client, record))
    return next(filter(None, found), None) if fields else None


def as_shown(client: Client, record: Record) -> dict[str, Any]:
    """The record as the API shows it to an admin, without what depends on who asks."""
    shown = accepted(client.read(record))
    return {name: shown[name] for name in ("version", "state", "owner", *FLOW.open_fields)}


creating = pytest.mark.parametrize("role", FLOW.creators()[:1])


@creating
def test_a_record_is_created_once_however_often_the_button_is_pressed(
    site: Site, role: str
) -> None:
    client = site.client_as(role)
    form = new_form(client)
    assert form is not None, f"{role} is not led to a form for a new record"
    assert set(form.names()) & set(FLOW.fields) == set(FLOW.settable(client.actor))
    form.fill(**typed(FLOW.settable(client.actor)))
    before = accepted(site.admin.records(size=1))["total"]
    answers = [send(client, form), send(client, form)]
    after = accepted(site.admin.records(size=1))
    send(client, copy.deepcopy(form).fill(**typed(FLOW.settable(client.actor), 3)))
    again = accepted(site.admin.records(size=1))
    assert again == after, "the form sent once more, with other values, writes over the record"
    assert answers[0].is_redirect, f"creating → {answers[0].status_code}"
    assert after["total"] == before + 1, f"two clicks made {after['total'] - before} records"
    landed = {TABLE.number(site.name, each.headers.get("location", "")) for each in answers}
    assert landed == {after["items"][0]["id"]}, "the second click does not lead to the record"
    written = after["items"][0]
    for name, value in filled_in(FLOW.settable(client.actor)).items():
        expected = FLOW.fields[name].write(value)
        assert written.get(name, expected) == expected, f"{name} was typed as {value!r}"


@creating
def test_a_refused_form_keeps_what_was_typed(site: Site, role: str) -> None:
    client = site.client_as(role)
    form = new_form(client)
    assert form is not None
    names = [n for n in FLOW.settable(client.actor) if FLOW.fields[n].type != "boolean"]
    needed = [name for name in names if FLOW.fields[name].required]
    if not needed:
        return
    given = typed(names)
    form.fill(**{**given, needed[-1]: ""})
    before = accepted(site.admin.records(size=1))["total"]
    again = Page(send(client, form)).form_with(*names[:1])
    assert accepted(site.admin.records(size=1))["total"] == before, f"{needed[-1]} is not required"
    assert again is not None, "the form is not shown again"
    kept = {each.name: each.shown for each in again.inputs}
    lost = [n for n, text in given.items() if n != needed[-1] and kept.get(n) != text]
    assert not lost, f"what was typed for {lost} is lost"


def money() -> list[tuple[str, str]]:
    """A role that creates, with an amount that it fills in."""
    return [
        (role, name)
        for role in FLOW.creators()[:1]
        for name in FLOW.settable(Actor(role, frozenset({role})))
        if FLOW.fields[name].type == "money" and name not in FLOW.sometimes
    ][:1]


@pytest.mark.parametrize(("role", "name"), money())
def test_an_amount_with_a_decimal_comma_is_refused(site: Site, role: str, name: str) -> None:
    """It is nobody's to guess whether 1,50 means one and a half or a hundred and fifty."""
    client = site.client_as(role)
    form = new_form(client)
    assert form is not None
    form.fill(**{**typed(FLOW.settable(client.actor)), name: "1,50"})
    before = accepted(site.admin.records(size=1))["total"]
    again = Page(send(client, form))
    assert accepted(site.admin.records(size=1))["total"] == before, "1,50 is taken"
    assert again.form_with(name), "the form is not shown again"


@creating
def test_a_browser_shows_the_days_that_are_kept(site: Site, cast: Cast, role: str) -> None:
    """A box for a day shows one as in 2026-03-31; from anything else it is empty, and saving empties it."""
    client = site.set_roles(cast.owner, role)
    record = site.record_in(FLOW.first_state, owner=client)
    form = edit_form(site, client, record)
    for each in form.inputs if form else ():
        if each.kind == "date" and each.name in FLOW.fields:
            kept = FLOW.fields[each.name].write(record.values[each.name])
            assert each.value == (kept or ""), f"the box of {each.name} has {each.value!r}"


def questions() -> list[tuple[str, str]]:
    """Each yes or no that a new record needs, with a role that creates."""
    return [
        (role, name)
        for role in FLOW.creators()[:1]
        for name in FLOW.settable(Actor(role, frozenset({role})))
        if FLOW.fields[name].type == "boolean" and FLOW.fields[name].required
    ]


@pytest.mark.parametrize(("role", "name"), questions())
def test_a_yes_or_no_that_is_overlooked_counts_as_neither(site: Site, role: str, name: str) -> None:
    client = site.client_as(role)
    names = FLOW.settable(client.actor)
    form = new_form(client)
    assert form is not None
    form.fill(**typed([other for other in names if other != name]))
    before = accepted(site.admin.records(size=1))["total"]
    send(client, form)
    assert accepted(site.admin.records(size=1))["total"] == before, f"{name} was left open"
    for answer in (False, True):
        form = new_form(client)
        assert form is not None
        values = v.fitted(FLOW, filled_in(names) | {name: answer}, [name])
        form.fill(**as_typed({other: values[other] for other in names}))
        send(client, form)
        newest = accepted(client.records(size=1))["items"][0]
        assert newest[name] is answer, f"{name} was answered with {answer}"


@creating
def test_two_clicks_at_the_same_moment_make_one_record(site: Site, role: str) -> None:
    client = site.client_as(role)
    form = new_form(client)
    assert form is not None
    form.fill(**typed(FLOW.settable(client.actor)))
    before = accepted(site.admin.records(size=1))["total"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: send(client, form), range(2)))
    after = accepted(site.admin.records(size=1))["total"]
    assert after == before + 1, f"two clicks made {after - before} records"


@pytest.mark.parametrize("role", [*FLOW.person_roles, ADMIN])
def test_only_who_may_create_is_offered_to(site: Site, cast: Cast, role: str) -> None:
    client = site.set_roles(cast.other, role)
    offered = new_form(client) is not None
    assert offered == (role in FLOW.creators()), f"{role} is offered to create: {offered}"
    for creator in FLOW.creators()[:1]:
        author = site.client_as(creator)
        form = new_form(author)
        assert form is not None, f"{creator} is not led to a form for a new record"
        page = show(client, form.page)
        opened = creating_form(page, FLOW.settable(author.actor)) is not None
        assert opened == offered, f"{form.page} has a form for {role}: {opened}"


@creating
def test_who_may_not_create_cannot_send_the_form(site: Site, cast: Cast, role: str) -> None:
    creator = site.client_as(role)
    form = new_form(creator)
    assert form is not None
    form.fill(**typed(FLOW.settable(creator.actor)))
    sent = as_sent_by(cast.other, form)
    before = accepted(site.admin.records(size=1))["total"]
    for outsider in (*FLOW.person_roles, ADMIN):
        if outsider not in FLOW.creators():
            send(site.set_roles(cast.other, outsider), sent)
            total = accepted(site.admin.records(size=1))["total"]
            assert total == before, f"{outsider} created a record"


@creating
def test_a_field_that_is_not_ones_own_cannot_be_sent_along(
    site: Site, cast: Cast, role: str
) -> None:
    client = site.set_roles(cast.owner, role)
    for name in [n for n in FLOW.open_fields if n not in FLOW.settable(client.actor)][:1]:
        form = new_form(client)
        assert form is not None
        form.fill(**typed(FLOW.settable(client.actor)))
        value = str(FLOW.fields[name].write(v.good(FLOW.fields[name])))
        form.inputs.append(Input(name, "hidden", value))
        send(client, form)
        newest = accepted(site.admin.records(size=1))["items"][0]
        empty = FLOW.fields[name].write(FLOW.fields[name].empty)
        assert newest[name] == empty, f"{role} fills in {name} on a new record"


def steps() -> list[tuple[Place, Transition]]:
    """One place for each transition from which a person can make it."""
    found: dict[str, tuple[Place, Transition]] = {}
    for transition in FLOW.transitions:
        for place in places():
            person = not place.caller.service and place.caller.role in FLOW.person_roles
            party = OWNER if place.caller.owner else place.caller.role
            if person and place.state in transition.sources and party in transition.by:
                found.setdefault(transition.name, (place, transition))
    return list(found.values())


def refuses(client: Client, role: str, record: Record, transition: Transition) -> bool:
    """Whether the workflow refuses the transition to this person with the role."""
    actor = Actor(client.actor.username, frozenset({role}))
    return isinstance(FLOW.answer(actor, record, transition.name, comment=REASON), str)


@pytest.mark.parametrize(("place", "transition"), steps(), ids=lambda x: getattr(x, "name", str(x)))
def test_a_button_makes_its_transition_and_only_for_who_may(
    site: Site, cast: Cast, place: Place, transition: Transition
) -> None:
    owner = cast.owner if place.caller.owner else None
    try:
        record = site.record_for(place.state, transition, owner)
    except LookupError:
        return
    client = cast.client(place.caller)
    if not isinstance(
        FLOW.answer(client.actor, record, transition.name, comment=REASON), Transition
    ):
        return
    found = step_form(site, client, record, transition.name)
    assert found is not None, f"{place} is not offered {transition.name}"
    form, button = found
    box = next((name for name in form.names() if "comment" in name), None)
    if box is not None:
        form.fill(**{box: f"  {REASON} "})
    before = as_shown(site.admin, record)
    sent = as_sent_by(cast.other, form)
    roles = [*FLOW.person_roles, ADMIN]
    strangers = [role for role in roles if refuses(cast.other, role, record, transition)][-2:]
    for role in strangers:
        send(site.set_roles(cast.other, role), sent, button)
    assert as_shown(site.admin, record) == before, f"one of {strangers} made {transition.name}"
    if overtake(site, cast, record):  # by somebody else, while the page was open
        before = as_shown(site.admin, record)
        send(cast.client(place.caller), form, button)
        assert as_shown(site.admin, record) == before, f"an old page makes {transition.name}"
        again = step_form(site, cast.client(place.caller), record, transition.name)
        assert again is not None
        form, button = again
        if box is not None:
            form.fill(**{box: f"  {REASON} "})
    client = cast.client(place.caller)
    expected = FLOW.answer(client.actor, record, transition.name, comment=REASON)
    assert isinstance(expected, Transition)
    known = len(accepted(site.admin.history(record))["items"])
    answer = send(client, form, button)
    new = accepted(site.admin.history(record))["items"][known:]
    assert new, f"{place}: {transition.name} → {answer.status_code}"
    made = new[0]  # others may have come after it by themselves
    assert (made["actor"], made["transition"]) == (client.actor.username, transition.name)
    assert (made["to"], made["comment"]) == (expected.target, REASON if box is not None else "")
    if not any(expected.target in each.sources for each in FLOW.by_itself):
        after = as_shown(site.admin, record)
        assert (after["state"], after["version"]) == (expected.target, before["version"] + 1)
    site.wrote(record)


@pytest.mark.parametrize(
    ("place", "transition"), steps()[:1], ids=lambda x: getattr(x, "name", str(x))
)
def test_a_button_of_no_transition_is_refused(
    site: Site, cast: Cast, place: Place, transition: Transition
) -> None:
    """As a page has it that was opened before a transition got another name."""
    owner = cast.owner if place.caller.owner else None
    record = site.record_for(place.state, transition, owner)
    client = cast.client(place.caller)
    found = step_form(site, client, record, transition.name)
    assert found is not None, f"{place} is not offered {transition.name}"
    form, button = found
    for each in (form, button):
        each.action = each.action.replace(f"/{transition.name}", f"/{NO_NAME}")
    button.value = NO_NAME if button.value == transition.name else button.value
    before = as_shown(site.admin, record)
    answer = send(client, form, button)
    assert answer.status_code == 404, f"a transition of no name → {answer.status_code}"
    assert as_shown(site.admin, record) == before


def overtake(site: Site, cast: Cast, record: Record) -> bool:
    """Save the record once more, by the API, as somebody who may; whether there is anybody."""
    editors = FLOW.states[record.state].edited_by
    people = [cast.owner] if OWNER in editors and record.owner == cast.owner.actor.username else []
    people += [site.client_as(role) for role in sorted(editors) if role in FLOW.roles]
    for client in people:
        if FLOW.refuses_edit(client.actor, record, []) is None:
            accepted(client.edit(record, {}))
            return True
    return False


def test_a_comment_can_be_left_on_the_page(site: Site) -> None:
    record = site.record_in(FLOW.first_state)
    for page in pages_of_record(site, site.admin, record):
        for form in page.forms:
            if form.method == "post" and "comment" in form.names():
                plain = [each for each in form.buttons if not each.action and not each.name]
                words = ("only comment", "comment")  # a transition may be called comment
                commenting = [each for word in words for each in form.buttons if each.means(word)]
                send(
                    site.admin,
                    form.fill(comment="Left on the page."),
                    [*plain, *commenting, None][0],
                )
                items = accepted(site.admin.history(record))["items"]
                site.wrote(record)
                assert (items[-1]["action"], items[-1]["comment"]) == (
                    "comment",
                    "Left on the page.",
                )
                return
    pytest.fail("the record's page has no box for a comment")


def editors() -> list[Place]:
    """One place where a person may edit, of an owner and of another."""
    found: dict[bool, Place] = {}
    for place in places():
        parties = {place.caller.role} | ({OWNER} if place.caller.owner else set())
        if place.caller.role in FLOW.person_roles and FLOW.states[place.state].edited_by & parties:
            found.setdefault(place.caller.owner, place)
    return list(found.values())


@pytest.mark.parametrize("place", editors(), ids=str)
def test_the_edit_form_writes_what_was_typed_and_nothing_else(
    site: Site, cast: Cast, place: Place
) -> None:
    owner = cast.owner if place.caller.owner else None
    record = site.record_in(place.state, owner=owner)
    client = cast.client(place.caller)
    form = edit_form(site, client, record)
    if form is None:
        return
    old = copy.deepcopy(form)
    editable = [n for n in FLOW.editable(client.actor, record) if n in FLOW.open_fields]
    texts = [n for n in editable if FLOW.fields[n].type in ("text", "long_text")]
    name = next((n for n in (*texts, *editable) if n in FLOW.steady), None)
    if name is None:
        return
    before = as_shown(site.admin, record)
    send(client, form.fill(**typed([name], 3)))
    after = as_shown(site.admin, record)
    new = FLOW.fields[name].write(v.good(FLOW.fields[name], 3))
    assert after == before | {name: new, "version": before["version"] + 1}
    # The same form once more: what it shows is old by now, and must not come back.
    send(client, old.fill(**typed([name], 4)))
    assert as_shown(site.admin, record) == after, "a form that was opened earlier overwrites"
    foreign = [n for n in FLOW.open_fields if n not in editable][:1]
    for other in foreign:
        fresh = edit_form(site, client, record)
        assert fresh is not None
        value = str(FLOW.fields[other].write(v.another(FLOW.fields[other], None)))
        fresh.inputs.append(Input(other, "hidden", value))
        send(client, fresh)
        assert as_shown(site.admin, record)[other] == after[other], f"{place} edits {other}"
    site.wrote(record)


def test_a_form_without_its_token_or_from_elsewhere_writes_nothing(site: Site) -> None:
    record = site.record_in(FLOW.first_state)
    pages = [*pages_of_record(site, site.admin, record), show(site.admin, "/")]
    forms = [form for page in pages for form in page.forms if form.method == "post"]
    assert forms, "the record's page has no form"
    before = len(accepted(site.admin.history(record))["items"])
    for form in forms:
        for each in form.inputs:
            if each.kind == "textarea":
                each.value = "forged"
        forged = copy.deepcopy(form)
        forged.inputs = [each for each in forged.inputs if "csrf" not in each.name]
        for sent, headers in ((forged, {}), (form, {"Origin": "https://elsewhere.example"})):
            answer = site.admin.http.post(
                sent.action, data=dict(sent.data()), headers={"Referer": sent.page, **headers}
            )
            assert answer.status_code in (400, 403), f"{sent.action} → {answer.status_code}"
    assert len(accepted(site.admin.history(record))["items"]) == before, "a forged form wrote"
    accepted(site.admin.get("/api/session"), "the session lives on")
