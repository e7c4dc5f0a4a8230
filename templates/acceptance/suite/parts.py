"""The parts of a workflow as `workflow.yml` has them, and what is known of a record and of whoever asks.

Values are Python's: `Decimal` for money, `date` for dates, "" for text that is not set, None for anything else
that is not set.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

OWNER = "owner"
ADMIN = "admin"
# The department of the demo's people, and of the suite's unless a test says otherwise.
HOME_DEPARTMENT = "North"
TEXTS = ("text", "long_text", "choice", "email", "url")
# Of the spikes that the suite starts: their days are those of UTC.
TODAY = datetime.now(UTC).date()
USUAL_DAY = date(2031, 1, 15)

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
    impersonates: frozenset[str] = frozenset()


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
    notifies: frozenset[str] = frozenset()

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
    """Who asks, with the roles that count at this moment, and who acts for them, if anybody does."""

    username: str
    roles: frozenset[str]
    department: str = HOME_DEPARTMENT
    impersonator: str | None = None


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


def orders(fields: Mapping[str, Field]) -> tuple[Order, ...]:
    """Which dates must not be before which others."""
    return tuple(
        Order(other, name, name) if side == "before" else Order(name, other, name)
        for name, field in fields.items()
        for side, other in field.bounds
        if other != "today"
    )
