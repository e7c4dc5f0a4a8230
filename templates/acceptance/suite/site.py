"""A running spike as the tests use it: whoever can sign in to it, and records in every state."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from suite.client import Client, accepted
from suite.database import multiply
from suite.errors import UserError
from suite.mailbox import Mailbox
from suite.outlets import filled, outlets
from suite.parts import HOME_DEPARTMENT, OWNER, Actor, Record, Transition, Value
from suite.people import People
from suite.plan import satisfying, way_to
from suite.planner import REASON, Plan, Step
from suite.receiver import PATIENCE, Receiver
from suite.spike import Spike
from suite.workflow import Workflow

LITTLE_PATIENCE = 1.5  # seconds, once something has not happened by itself in all the time it had
APPROVERS = 30  # from this number on people approve whom no plan has walk a record


class Site(People):
    """One spike under test. `receiver`, `mailbox` and `spike` are None when it was not started by the suite.

    `name` is that of the spike, `django` or `fastapi`. `present` is the same spike now, where this one lives in
    the past.
    """

    def __init__(
        self,
        flow: Workflow,
        url: str,
        password: str,
        receiver: Receiver | None = None,
        spike: Spike | None = None,
        name: str = "",
        present: "Site | None" = None,
        mailbox: Mailbox | None = None,
    ) -> None:
        super().__init__(flow, url, password, present)
        self.name = name
        self.receiver = receiver
        self.spike = spike
        self.mailbox = mailbox
        self._standing: dict[tuple[str, str, str], int] = {}
        # What was waited for in vain, and has not happened since.
        self.missed: set[str] = present.missed if present else set()

    def may_see(self, client: Client, shown: Mapping[str, Any]) -> bool:
        """Whether a record of the API may be seen by the client now."""
        department = self.ledger.department_of(shown["owner"])
        values = {name: shown[name] for name in self.flow.person_fields}
        record = Record(
            shown["id"], 1, shown["state"], shown["owner"], values, department=department
        )
        return self.flow.visible(client.actor, record)

    def record_in(
        self,
        state: str,
        *,
        owner: Client | None = None,
        creator: str = "",
        by: Mapping[str, Client] | None = None,
        **wanted: Value,
    ) -> Record:
        """A new record in the state, with the wanted values, walked there over HTTP.

        `owner` creates it (with the role `creator`, which a person is given for it); `by` has clients
        that must have made a transition last. Raises `LookupError` when no way leads there.
        """
        return self.record_with(state, wanted, owner=owner, creator=creator, by=by)

    def record_with(
        self,
        state: str,
        wanted: Mapping[str, Value],
        *,
        owner: Client | None = None,
        creator: str = "",
        by: Mapping[str, Client] | None = None,
    ) -> Record:
        """The same, with the wanted values by their names."""
        makers = {n: OWNER if who is owner else f"by {n}" for n, who in (by or {}).items()}
        cast = {makers[name]: client for name, client in (by or {}).items()}
        for role in [creator] if creator or owner is None else self.creators(owner):
            roles = {key: client.actor.roles for key, client in cast.items()} | {
                OWNER: frozenset({role})
            }
            needed = tuple((name, key, roles[key]) for name, key in sorted(makers.items()))
            plan = way_to(state, tuple(wanted.items()), role, needed)
            if plan is not None:
                return self.walk(plan, owner, cast)
        raise LookupError(f"no way leads to such a record in {state}")

    def record_for(self, state: str, transition: Transition, owner: Client | None = None) -> Record:
        """A new record in the state with values that satisfy the transition's guards.

        Of several people who must make it all but the last have done so. `owner` owns it where that can be.
        Raises `LookupError` when there is no way to such a record.
        """
        wanted = dict(satisfying(transition, state))
        record = None
        if owner is not None:
            with suppress(LookupError):
                record = self.record_with(state, wanted, owner=owner)
        record = record or self.record_with(state, wanted)
        for client in self.approvers(record, transition):
            if record.moves_by(transition):
                break
            accepted(client.move(record, transition.name, REASON), f"approving {transition.name}")
        return record

    def approvers(self, record: Record, transition: Transition) -> Iterator[Client]:
        """Different people, and services, who may make the transition one after the other."""
        flow, name = self.flow, transition.name
        fitting = [
            role
            for role in sorted(transition.by - {OWNER})
            if flow.answer(Actor("", frozenset({role})), record, name, comment=REASON) == transition
        ]
        people = [role for role in fitting if role in flow.person_roles]
        yield from (self.client_as(r, number=n) for n in range(APPROVERS, 60) for r in people)
        for client in map(self.service, flow.service_roles):
            if flow.answer(client.actor, record, name, comment=REASON) == transition:
                yield client

    def creators(self, owner: Client) -> tuple[str, ...]:
        """The roles with which a person or service can create records."""
        own = owner.actor.username
        return (own,) if own in self.flow.service_roles else self.flow.creators()

    def walk(
        self, plan: Plan, owner: Client | None = None, cast: Mapping[str, Client] | None = None
    ) -> Record:
        """Make the record of a plan."""
        if owner is None:
            owner = self.client_as(plan.creator)
        elif owner.actor.username != plan.creator:
            self.set_roles(owner, plan.creator)
        values = self.with_people(plan.values, cast or {})
        created = accepted(owner.create(values), f"{plan.creator} creates a record")
        record = self.ledger.records[created["id"]]
        self.follow(plan, plan.steps, record, owner, cast)
        return record

    def follow(
        self,
        plan: Plan,
        steps: tuple[Step, ...],
        record: Record,
        owner: Client,
        cast: Mapping[str, Client] | None = None,
    ) -> None:
        """Take a record through these steps: those of its plan, or more of the kind after them."""
        before = () if steps is plan.steps else plan.steps
        for number, step in enumerate(steps):
            if not step.actor:
                self.happens(record, step.name, (*before, *steps[: number + 1]).count(step))
                continue
            key = step.actor
            actor = owner if key == OWNER else self.player(key, plan, cast or {}, record)
            self.take(step, record, actor, cast)

    def happens(self, record: Record, name: str, times: int = 1) -> Record:
        """The record after the worker has made this transition, so many times in all."""
        end = time.monotonic() + (LITTLE_PATIENCE if name in self.missed else PATIENCE)
        while True:
            made = [each["transition"] for each in accepted(self.admin.history(record))["items"]]
            if made.count(name) >= times:
                self.missed.discard(name)
                return self.wrote(record)
            if time.monotonic() > end:
                self.missed.add(name)
                raise AssertionError(f"{name} does not happen by itself in {record.state}")
            time.sleep(0.05)

    def settle(self, *records: Record) -> None:
        """Wait until nothing more happens by itself to these records, or to all that the suite has made."""
        for record in records or [self.ledger.records[number] for number in self.ledger.entries]:
            while (due := self.flow.due(record)) is not None:
                entries = self.ledger.entries[record.id]
                self.happens(record, due.name, sum(e.transition == due.name for e in entries) + 1)

    def take(
        self, step: Step, record: Record, actor: Client, cast: Mapping[str, Client] | None = None
    ) -> None:
        """Take a step of a plan."""
        saying = f"{step.actor} takes a record in {record.state} through {step.name or 'an edit'}"
        if step.name:
            accepted(actor.move(record, step.name, REASON), saying)
        else:
            accepted(actor.edit(record, self.with_people(step.changes, cast or {})), saying)

    def with_people(
        self, values: Iterable[tuple[str, Value]], cast: Mapping[str, Client]
    ) -> dict[str, Value]:
        """The values of a plan, with the usernames of those who play in it."""
        people = {key: client.actor.username for key, client in cast.items()}
        fields = self.flow.person_fields
        return {n: people.get(str(x), x) if n in fields else x for n, x in values}

    def player(
        self,
        key: str,
        plan: Plan,
        cast: Mapping[str, Client],
        record: Record | None = None,
    ) -> Client:
        """Who plays `role#2` of a plan, or somebody whom a field names; the owner is the first of the creator's role.

        Somebody of the record's department, where the role sees no other.
        """
        if key in cast:
            return cast[key]
        role, _, number = key.partition("#")
        if any(key in field.people for field in self.flow.person_fields.values()):
            client = self.named(key)
            if record is None or self.flow.visible(client.actor, record):
                return client
            role, _, number = key.rpartition(".")
        near = record is not None and self.flow.roles[role].sees == "department"
        department = record.department if record and near else HOME_DEPARTMENT
        place = int(number or 0) - (role != plan.creator)
        return self.client_as(role, number=place, department=department)

    @property
    def public_url(self) -> str:
        """Where mails lead to: the spike of today, where this one lives in the past."""
        return self.present.url if self.present else self.url

    def page_of(self, record: Record) -> str:
        """The address of the record's page."""
        return filled(outlets().pages(self.name, "record")[0], record.id)

    def wrote(self, record: Record | int) -> Record:
        """Tell the ledger that something was written to a record (or made it) past the suite's clients.

        On a screen, say, or by an endpoint of your own. The audit trail, the record and the deliveries are
        compared at the end with what the record and its history show now.
        """
        number = record if isinstance(record, int) else record.id
        at = f"{self.flow.path}/{number}"
        history = accepted(self.admin.get(f"{at}/history"))["items"]
        return self.ledger.catch_up(self.admin.actor, accepted(self.admin.get(at)), history)

    def standing(
        self, state: str, *, owner: Client | None = None, creator: str = "", key: str = ""
    ) -> Record:
        """A record in the state that serves again and again, for as long as it stays there."""
        place = (state, owner.actor.username if owner else creator, key)
        known = self.ledger.records.get(self._standing.get(place, 0))
        if known is not None:
            self.settle(known)
        if known is None or known.state != state or known.approved:
            known = self.record_in(state, owner=owner, creator=creator)
            self._standing[place] = known.id
        return known

    def multiply(self, record: Record, owner: Client, count: int) -> int:
        """Put copies of a new record into the spike's database; gives how many.

        Through the database, since a thousand requests take long; where it does not know the record by
        the contract's names, its owner makes them.
        """
        address = self.spike.environment["DATABASE_URL"] if self.spike else ""
        if not multiply(address, record.id, self.flow.columns, count):
            given = {name: record.values[name] for name in self.flow.settable(owner.actor)}
            for _ in range(count):
                accepted(owner.create(given))
        return count


def check_url(url: str) -> str:
    """The address without its last slash; raises `UserError` when it is none."""
    if not url.startswith(("http://", "https://")):
        raise UserError(f"--base-url {url}: expected http://… or https://…")
    return url.rstrip("/")
