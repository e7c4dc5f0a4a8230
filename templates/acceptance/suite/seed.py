"""Demo records: a few in every state that can be reached, made over HTTP as the demo people and services."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx

from suite import values as v
from suite.client import Client, accepted
from suite.errors import UserError
from suite.parts import HOME_DEPARTMENT, OWNER, Field, Record, Transition, Value
from suite.planner import Plan, Planner, Step, after
from suite.site import Site
from suite.workflow import Workflow
from suite.workflow_file import PEOPLE

IN_EACH_STATE = 4
AWAY = "South"
NAMES = ["Ada Okafor", "Ben Schmidt", "Carla Rossi", "Deniz Yilmaz", "Emil Novak"]
REMARKS = [
    "Needed for the figures of the quarter, which are due on Friday.",
    "Takes over from a colleague who has moved to another team.",
    "As agreed with everybody concerned on Tuesday.",
    "The present one is worn out and can no longer be repaired.",
]
NOTES = [
    "Nothing speaks against it.",
    "Looked at it on Monday; to be looked at again in spring.",
    "Fine for now.",
]
COMMENTS = [
    "Looked at it, and spoke with everybody concerned.",
    "As we said on the phone this morning.",
    "Checked against the list of last month.",
]
# What a text is about shows in its name.
KINDS = {
    "number|code|reference|key|order|account|cost_cent": ["A-1042", "B-2177", "C-3391", "D-4406"],
    "vendor|supplier|company|customer|client": [
        "Northwind Paper",
        "Blue Harbour Ltd",
        "Rossi e Figli",
        "Alpen Optik",
    ],
    "purpose|title|subject|product|item|what|headline": [
        "New laptops",
        "Training in spring",
        "Repair of the lift",
        "Chairs for the meeting room",
    ],
    "address|place|site|room|city": ["Room 214", "Warehouse North", "12 Mill Lane", "Second floor"],
}
SHARES = [Decimal("0.12"), Decimal("0.35"), Decimal("0.78"), Decimal("1.4")]


def seed(
    flow: Workflow, url: str, password: str, say: Callable[[str], None], *, worker: bool = True
) -> list[str]:
    """Make the demo records of the workflow unless the spike has records already.

    Without a `worker` nothing happens to them by itself, so there are none that need that.
    Gives why the others could not be made: a spike at work on a change does not do all of it yet. `say` is
    told how far it is. Raises `UserError` when the spike does not answer or lets nobody in.
    """
    site = Site(flow, url, password)
    refused = []
    try:
        if accepted(site.admin.records(size=1))["total"]:
            return []
        plans = [
            plan for plan in demo_plans(flow) if worker or all(step.actor for step in plan.steps)
        ]
        people = Demo(site)
        for done, plan in enumerate(plans):
            say(f"demo records: {done} of {len(plans)}")
            try:
                people.play(plan, done)
            except AssertionError as error:
                refused.append(str(error))
    except (AssertionError, httpx.HTTPError) as error:
        raise UserError(f"No demo records could be made: {error}") from None
    finally:
        site.close()
    return refused


def demo_plans(flow: Workflow) -> list[Plan]:
    """Some for each state that can be reached, in the workflow's order, by all roles that create."""
    found: list[Plan] = []
    creators = (*flow.creators(), *flow.creators(service=True))
    ways = [Planner(flow, role).ways() for role in creators]
    for state in flow.states:
        plans = [way[state] for way in ways if state in way]
        for number in range(IN_EACH_STATE if plans else 0):
            plan = plans[number % len(plans)]
            found.append(with_values(flow, plan, state, len(found)))
        found[-1:] = [half_way(flow, plan) for plan in found[-1:]]
    return found


def half_way(flow: Workflow, plan: Plan) -> Plan:
    """The plan with one approval more, where its last state waits for those of several people."""
    cast = Planner(flow, plan.creator).cast
    values = {field.name: field.empty for field in flow.fields.values()} | dict(plan.values)
    record = Record(0, 1, flow.first_state, OWNER, values)
    for step in plan.steps:
        record.values = flow.after_edit(record.values, dict(step.changes))
        made = flow.due(record)
        if step.actor:
            made = flow.answer(cast[step.actor], record, step.name, comment=COMMENTS[0])
        if isinstance(made, Transition):
            record = after(record, made, step.actor)
    for name in flow.names:
        for key, actor in cast.items():
            made = flow.answer(actor, record, name, comment=COMMENTS[0])
            if isinstance(made, Transition) and not record.moves_by(made):
                return replace(plan, steps=(*plan.steps, Step(key, name)))
    return plan


def with_values(flow: Workflow, plan: Plan, state: str, number: int) -> Plan:
    """The plan with other values that lead to the same state, some filled in on the way."""
    values = {field.name: sample(flow, field, number) for field in flow.fields.values()}
    if not flow.in_order(values):
        dates = {name for order in flow.orders for name in (order.earlier, order.later)}
        values |= {name: v.good(flow.fields[name], number) for name in dates}
    values = v.fitted(flow, values)
    guarded = {guard.field for transition in flow.transitions for guard in transition.guards}
    guarded |= flow.person_fields.keys() | set(flow.last_days)
    kept = {name: value for name, value in plan.values if name in guarded}
    for given in (values, v.fitted(flow, values | kept, kept)):
        for later in (values, {}):
            found = rehearsed(flow, plan, state, given, later)
            if found is not None:
                return found
    return plan


def rehearsed(
    flow: Workflow, plan: Plan, state: str, given: Mapping[str, Value], later: Mapping[str, Value]
) -> Plan | None:
    """The plan with the given values, if its steps still lead to the state, else None.

    `later` has values for fields that only some may fill in; whoever may on the way does so.
    """
    cast = Planner(flow, plan.creator).cast
    fields = flow.fields
    first = {name: given[name] for name in flow.settable(cast[OWNER]) if name in given}
    start = {field.name: field.empty for field in fields.values()} | first
    record = Record(0, 1, flow.first_state, OWNER, start)
    steps: list[Step] = []
    for step in (*plan.steps, None):
        for name, value in later.items():
            may = [key for key in cast if not flow.refuses_edit(cast[key], record, [name])]
            fits = not flow.refused_values(record.values, {name: value})
            if fields[name].edited_by and record.values[name] in ("", None) and may and fits:
                record.values[name] = value
                steps.append(Step(may[0], changes=((name, value),)))
        if step is None:
            break
        due = flow.due(record)
        if step.name != (due.name if due else "") and (due or not step.actor):
            return None
        if step.changes:
            if flow.refuses_edit(cast[step.actor], record, [name for name, _ in step.changes]):
                return None
            record.values = flow.after_edit(record.values, dict(step.changes))
        else:
            made = due or flow.answer(cast[step.actor], record, step.name, comment=COMMENTS[0])
            if not isinstance(made, Transition):
                return None
            record = after(record, made, step.actor)
        steps.append(step)
    if record.state != state or flow.due(record):
        return None
    shown = {n: x for n, x in first.items() if x != fields[n].empty or fields[n].required}
    return Plan(plan.creator, tuple(shown.items()), tuple(steps))


class Demo:
    """The demo people, and where the workflow needs two of a role, a second one (`manager-2`).

    Where roles see a department, half of the records are those of people in another (`manager-south`).
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.people: dict[str, Client] = {}

    def person(self, role: str, number: int, department: str = HOME_DEPARTMENT) -> Client:
        """The demo person or service of a role; others than the first are added when they are needed."""
        if role in self.site.flow.service_roles:
            return self.site.service(role)
        where = "" if department == HOME_DEPARTMENT else f"-{department.lower()}"
        username = f"{role}{where}" if number == 0 else f"{role}{where}-{number + 1}"
        if username not in self.people:
            if username != role:
                self.add(username, role, department)
            self.people[username] = self.site.sign_in(username, self.site.password)
        return self.people[username]

    def add(self, username: str, role: str, department: str) -> None:
        """Add a demo person of a role, unless there is one from an earlier start."""
        name = f"{username.replace('_', ' ').replace('-', ' ').capitalize()} (demo)"
        body = {"username": username, "name": name, "password": self.site.password, "roles": [role]}
        if self.site.flow.departments:
            body["department"] = department
            self.site.ledger.move_to(username, department)
        users = self.site.all_pages(self.site.admin, "/api/users")
        if username not in {user["username"] for user in users}:
            accepted(self.site.admin.post("/api/users", body), f"adding {username}")

    def play(self, plan: Plan, turn: int) -> Record:
        """Make the record of a plan, step by step."""
        flow = self.site.flow
        department = AWAY if flow.departments and turn % 2 else HOME_DEPARTMENT
        owner = self.person(plan.creator, 0, department)
        values = self.with_people(plan, plan.values)
        created = accepted(owner.create(values), f"{plan.creator} creates a record")
        record = self.site.ledger.records[created["id"]]
        for number, step in enumerate(plan.steps):
            if not step.actor:
                self.site.happens(record, step.name, plan.steps[: number + 1].count(step))
                continue
            actor = owner if step.actor == OWNER else self.player(plan, step.actor, record)
            saying = f"{step.actor} in {record.state}: {step.name or 'an edit'}"
            if step.name:
                comment = COMMENTS[(turn + number) % len(COMMENTS)]
                accepted(actor.move(record, step.name, comment), saying)
            else:
                accepted(actor.edit(record, self.with_people(plan, step.changes)), saying)
        return record

    def player(self, plan: Plan, key: str, record: Record | None = None) -> Client:
        """Who plays `manager.2`, the second whom a field names, or `manager#2` of the others.

        Somebody of the record's department, where the role sees no other and the record does not name them.
        """
        named = {name for field in self.site.flow.person_fields.values() for name in field.people}
        role, _, number = key.rpartition(".") if key in named else key.partition("#")
        others = key not in named and any(role == name.rpartition(".")[0] for name in named)
        number = int(number or 1) + (PEOPLE if others else 0)
        number -= role != plan.creator
        client = self.person(role, number)
        if record is None or self.site.flow.visible(client.actor, record):
            return client
        return self.person(role, number, record.department)

    def with_people(self, plan: Plan, values: Iterable[tuple[str, Value]]) -> dict[str, Value]:
        """The values, with demo people in place of the suite's own."""
        fields = self.site.flow.person_fields
        return {
            n: self.player(plan, str(x)).actor.username if n in fields and x else x
            for n, x in values
        }


def sample(flow: Workflow, field: Field, number: int) -> Value:
    """A plausible value for a field; other numbers give others."""

    def one_of(values: Sequence[Any]) -> Any:
        return values[(number + number // len(values)) % len(values)]

    value: Value
    match field.type:
        case "choice":
            return one_of(field.choices)
        case "boolean":
            return number % 3 == 1
        case "person":
            return field.people[number % 2]
        case "email":
            value = f"{one_of(NAMES).split()[0].lower()}@example.com"
        case "url":
            value = f"https://example.com/offers/{1040 + number}"
        case "date":
            days = 30 + 23 * (number % 7) + field.turn * (1 + number % 5)
            value = date.today() + timedelta(days=days)
            if field.high is not None and value > field.high:
                value = field.high - timedelta(days=2 + number % 9)
        case "money":
            share = one_of(SHARES) * _usual(flow, field)
            value = Decimal(f"{share:.1e}").quantize(Decimal("0.01"))
        case "integer":
            value = one_of((2, 3, 5, 8, 12))
        case "long_text":
            value = one_of(NOTES if field.edited_by else REMARKS)
        case _:
            kinds = (texts for words, texts in KINDS.items() if re.search(words, field.name))
            value = one_of(next(kinds, NAMES))
    return value if v.fits(field, value) else v.good(field, number)


def _usual(flow: Workflow, field: Field) -> Decimal:
    """The size of a usual amount: that of the greatest limit of a guard, else of the field, else 5000."""
    guards = [guard for t in flow.transitions for guard in t.guards if guard.field == field.name]
    limits = [guard.limit for guard in guards if isinstance(guard.limit, Decimal)]
    bound = field.high if field.high is not None and field.high < 100_000 else Decimal(5000)
    return max(limits, default=bound) or Decimal(5000)
