"""The workflow as `workflow.yml` has it, and what it allows: the second opinion on the spikes.

Nothing here is shared with the spikes. Values are Python's: `Decimal` for money, `date` for dates, "" for
text that is not set, None for anything else that is not set.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

OWNER = "owner"
ADMIN = "admin"
# The department of the demo's people, and of the suite's unless a test says otherwise.
HOME_DEPARTMENT = "North"
TEXTS = ("text", "long_text", "choice", "email", "url")
# Of the spikes that the suite starts: their days are those of UTC.
TODAY = datetime.now(UTC).date()
USUAL_DAY = date(2031, 1, 15)

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
    "comment_required": 422,
    "invalid": 422,
}

Value = str | int | Decimal | date | bool | None
Values = Mapping[str, Value]


@dataclass(frozen=True)
class Field:
    """A field of the record; `low` and `high` are inclusive, in the field's own type."""

    name: str
    label: str
    type: str
    required: bool
    max_length: int
    low: Any
    high: Any
    choices: tuple[str, ...]
    edited_by: frozenset[str]
    seen_by: frozenset[str] = frozenset()  # whoever sees the record where it is empty
    role: str = ""
    people: tuple[str, ...] = ()  # usernames of the suite's own whom a person field may name
    bounds: tuple[
        tuple[str, str], ...
    ] = ()  # of a date: ("before", "first_day"), ("after", "today")
    usual_day: date = USUAL_DAY
    turn: int = 0  # of a date among those that must be in an order
    needed: bool = False  # required, if only where `only_when` holds
    only_when: "Guard | None" = None

    @property
    def empty(self) -> Value:
        """The value of a field that nobody has filled in."""
        return {"boolean": False}.get(self.type, "" if self.type in TEXTS else None)

    def read(self, given: Any) -> Value:
        """The value in Python that JSON or YAML gives as text, number, boolean or null."""
        if given is None or isinstance(given, date):
            return given
        if self.type == "money":
            return Decimal(str(given)).quantize(Decimal("0.01"))
        if self.type == "date":
            return date.fromisoformat(str(given))
        return str(given) if self.type in TEXTS else given

    def write(self, value: Value) -> Any:
        """The same value as JSON has it."""
        if value is None:
            return None
        if self.type == "money":
            return f"{Decimal(str(value)):.2f}"
        return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class Role:
    """What a person or a service can be."""

    name: str
    service: bool
    creates: bool
    sees: str


@dataclass(frozen=True)
class State:
    """Where a record can be, and who may edit it there."""

    name: str
    label: str
    edited_by: frozenset[str]


@dataclass(frozen=True)
class Guard:
    """A condition on one field."""

    field: str
    test: str
    limit: Any

    def holds(self, values: Values) -> bool:
        """Whether the condition is met; a value that is not set is neither more nor less than any."""
        value = values[self.field]
        match self.test:
            case "equals":
                return value == self.limit
            case "not_equals":
                return value != self.limit
            case "is_one_of":
                return value in self.limit
            case "is_set":
                return (value not in (None, "")) == self.limit
        if value is None:
            return False
        match self.test:
            case "more_than":
                return value > self.limit
            case "at_least":
                return value >= self.limit
            case "less_than":
                return value < self.limit
            case "at_most":
                return value <= self.limit
        raise ValueError(f"no such condition: {self.test}")


@dataclass(frozen=True)
class Transition:
    """A named move between states."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    by: frozenset[str]
    not_by: tuple[str, ...]
    guards: tuple[Guard, ...]
    approvals: int
    comment_required: bool
    follow_ups: tuple[str, ...]
    on: str = ""
    after: timedelta | None = None
    at_once: bool = False
    bulk: bool = False

    @property
    def by_itself(self) -> bool:
        """Whether the worker makes it, and nobody else."""
        return not self.by

    def is_due(self, values: Values) -> bool:
        """Whether it happens by itself to a record that comes into its state now with these values."""
        day = values[self.on] if self.on else None
        over = isinstance(day, date) and day < TODAY
        return (self.at_once or over) and all(guard.holds(values) for guard in self.guards)


@dataclass(frozen=True)
class Actor:
    """Who asks, with the roles that count at this moment."""

    username: str
    roles: frozenset[str]
    department: str = HOME_DEPARTMENT


@dataclass
class Record:
    """A record as the suite knows it; `made_by` has who made each transition last.

    Of one that several people must make, `makers` has them all, and `approved` those who have done so since
    the record came into its state. `department` is the one that its owner is in now.
    """

    id: int
    version: int
    state: str
    owner: str
    values: dict[str, Value]
    made_by: dict[str, str] = field(default_factory=dict)
    makers: dict[str, frozenset[str]] = field(default_factory=dict)
    approved: dict[str, frozenset[str]] = field(default_factory=dict)
    department: str = HOME_DEPARTMENT

    def copy(self) -> "Record":
        """The same record, to be changed on its own."""
        return Record(
            self.id,
            self.version,
            self.state,
            self.owner,
            dict(self.values),
            dict(self.made_by),
            dict(self.makers),
            dict(self.approved),
            self.department,
        )

    def approve(self, name: str, username: str) -> None:
        """Count somebody's approval; the record stays where it is."""
        self.approved[name] = self.given(name) | {username}

    def move(self, name: str, username: str, target: str) -> None:
        """Go where the transition leads, which somebody has made, perhaps as the last of several."""
        self.state = target
        self.made_by[name] = username
        self.makers[name] = self.given(name) | {username}
        self.approved = {}

    def given(self, name: str) -> frozenset[str]:
        """Who has approved the transition since the record came into its state."""
        return self.approved.get(name, frozenset())

    def moves_by(self, transition: Transition) -> bool:
        """Whether the next one who makes the transition moves the record."""
        return len(self.given(transition.name)) + 1 >= transition.approvals


@dataclass(frozen=True)
class Order:
    """A date that must not be before another; `bearer` is the one of them that says so."""

    earlier: str
    later: str
    bearer: str

    def holds(self, values: Values) -> bool:
        """Whether the dates are in order; where one is empty, they are."""
        first, second = values.get(self.earlier), values.get(self.later)
        return first is None or second is None or cast(date, first) <= cast(date, second)


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

    @property
    def path(self) -> str:
        """Where the records are, as in `/api/access-requests`."""
        return "/api/" + "-".join(self.plural.split())

    @property
    def snake(self) -> str:
        """The record's name in the type of a webhook."""
        return "_".join(self.name.split())

    @property
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
        creates = any(self.roles[r].creates for r in actor.roles if r in self.roles)
        named = {name for name, field in self.person_fields.items() if field.role in actor.roles}
        parties = actor.roles | named | ({OWNER} if creates else set())
        theirs = {each.name for each in self.transitions if each.by & parties}
        return tuple(name for name in self.bulk if name in theirs)

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

    def creators(self, service: bool = False) -> tuple[str, ...]:
        """The roles of people, or of services, that create records."""
        return tuple(r.name for r in self.roles.values() if r.creates and r.service == service)

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

    def counts(self, name: str, values: Values) -> bool:
        """Whether the field counts in a record with these values."""
        guard = self.fields[name].only_when
        empty = {field.name: field.empty for field in self.fields.values()}
        return guard is None or guard.holds(empty | dict(values))

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
        if not transition.by & self.parties(actor, record):
            return False
        named = {name: {str(record.values.get(name))} for name in self.person_fields}
        known = {**record.makers, **named, OWNER: {record.owner}}
        return not any(actor.username in known.get(party, ()) for party in transition.not_by)

    def open_to(self, actor: Actor, record: Record) -> list[Transition]:
        """The transitions that the actor may make now, in the file's order of names."""
        answers = [self.answer(actor, record, name, comment="because") for name in self.names]
        return [answer for answer in answers if isinstance(answer, Transition)]


def orders(fields: Mapping[str, Field]) -> tuple[Order, ...]:
    """Which dates must not be before which others."""
    return tuple(
        Order(other, name, name) if side == "before" else Order(name, other, name)
        for name, field in fields.items()
        for side, other in field.bounds
        if other != "today"
    )
