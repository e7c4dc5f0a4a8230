"""Transitions that several different people must make: counted, told, forgotten, and made once."""

from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import pytest

from suite.asking import at_once, last_entry, offers
from suite.client import Client, accepted, refused, verdict
from suite.fixtures import Cast
from suite.matrix import FourEyes, four_eyes
from suite.parts import OWNER, Record, Transition
from suite.plan import satisfying, stays, way_back, way_to
from suite.planner import REASON, Plan, Step
from suite.screens import pages_of, send, show
from suite.site import Site
from suite.workflow_file import workflow
from suite.world import TABLE

pytestmark = pytest.mark.area("approval_workflow")
FLOW = workflow()
MANY = 10


def shared() -> list[Any]:
    """Each transition that several people must make, in each of its states, where people can."""
    return [
        pytest.param(state, transition, id=f"{transition.name} in {state}")
        for transition in FLOW.transitions
        if transition.approvals > 1
        for state in transition.sources
        if way_to(state, satisfying(transition, state)) is not None and stays(state, transition)
        if any(r in FLOW.person_roles and FLOW.roles[r].sees != "own" for r in transition.by)
    ]


def before_all(site: Site, state: str, transition: Transition) -> tuple[Record, list[Client]]:
    """A record that nobody has approved yet, and people who may, two more than are needed."""
    record = site.record_with(state, dict(satisfying(transition, state)))
    approvers = site.approvers(record, transition)
    return record, list(islice(approvers, transition.approvals + 2))


@pytest.mark.parametrize(("state", "transition"), shared())
def test_the_last_of_several_people_moves_the_record(
    site: Site, state: str, transition: Transition
) -> None:
    record, people = before_all(site, state, transition)
    name, needed = transition.name, transition.approvals
    waiting = people[needed]
    for count, client in enumerate(people[: needed - 1], 1):
        version, changed = record.version, accepted(client.read(record))["updated_at"]
        answer = accepted(client.move(record, name, f"{REASON} {count}"))
        about = f"{count} of {needed} who make {name}"
        assert (answer["state"], answer["version"]) == (state, version + 1), about
        assert answer["updated_at"] > changed, about
        assert answer["owner"] == record.owner
        offers(client, record, answer)
        offers(waiting, record, accepted(waiting.read(record)))
        last = last_entry(client, record)
        told = {
            key: last[key] for key in ("action", "actor", "transition", "from", "to", "comment")
        }
        assert told == {
            "action": "approval",
            "actor": client.actor.username,
            "transition": name,
            "from": None,
            "to": None,
            "comment": f"{REASON} {count}",
        }
        refused(waiting.move(record, name, REASON, version=version), "stale", about)
    answer = accepted(people[needed - 1].move(record, name, REASON))
    assert answer["state"] == transition.target, f"{name} is not made by {needed} people"
    last = last_entry(waiting, record)
    assert (last["action"], last["from"], last["to"]) == ("transition", state, transition.target)


@pytest.mark.parametrize(("state", "transition"), shared())
def test_nobody_approves_twice(site: Site, cast: Cast, state: str, transition: Transition) -> None:
    record, people = before_all(site, state, transition)
    role = next(r for r in sorted(transition.by) if r in people[0].actor.roles)
    person = site.set_roles(cast.other, role)
    accepted(person.move(record, transition.name, REASON))
    for roles in ((role,), FLOW.person_roles):
        again = site.set_roles(person, *roles)
        if FLOW.answer(again.actor, record, transition.name, comment=REASON) != "forbidden":
            continue  # the other roles may make another one of the name
        version = record.version
        problem = refused(
            again.move(record, transition.name, REASON), "forbidden", "the same again"
        )
        assert problem["detail"], "a refusal says why"
        answer = accepted(again.read(record))
        assert answer["version"] == version, "a refused approval changes the record"
        offers(again, record, answer)
    other, _ = before_all(site, state, transition)
    accepted(site.set_roles(person, role).move(other, transition.name, REASON), "another record")


def back() -> list[Any]:
    """The states that a record can leave and come back to between approvals, and how."""
    return [
        pytest.param(name, *found, id=f"{name} in {state}")
        for name, state in dict.fromkeys(
            (t.name, s) for t in FLOW.transitions if t.approvals > 1 for s in t.sources
        )
        if (found := way_back(state, name)) is not None
    ]


@pytest.mark.parametrize(("name", "plan", "steps"), back())
def test_leaving_the_state_forgets_who_has_approved(
    site: Site, name: str, plan: Plan, steps: tuple[Step, ...]
) -> None:
    record = site.walk(plan)
    owner = site.client_as(plan.creator)
    site.follow(plan, steps, record, owner)
    first = owner if steps[0].actor == OWNER else site.player(steps[0].actor, plan, {})
    offers(first, record, accepted(first.read(record)))
    state = record.state
    moved = accepted(first.move(record, name, REASON), "who has approved before it was sent back")
    assert moved["state"] == state, f"{name} counts an approval from before the record was back"
    assert len(record.given(name)) == 1


def kept_away() -> list[FourEyes]:
    """The rules of four eyes about a transition that several people must make, whatever the record says."""
    alone = {t.name for t in FLOW.transitions if t.approvals == 1}
    return [case for case in four_eyes() if case.earlier not in alone and not case.by_owner]


@pytest.mark.parametrize("case", kept_away(), ids=str)
def test_everybody_who_has_approved_is_kept_from_what_comes_later(
    site: Site, cast: Cast, case: FourEyes
) -> None:
    last = site.set_roles(cast.other, *case.roles)
    record = site.record_in(case.state, by={case.earlier: last})
    items = accepted(site.admin.history(record))["items"]
    approvals = [e["actor"] for e in items if e["transition"] == case.earlier and not e["to"]]
    assert approvals, f"one has made {case.earlier} alone"
    for username in approvals:
        person = site.known_people()[username]
        roles = person.actor.roles
        site.set_roles(person, *case.roles)
        answer = person.move(record, case.transition.name, REASON)
        site.set_roles(person, *roles)
        refused(answer, "forbidden", f"one of those who made {case.earlier}")


def leaving() -> list[Any]:
    """The same where the next state has no transition of that name."""
    after = {(t.name, state) for t in FLOW.transitions for state in t.sources}
    return [c for c in shared() if (c.values[1].name, c.values[1].target) not in after]


@pytest.mark.parametrize(("state", "transition"), leaving()[:1])
def test_of_many_at_once_just_enough_are_counted(
    site: Site, state: str, transition: Transition
) -> None:
    """Each tries again until it is counted, or the record is gone."""
    record = site.record_with(state, dict(satisfying(transition, state)))
    people = list(islice(site.approvers(record, transition), max(MANY, transition.approvals + 1)))
    name, version = transition.name, record.version
    address = f"{FLOW.path}/{record.id}/transitions/{name}"

    def insist(client: Client) -> str:
        for _ in range(60):
            body = {"version": accepted(client.read(record))["version"], "comment": REASON}
            headers = {"X-CSRF-Token": client.csrf or ""}
            answer = client.http.post(address, json=body, headers=headers)  # past the ledger
            if verdict(answer) != "stale":
                return verdict(answer)
        return "stale"

    verdicts = at_once(*(lambda c=client: insist(c) for client in people))
    assert sorted(verdicts) == ["ok"] * transition.approvals + ["wrong_state"] * (
        len(people) - transition.approvals
    )
    items = accepted(site.admin.history(record))["items"]
    actions = [item["action"] for item in items if item["transition"] == name]
    assert actions == ["approval"] * (transition.approvals - 1) + ["transition"]
    assert accepted(site.admin.read(record))["version"] == version + transition.approvals
    site.wrote(record)


def waiting_for(site: Site, client: Client) -> set[int | None]:
    """The numbers of the records that wait for somebody, as their screens list them."""
    links = [link for link in show(client, "/").links if "waiting" in urlsplit(link).query]
    pages = [page for link in links[:1] for page in pages_of(client, link)]
    return {TABLE.number(site.name, link) for page in pages for link in page.links}


@pytest.mark.area("staff_screens")
@pytest.mark.parametrize(("state", "transition"), shared())
def test_the_page_counts_and_approves(site: Site, state: str, transition: Transition) -> None:
    record, people = before_all(site, state, transition)
    address = TABLE.pages(site.name, "record")[0].replace("{}", str(record.id))
    needed = transition.approvals
    for count, client in enumerate(people[: needed - 1]):
        page = show(client, address)
        assert f"{count} of {needed}" in page.text, f"the page does not say {count} of {needed}"
        found = page.form_for(transition.name)
        assert found is not None, f"the page does not offer {transition.name}"
        form, button = found
        form.fill(**{name: REASON for name in form.names() if "comment" in name})
        send(client, form, button)
        site.wrote(record)
        assert record.state == state, f"the button of {transition.name} moves the record too early"
        assert client.actor.username in record.given(transition.name), "the button does not approve"
        after = show(client, address)
        assert f"{count + 1} of {needed}" in after.text, (
            "who has approved is not told how many have"
        )
        assert after.form_for(transition.name) is None, "who has approved is asked again"
        assert REASON in after.text, "the history lacks the approval"
        assert record.id not in waiting_for(site, client), "it waits for who has approved"
        assert record.id in waiting_for(site, people[count + 1]), "it waits for nobody else"
