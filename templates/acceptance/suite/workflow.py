"""What the workflow allows: the second opinion on the spikes, with which it shares nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from suite.parts import (
    ADMIN,
    OWNER,
    TODAY,
    Actor,
    Field,
    Order,
    Record,
    Role,
    State,
    Transition,
    Value,
    Values,
    orders,
)

STATUS = {
    "not_signed_in": 401,
    "bad_credentials": 401,
    "too_many_tries": 429,
    "csrf": 403,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "stale": 409,
    "wrong_state": 409,
    "guard": 409,
    "already_imported": 409,
    "comment_required": 422,
    "invalid": 422,
}


@dataclass(frozen=True)
class Workflow:
    """The whole file, with its defaults filled in."""

    name: str
    plural: str
    fields: dict[str, Field]
    roles: dict[str, Role]
    states: dict[str, State]
    transitions: tuple[Transition, ...]
    follow_ups: dict[str, tuple[str, ...]]
    imports: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Where the records are, as in `/api/access-requests`."""
        return "/api/" + "-".join(self.plural.split())

    @property
    def snake(self) -> str:
        """The record's name in the type of a webhook."""
        return "_".join(self.name.split())

    @cached_property
    def person_fields(self) -> dict[str, Field]:
        """The fields that name a person."""
        return {name: each for name, each in self.fields.items() if each.type == "person"}

    @property
    def hidden(self) -> tuple[str, ...]:
        """The fields that not everybody sees."""
        return tuple(field.name for field in self.fields.values() if field.seen_by)

    @property
    def open_fields(self) -> tuple[str, ...]:
        """The fields that everybody sees who sees the record."""
        return tuple(name for name in self.fields if name not in self.hidden)

    @property
    def columns(self) -> set[str]:
        """What the columns of the records' table are called, in both spikes."""
        people = self.person_fields
        return {f"{n}_id" if n in people else n for n in self.fields} | {"state", "version"}

    @property
    def first_state(self) -> str:
        """Where records start."""
        return next(iter(self.states))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the transitions, each once, in the file's order."""
        return tuple(dict.fromkeys(transition.name for transition in self.transitions))

    @property
    def bulk(self) -> tuple[str, ...]:
        """The names of the transitions that people make of many records at once."""
        return tuple(dict.fromkeys(each.name for each in self.transitions if each.bulk))

    def in_bulk(self, actor: Actor) -> tuple[str, ...]:
        """Those of them that the actor is offered in the list: of which the roles are among the parties.

        Whoever creates can be the owner, and whoever has a field's role can be named there.
        """
        if actor.impersonator:
            return ()
        creates = any(self.roles[r].creates for r in actor.roles if r in self.roles)
        named = {name for name, field in self.person_fields.items() if field.role in actor.roles}
        parties = actor.roles | named | ({OWNER} if creates else set())
        theirs = {each.name for each in self.transitions if each.by & parties}
        return tuple(name for name in self.bulk if name in theirs)

    @property
    def impersonating(self) -> tuple[str, ...]:
        """The roles that act for people of others."""
        return tuple(role.name for role in self.roles.values() if role.impersonates)

    def may_impersonate(self, actor: Actor, other: Actor) -> bool:
        """Whether the actor may act for the other, all of whose roles must allow it."""
        held = [self.roles[name] for name in actor.roles if name in self.roles]
        allowed = {name for role in held for name in role.impersonates}
        return actor.impersonator is None and bool(other.roles) and other.roles <= allowed

    @property
    def person_roles(self) -> tuple[str, ...]:
        """The roles that people can have, without admin."""
        return tuple(role.name for role in self.roles.values() if not role.service)

    @property
    def service_roles(self) -> tuple[str, ...]:
        """The roles of services."""
        return tuple(role.name for role in self.roles.values() if role.service)

    @property
    def departments(self) -> bool:
        """Whether people have a department: some role sees no more than its own."""
        return any(role.sees == "department" for role in self.roles.values())

    @property
    def mails(self) -> bool:
        """Whether people get mails, and so have an address."""
        return any(transition.notifies for transition in self.transitions)

    def creators(self, service: bool = False) -> tuple[str, ...]:
        """The roles of people, or of services, that create records."""
        return tuple(r.name for r in self.roles.values() if r.creates and r.service == service)

    def importers(self) -> tuple[str, ...]:
        """The roles of people that import records from a file, where the workflow has that."""
        return self.creators() if self.imports else ()

    def named(self, name: str, state: str) -> list[Transition]:
        """The transitions of this name that start in the state."""
        return self._named.get((name, state), [])

    @cached_property
    def _named(self) -> dict[tuple[str, str], list[Transition]]:
        found: dict[tuple[str, str], list[Transition]] = {}
        for transition in self.transitions:
            for state in transition.sources:
                found.setdefault((transition.name, state), []).append(transition)
        return found

    @property
    def last_days(self) -> tuple[str, ...]:
        """The dates that something happens after by itself, each once."""
        return tuple(dict.fromkeys(t.on for t in self.transitions if t.on))

    def due(self, record: "Record") -> Transition | None:
        """What happens to the record by itself as soon as the worker looks."""
        here = (t for t in self.by_itself if record.state in t.sources)
        return next((t for t in here if t.is_due(record.values)), None)

    def days_ago(self, days: int) -> "Workflow":
        """The same as it was so many days ago: dates that are bound by today were bound by another day."""
        then = TODAY - timedelta(days=days)
        fields = {
            name: replace(
                field,
                low=then if ("before", "today") in field.bounds else field.low,
                high=then if ("after", "today") in field.bounds else field.high,
            )
            for name, field in self.fields.items()
        }
        return replace(self, fields=fields)

    @cached_property
    def by_itself(self) -> tuple[Transition, ...]:
        """The transitions that the worker makes, in the file's order."""
        return tuple(transition for transition in self.transitions if transition.by_itself)

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Which dates must not be before which others of the same record."""
        return orders(self.fields)

    def in_order(self, values: Values) -> bool:
        """Whether all dates are in order."""
        return all(order.holds(values) for order in self.orders)

    def put_in_order(self, values: Values, kept: Collection[str]) -> dict[str, Value]:
        """The values with dates moved so that they are in order with those that are kept."""
        found, fixed = dict(values), set(kept)
        for _ in self.orders:
            for order in self.orders:
                if not order.holds(found):
                    moved, to = order.later, order.earlier
                    if order.later in fixed:
                        moved, to = to, moved
                    found[moved] = found[to]
                    fixed.add(moved)
        return found

    @cached_property
    def nothing(self) -> dict[str, Value]:
        """The values of a record in which nobody has filled in anything."""
        return {name: field.empty for name, field in self.fields.items()}

    def counts(self, name: str, values: Values) -> bool:
        """Whether the field counts in a record with these values."""
        guard = self.fields[name].only_when
        return guard is None or guard.holds(self.nothing | dict(values))

    def refused_values(self, old: Values, new: Values) -> set[str]:
        """The fields with which an edit that brings these values is refused, as the record is now."""
        after = {**old, **new}
        wrong = {order.bearer for order in self.orders if not order.holds(after)}
        for each in map(self.fields.__getitem__, self.sometimes):
            value = after.get(each.name, each.empty)
            if not self.counts(each.name, after):
                if value not in (each.empty, old.get(each.name, each.empty)):
                    wrong.add(each.name)
            elif each.needed and value == each.empty:
                wrong.add(each.name)
        return wrong

    def after_edit(self, old: Values, new: Values) -> dict[str, Value]:
        """The values after an edit, which empties what stops counting."""
        after = {**old, **new}
        gone = [name for name in self.sometimes if name in after and not self.counts(name, after)]
        return after | {name: self.fields[name].empty for name in gone}

    @cached_property
    def sometimes(self) -> tuple[str, ...]:
        """The fields that count only sometimes."""
        return tuple(field.name for field in self.fields.values() if field.only_when)

    @cached_property
    def steady(self) -> tuple[str, ...]:
        """The fields that always count and on which no other depends."""
        asked = [f.only_when.field for f in self.fields.values() if f.only_when]
        return tuple(name for name in self.fields if name not in (*asked, *self.sometimes))

    # What the workflow allows

    def sees(self, actor: Actor) -> str:
        """`all`, `department`, `own` or `none`."""
        kinds = {self.roles[role].sees for role in actor.roles if role in self.roles}
        if ADMIN in actor.roles or "all" in kinds:
            return "all"
        if "department" in kinds and actor.department:
            return "department"
        return "own" if kinds else "none"

    def visible(self, actor: Actor, record: Record) -> bool:
        """Whether the actor may know that the record is there."""
        sees = self.sees(actor)
        if sees == "department" and actor.department == record.department:
            return True
        return sees == "all" or (
            sees != "none" and self.concerned(actor, record.owner, record.values)
        )

    def concerned(self, actor: Actor, owner: str, values: Mapping[str, Any]) -> bool:
        """Whether it is a record of the actor's own, or names them in a role that sees such records."""
        return actor.username == owner or any(
            self.roles[self.fields[name].role].sees != "all"
            for name in self.named_as(actor, values)
        )

    def named_as(self, actor: Actor, values: Mapping[str, Any]) -> set[str]:
        """The fields in which the values name the actor, who holds the field's role."""
        return {
            name
            for name, field in self.person_fields.items()
            if values.get(name) == actor.username and field.role in actor.roles
        }

    def parties(self, actor: Actor, record: Record) -> frozenset[str]:
        """What the actor is to the record."""
        owns = {OWNER} if actor.username == record.owner else set()
        return actor.roles | owns | self.named_as(actor, record.values)

    def unseen(self, actor: Actor, record: Record) -> set[str]:
        """The fields of a record that the actor does not see, though they may see the record."""
        parties = self.parties(actor, record)
        return {name for name in self.hidden if not self.fields[name].seen_by & parties}

    def refuses_creation(self, actor: Actor, names: Collection[str]) -> str | None:
        """The code with which a record with these fields is refused, or None."""
        if actor.impersonator:
            return "forbidden"
        if not any(role in self.roles and self.roles[role].creates for role in actor.roles):
            return "forbidden"
        settable = self.settable(actor)
        return None if all(name in settable for name in names) else "forbidden"

    def settable(self, actor: Actor) -> list[str]:
        """The fields that the actor may fill in on a new record of their own."""
        parties = actor.roles | {OWNER}
        return [f.name for f in self.fields.values() if not f.edited_by or f.edited_by & parties]

    def editable(self, actor: Actor, record: Record) -> list[str]:
        """The fields that the actor may change now."""
        parties = self.parties(actor, record)
        if not self.states[record.state].edited_by & parties:
            return []
        return [f.name for f in self.fields.values() if not f.edited_by or f.edited_by & parties]

    def refuses_edit(
        self, actor: Actor, record: Record, names: Collection[str], *, stale: bool = False
    ) -> str | None:
        """The code with which a well-formed edit of these fields is refused, or None."""
        if not self.visible(actor, record):
            return "not_found"
        if stale:
            return "stale"
        state = self.states[record.state]
        if not state.edited_by:
            return "wrong_state"
        if not state.edited_by & self.parties(actor, record):
            return "forbidden"
        editable = self.editable(actor, record)
        return None if all(name in editable for name in names) else "forbidden"

    def answer(
        self,
        actor: Actor,
        record: Record,
        name: str,
        *,
        comment: str = "",
        stale: bool = False,
    ) -> str | Transition:
        """What a well-formed request for a transition leads to: a code, or the transition made."""
        if not self.visible(actor, record):
            return "not_found"
        if stale:
            return "stale"
        possible = self.named(name, record.state)
        if not possible:
            return "wrong_state"
        allowed = [t for t in possible if self.may_make(actor, record, t)]
        if not allowed:
            return "forbidden"
        fitting = [t for t in allowed if all(guard.holds(record.values) for guard in t.guards)]
        if not fitting:
            return "guard"
        if fitting[0].approvals > 1 and actor.username in record.given(name):
            return "forbidden"
        if fitting[0].comment_required and not comment.strip():
            return "comment_required"
        return fitting[0]

    def may_make(self, actor: Actor, record: Record, transition: Transition) -> bool:
        """Whether the actor is among those who may make the transition, whatever it needs besides."""
        if actor.impersonator or not transition.by & self.parties(actor, record):
            return False
        named = {name: {str(record.values.get(name))} for name in self.person_fields}
        known = {**record.makers, **named, OWNER: {record.owner}}
        return not any(actor.username in known.get(party, ()) for party in transition.not_by)

    def open_to(self, actor: Actor, record: Record) -> list[Transition]:
        """The transitions that the actor may make now, in the file's order of names."""
        answers = [self.answer(actor, record, name, comment="because") for name in self.names]
        return [answer for answer in answers if isinstance(answer, Transition)]
