"""Transitions of many records at once: each by its own rules, the rest done, and told apart in the audit trail."""

import html
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from suite.asking import last_entry
from suite.client import Client, accepted, refused, verdict
from suite.fixtures import Cast
from suite.matrix import NO_ROLE, FourEyes, four_eyes
from suite.parts import ADMIN, Actor, Record, Transition
from suite.plan import satisfying, stays, way_to
from suite.planner import REASON
from suite.screens import Form, Input, Page, send, show
from suite.site import Site
from suite.workflow import STATUS
from suite.workflow_file import workflow
from suite.world import AWAY, PARTLY, PEOPLE, SIGHT, TABLE

pytestmark = pytest.mark.area("approval_workflow")
FLOW = workflow()
NOBODYS = 999_999_999  # the number of no record
MOST = 500


def ready() -> list[Any]:
    """A state and a transition of each name that people make of many records, where such a record can be had."""
    cases = {
        t.name: (state, t)
        for t in reversed(FLOW.transitions)
        if t.bulk
        for state in t.sources
        if way_to(state, satisfying(t, state)) is not None and stays(state, t)
    }
    return [pytest.param(*case, id=name) for name, case in sorted(cases.items())]


def bodies() -> list[Any]:
    """Bodies that are refused, each with the field that is named."""
    one = {"id": NOBODYS, "version": 1}
    many = [{"id": NOBODYS + n, "version": 1} for n in range(MOST + 1)]
    cases = {
        "nothing": ({}, "records"),
        "no records": ({"records": []}, "records"),
        "null": ({"records": None}, "records"),
        "too many": ({"records": many}, "records"),
        "ids alone": ({"records": [NOBODYS]}, "records"),
        "no version": ({"records": [{"id": NOBODYS}]}, "records"),
        "a version of nothing": ({"records": [{"id": NOBODYS, "version": 0}]}, "records"),
        "a word for a number": ({"records": [{"id": "x", "version": 1}]}, "records"),
        "more of a record": ({"records": [{**one, "state": "x"}]}, "records"),
        "one twice": ({"records": [one, {"id": NOBODYS, "version": 2}]}, "records"),
        "an unknown key": ({"records": [one], "nonsense": 1}, "nonsense"),
        "a long comment": ({"records": [one], "comment": "x" * 2001}, "comment"),
        "a comment that is no text": ({"records": [one], "comment": "a\x00b"}, "comment"),
    }
    return [pytest.param(*case, id=name) for name, case in cases.items() if FLOW.bulk]


def at(name: str) -> str:
    """The address of a transition of many records."""
    return f"{FLOW.path}/transitions/{name}"


def sent_for(site: Site, record: Record) -> list[str]:
    """The names of the follow-ups of the record, as the outbox has them."""
    everything = site.all_pages(site.admin, "/api/follow-ups")
    mine = [each for each in everything if each["record_id"] == record.id]
    return [each["name"] for each in mine if each.get("recipient") is None]  # else it is a mail


def several(
    site: Site, cast: Cast, state: str, transition: Transition
) -> tuple[Client, list[Record]]:
    """Somebody who may make the transition of all of these: two records that are ready for it."""
    client, first = cast.ready(state, transition)
    roles = client.actor.roles
    records = [first]
    with suppress(LookupError):
        second = site.record_for(state, transition)
        if FLOW.answer(client.actor, second, transition.name, comment=REASON) == transition:
            records.append(second)
    return site.set_roles(client, *roles), records


def others(site: Site) -> Iterator[Record]:
    """A record in each state, whatever may be done with it there."""
    for state in FLOW.states:
        if way_to(state) is not None:
            yield site.standing(state, key="many")


@pytest.mark.parametrize(("state", "transition"), ready())
def test_each_record_goes_by_its_own_rules(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    client, fine = several(site, cast, state, transition)
    name = transition.name
    stale = site.record_for(state, transition)
    asked: list[tuple[Record, int]] = [(record, record.version) for record in others(site)]
    asked[1:1] = [(stale, stale.version + 1), *((record, record.version) for record in fine)]
    asked.append((Record(NOBODYS, 1, FLOW.first_state, "", {}), 1))
    answers = [
        "not_found"
        if record.id == NOBODYS
        else FLOW.answer(client.actor, record, name, comment=REASON, stale=record is stale)
        for record, _ in asked
    ]
    expected = [
        (record, version, answer) for (record, version), answer in zip(asked, answers, strict=True)
    ]
    before = {record.id: record.copy() for record, _ in asked}
    answer = accepted(client.move_many(name, [(r.id, version) for r, version in asked], REASON))
    done = [record for record, _, code in expected if isinstance(code, Transition)]
    assert [each["id"] for each in answer["done"]] == [record.id for record in done]
    wrong = [(record, version, code) for record, version, code in expected if isinstance(code, str)]
    assert [(each["id"], each["code"], each["status"]) for each in answer["refused"]] == [
        (record.id, code, STATUS[code]) for record, _, code in wrong
    ]
    told = {each["id"]: each for each in answer["done"]}
    for record in done:
        now = accepted(site.admin.read(record))
        about = {key: now[key] for key in ("id", "state", "version")}
        assert {key: told[record.id][key] for key in about} == about
        entry = last_entry(site.admin, record)
        assert (entry["actor"], entry["transition"]) == (client.actor.username, name)
        assert entry["comment"] == REASON, "the comment is not in the history of each"
        assert entry["bulk"] is True, "the audit trail does not say that it was in bulk"
        moved = now["state"] != before[record.id].state
        assert entry["action"] == ("transition" if moved else "approval")
    for (record, version, _), each in zip(wrong, answer["refused"], strict=True):
        alone = client.move(record, name, REASON, version=version)
        assert verdict(alone) == each["code"], f"{name} of one is not refused as of many"
        assert alone.json()["detail"] == each["detail"], "the reason is another than for one"
        if record.id != NOBODYS:
            now = accepted(site.admin.read(record))
            old = before[record.id]
            assert (now["state"], now["version"]) == (old.state, old.version), "refused, but moved"


@pytest.mark.parametrize("case", [case for case in four_eyes() if case.transition.bulk], ids=str)
def test_four_eyes_hold_for_each(site: Site, cast: Cast, case: FourEyes) -> None:
    person = cast.owner if case.by_owner else site.set_roles(cast.other, *case.roles)
    owner = person if case.by_owner else None
    record = site.record_in(case.state, owner=owner, by={case.earlier: person})
    site.set_roles(person, *case.roles)
    answer = accepted(person.move_many(case.transition.name, [record], REASON))
    assert [each["code"] for each in answer["refused"]] == ["forbidden"], str(case)
    assert accepted(site.admin.read(record))["version"] == record.version


@pytest.mark.parametrize(("state", "transition"), ready())
def test_a_comment_that_is_needed_is_needed_of_each(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    client, records = several(site, cast, state, transition)
    versions = [record.version for record in records]
    answer = accepted(client.move_many(transition.name, records))
    if transition.comment_required:
        codes = [each["code"] for each in answer["refused"]]
        assert (answer["done"], codes) == ([], ["comment_required"] * len(records))
        assert [accepted(site.admin.read(r))["version"] for r in records] == versions
    else:
        assert [each["id"] for each in answer["done"]] == [record.id for record in records]
        entries = [last_entry(site.admin, record) for record in records]
        assert [entry["comment"] for entry in entries] == [""] * len(records)


@pytest.mark.parametrize(("state", "transition"), ready())
def test_sent_twice_it_is_done_once(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    client, records = several(site, cast, state, transition)
    seen = [(record.id, record.version) for record in records]
    moves = all(record.moves_by(transition) for record in records)
    before = [sent_for(site, record) for record in records]
    accepted(client.move_many(transition.name, seen, REASON))
    entries = [accepted(site.admin.history(record))["items"] for record in records]
    after = [sent_for(site, record) for record in records]
    for old, new in zip(before, after, strict=True):
        wanted = [*old, *(transition.follow_ups if moves else ())]
        assert sorted(new) == sorted(wanted), "the follow-ups of each are not queued once"
    again = accepted(client.move_many(transition.name, seen, REASON))
    assert again["done"] == []
    assert [each["code"] for each in again["refused"]] == ["stale"] * len(records)
    assert [accepted(site.admin.history(record))["items"] for record in records] == entries
    assert [sent_for(site, record) for record in records] == after


@pytest.mark.parametrize(("state", "transition"), ready())
def test_a_single_transition_is_not_in_bulk(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    client, record = cast.ready(state, transition)
    accepted(client.move(record, transition.name, REASON))
    assert last_entry(site.admin, record)["bulk"] is False
    page = show(site.admin, site.page_of(record))
    assert "in bulk" not in page.text


@pytest.mark.parametrize("role", [*PARTLY, NO_ROLE] if FLOW.bulk else [])
def test_what_somebody_may_not_see_is_not_there(site: Site, cast: Cast, role: str) -> None:
    service = role in FLOW.service_roles
    roles = () if role == NO_ROLE else (role,)
    client = site.service(role) if service else site.new_person(*roles, department="Nowhere")
    record = site.standing(FLOW.first_state, key="many")
    assert not FLOW.visible(client.actor, record)
    for name in FLOW.bulk:
        seen = [(record.id, record.version), (NOBODYS, record.version)]
        hidden, missing = accepted(client.move_many(name, seen, REASON))["refused"]
        assert (hidden.pop("id"), missing.pop("id")) == (record.id, NOBODYS)
        assert hidden == missing, "a hidden record is refused otherwise than one that is not there"
        assert hidden["code"] == "not_found"


@pytest.mark.parametrize("name", FLOW.bulk[:1])
def test_five_hundred_are_taken(site: Site, name: str) -> None:
    seen = [(NOBODYS - number, 1) for number in range(MOST)]
    answer = accepted(site.admin.move_many(name, seen))
    assert [each["id"] for each in answer["refused"]] == [number for number, _ in seen]


@pytest.mark.parametrize(("body", "field"), bodies())
def test_a_body_that_is_wrong_is_refused(site: Site, body: dict[str, Any], field: str) -> None:
    problem = refused(site.admin.post(at(FLOW.bulk[0]), body), "invalid")
    assert field in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize(("state", "transition"), ready())
def test_one_that_is_there_twice_is_not_moved(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    client, record = cast.ready(state, transition)
    seen = [(record.id, record.version), (record.id, record.version + 1)]
    refused(client.move_many(transition.name, seen, REASON), "invalid")
    assert accepted(site.admin.read(record))["version"] == record.version


@pytest.mark.parametrize("name", [name for name in FLOW.names if FLOW.bulk])
def test_only_what_is_made_of_many_has_an_address(site: Site, name: str) -> None:
    answer = site.admin.move_many(name, [(NOBODYS, 1)])
    assert verdict(answer) == ("ok" if name in FLOW.bulk else "not_found")
    refused(site.admin.move_many(f"{name}_more", [(NOBODYS, 1)]), "not_found")


@pytest.mark.parametrize("name", FLOW.bulk)
def test_who_asks_comes_before_what_they_ask(site: Site, name: str) -> None:
    refused(site.visitor().post(at(name), {"nonsense": 1}), "not_signed_in")
    refused(site.admin.post(at(name), {"nonsense": 1}, csrf=False), "csrf")


# The screens


def the_list(site: Site, client: Client) -> Page:
    """The page with the list that the client may open."""
    pages = [show(client, path) for path in TABLE.pages(site.name, "records")]
    return next(page for page in pages if page.kind == "text/html" and page.answer.is_success)


def ticked(site: Site, client: Client, name: str, *records: Record) -> tuple[Page, Form]:
    """The page after these records are ticked in the list, and the form on it that does it."""
    found = the_list(site, client).ticking(name)
    assert found is not None, f"the list offers no {name} of ticked records"
    form, button = found
    boxes = {each.ticked for each in form.inputs if each.kind == "checkbox"}
    for record in records:
        if str(record.id) not in boxes:  # of those that the list does not show
            box = next(each for each in form.inputs if each.kind == "checkbox")
            form.inputs.append(Input(box.name, "checkbox", None, ticked=str(record.id)))
    page = Page(send(client, form.tick(*(record.id for record in records)), button))
    form = page.commenting()
    assert form is not None, f"{page.path} asks for no comment: {page.answer.status_code}"
    return page, form


def one_ticked(
    site: Site, cast: Cast, state: str, transition: Transition
) -> tuple[Client, Record, Form] | None:
    """Somebody who may make the transition, their record, and the form after it is ticked; None for a service."""
    client, record = cast.ready(state, transition)
    if not person_for(client):
        return None
    return client, record, ticked(site, client, transition.name, record)[1]


def press(client: Client, form: Form, name: str, comment: str) -> Page:
    """The page after the comment is written and the button pressed."""
    form.fill(**{each: comment for each in form.names() if "comment" in each})
    page = Page(send(client, form, form.buttons[0]))
    assert page.answer.is_success, f"{name} of many → {page.answer.status_code}"
    return page


def person_for(client: Client) -> bool:
    """Whether the client can use the screens and is offered something in the list."""
    return bool(client.csrf and FLOW.in_bulk(client.actor))


@pytest.mark.area("staff_screens")
@pytest.mark.parametrize("role", PEOPLE if FLOW.bulk else [])
def test_the_list_offers_what_roles_allow(site: Site, cast: Cast, role: str) -> None:
    roles = () if role == NO_ROLE else (role,)
    client = site.admin if role == ADMIN else site.set_roles(cast.other, *roles)
    site.standing(FLOW.first_state, key="many")
    if not accepted(client.records())["items"]:
        return  # an empty list offers nothing to anybody
    page, offered = the_list(site, client), FLOW.in_bulk(client.actor)
    assert [name for name in FLOW.bulk if page.ticking(name)] == list(offered)
    boxes = [i for form in page.forms for i in form.inputs if i.kind == "checkbox"]
    assert bool(boxes) == bool(offered), f"{role} is shown boxes to tick for nothing"


@pytest.mark.area("staff_screens")
@pytest.mark.parametrize(("state", "transition"), ready())
def test_ticked_records_are_done_or_told_why_not(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    client, records = several(site, cast, state, transition)
    name, comment = transition.name, "Of all of these, because."
    if not person_for(client):
        return  # whoever may is a service, or owns it without a role
    wrong = [
        record
        for record in others(site)
        if FLOW.visible(client.actor, record)
        and isinstance(FLOW.answer(client.actor, record, name, comment=REASON), str)
    ]
    reasons = {r.id: refused(client.move(r, name, REASON), tuple(STATUS))["detail"] for r in wrong}
    before = {record.id: record.copy() for record in [*records, *wrong]}
    page, form = ticked(site, client, name, *records, *wrong)
    for record in [*records, *wrong]:
        assert record.id in TABLE.listed(site.name, page), "a ticked record is not shown"
    for reason in reasons.values():
        assert reason in html.unescape(page.text), "the page does not say why one cannot be done"
    after = press(client, form, name, comment)
    for record in wrong:
        assert reasons[record.id] in html.unescape(after.text), "what failed lacks its reason"
        assert record.id in TABLE.listed(site.name, after), "what failed is not listed"
    for record in wrong:
        now = accepted(site.admin.read(record))
        assert now["version"] == before[record.id].version, "what was refused has changed"
    for record in records:
        site.wrote(record)
        assert record.version == before[record.id].version + 1, f"{name} is not done"
        entry = last_entry(site.admin, record)
        assert (entry["transition"], entry["comment"]) == (name, comment)
        assert entry["bulk"] is True
        assert "in bulk" in show(site.admin, site.page_of(record)).text
    entries = [last_entry(site.admin, record)["id"] for record in records]
    again = html.unescape(press(client, form, name, comment).text)
    assert [last_entry(site.admin, record)["id"] for record in records] == entries, (
        "pressed twice, done twice"
    )
    for record in records:
        old = before[record.id].version
        reason = refused(client.move(record, name, REASON, version=old), ("stale", "not_found"))
        assert reason["code"] == "not_found" or reason["detail"] in again


@pytest.mark.area("staff_screens")
@pytest.mark.parametrize(("state", "transition"), ready())
def test_what_somebody_else_has_changed_meanwhile_is_refused(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    found = one_ticked(site, cast, state, transition)
    if found is None:
        return
    client, record, form = found
    roles = client.actor.roles
    for editor in editors(site, cast, record):
        accepted(editor.edit(record, {}))
        break
    else:
        accepted(client.move(record, transition.name, REASON))
    site.set_roles(client, *roles)
    before = record.copy()
    page = press(client, form, transition.name, REASON)
    now = accepted(site.admin.read(record))
    assert (now["state"], now["version"]) == (before.state, before.version)
    old = refused(client.move(record, transition.name, REASON, version=before.version - 1), "stale")
    assert old["detail"] in html.unescape(page.text)


def editors(site: Site, cast: Cast, record: Record) -> Iterator[Client]:
    """People who may edit the record now."""
    names = {str(record.values[name]) for name in FLOW.person_fields}
    known = [client for client in map(cast.named, names) if client]
    for client in [*known, *(site.client_as(role) for role in FLOW.person_roles)]:
        if FLOW.refuses_edit(client.actor, record, []) is None:
            yield client


def short_sighted() -> list[str]:
    """The roles of people who see some records only, and are offered something to do to many of them."""
    return [
        role
        for role in PARTLY
        if role in FLOW.person_roles and FLOW.creators()
        if SIGHT[role] == "department" or role in FLOW.creators()
        if FLOW.in_bulk(Actor("", frozenset({role})))
    ]


@pytest.mark.area("sign_in_and_permissions")
@pytest.mark.parametrize("role", short_sighted())
def test_a_hidden_record_that_is_ticked_stays_hidden(site: Site, role: str) -> None:
    person, other = site.new_person(role), site.new_person(department=AWAY)
    hidden = site.record_in(FLOW.first_state, owner=other)
    if SIGHT[role] == "department":
        shown = site.record_in(FLOW.first_state)
    else:
        shown = site.record_in(FLOW.first_state, owner=person, creator=role)
    name = FLOW.in_bulk(person.actor)[0]
    page, form = ticked(site, person, name, shown, hidden)
    assert TABLE.listed(site.name, page) == [shown.id], "a hidden record is shown"
    press(person, form, name, REASON)
    assert accepted(site.admin.read(hidden))["version"] == hidden.version
    site.wrote(shown)


@pytest.mark.area("sign_in_and_permissions")
@pytest.mark.parametrize(("state", "transition"), ready())
def test_a_forged_form_does_nothing(
    site: Site, cast: Cast, state: str, transition: Transition
) -> None:
    found = one_ticked(site, cast, state, transition)
    if found is None:
        return
    client, record, form = found
    form.fill(**{each: REASON for each in form.names() if "comment" in each})
    sent = dict(form.data(form.buttons[0]))
    tokens = [name for name in sent if "csrf" in name]
    assert tokens, "the form has no token"
    kept = {name: value for name, value in sent.items() if name not in tokens}
    for data, headers in (
        (kept, {"Origin": site.url, "Referer": f"{site.url}{form.page}"}),
        (sent, {"Origin": "https://elsewhere.example"}),
    ):
        answer = client.http.post(form.action, data=data, headers=headers)
        assert answer.status_code == 403, f"a forged form → {answer.status_code}"
        assert accepted(site.admin.read(record))["version"] == record.version
