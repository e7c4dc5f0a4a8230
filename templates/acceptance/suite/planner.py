"""How to bring a record into a state: the steps, who makes each, and the values that satisfy the guards.

Pure: it asks the workflow and sends nothing, so that the tests can be derived before a spike runs.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, islice, product

from suite import values as v
from suite.parts import HOME_DEPARTMENT, OWNER, TODAY, Actor, Record, Transition, Value
from suite.workflow import Workflow

REASON = "Arranged by the acceptance suite."
TRIES = 5_000
# In a large workflow there are more ways than anybody can walk: so many situations are looked at in each
# state, the nearest ones, and so many values at creation.
SITUATIONS = 40
STARTS = 40


@dataclass(frozen=True)
class Step:
    """One accepted write: an edit with `changes`, or the transition `name`; of nobody, it happens by itself."""

    actor: str
    name: str = ""
    changes: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Plan:
    """How to make a record: the creator's role, the values at creation, then the steps."""

    creator: str
    values: tuple[tuple[str, Value], ...]
    steps: tuple[Step, ...]


class Planner:
    """Finds the shortest way to a state, with the owner and enough people of each role to walk it."""

    def __init__(self, flow: Workflow, creator: str, over: date | None = None) -> None:
        self.flow = flow
        self.creator = creator
        self.over = over or TODAY - timedelta(days=30)  # a day after which something happens
        self.deciding = {
            (transition, state): deciding_fields(flow, transition, state)
            for transition in flow.transitions
            for state in transition.sources
        }
        self._changes: dict[tuple[Transition, str, tuple[Value, ...]], dict[str, Value]] = {}
        self._editors: dict[tuple[str, str, Value, tuple[Value, ...]], str | None] = {}
        self.names_from = {
            state: [name for name in flow.names if flow.named(name, state)] for state in flow.states
        }
        self.cast = {OWNER: Actor(OWNER, frozenset({creator}))}
        # Transitions whose maker matters later on; of the others, who can is as good as another.
        self.watched = {name for t in flow.transitions for name in t.not_by}
        for field in flow.person_fields.values():
            self.cast |= {name: Actor(name, frozenset({field.role})) for name in field.people}
        enough = 2 + max(len(t.not_by) + t.approvals for t in flow.transitions)
        for role in flow.roles.values():
            for number in range(1, 2 if role.service else enough):
                name = role.name if role.service else f"{role.name}#{number}"
                self.cast[name] = Actor(name, frozenset({role.name}))
        self.department = "" if flow.roles[creator].service else HOME_DEPARTMENT
        if flow.roles[creator].service:
            self.cast.pop(creator)
        self.early = [
            (transition, state)
            for transition in flow.transitions
            for state in transition.sources
            if self.needs_filling_in_before(transition, state)
        ]

    def ways(self) -> dict[str, Plan]:
        """The shortest way to each state that a record of this creator can reach."""
        found: dict[str, Plan] = {}
        for start in self.starts({}):
            for record, steps in self.walk(self.new(start), {}):
                if record.state not in found:
                    found[record.state] = self.plan(start, steps)
                if len(found) == len(self.flow.states):
                    return found
        return found

    def find(
        self, state: str, wanted: Mapping[str, Value], by: Mapping[str, str], cast: dict[str, Actor]
    ) -> Plan | None:
        """The way to a record in the state with these values, or None; `by` says who makes which."""
        self.cast.update(cast)
        if not (self.may_have(wanted) and self.may_end(state, wanted)):
            return None
        for given in self.naming(wanted, by):
            for start in self.starts(given):
                for record, steps in self.walk(self.new(start), by):
                    if record.state == state and by.items() <= record.made_by.items():
                        left = {n: x for n, x in wanted.items() if record.values[n] != x}
                        last = self.edit(record, left)
                        if last is not None and self.flow.due(self.edited(record, left)) is None:
                            return self.plan(start, (*steps, *last))
        return None

    def naming(
        self, wanted: Mapping[str, Value], by: Mapping[str, str]
    ) -> Iterator[Mapping[str, Value]]:
        """The values, and the same with those who have to make a transition named in its fields."""
        yield wanted
        people = {
            party: who
            for transition in self.flow.transitions
            for name, who in by.items()
            for party in transition.by
            if transition.name == name and party in self.flow.person_fields and who != OWNER
        }
        if people:
            yield {**people, **wanted}

    def find_by_itself(self, name: str) -> Plan | None:
        """The way to a record that has just made this transition by itself, or None."""
        for start in self.starts({}):
            for _, steps in self.walk(self.new(start), {}):
                if Step("", name) in steps:
                    return self.plan(start, steps[: steps.index(Step("", name)) + 1])
        return None

    def may_have(self, wanted: Mapping[str, Value]) -> bool:
        """Whether each of the values fits, and is there at creation or filled in at some time."""
        flow = self.flow
        settable = flow.settable(self.cast[OWNER])
        return all(
            v.fits(flow.fields[name], value)
            and (
                name in settable
                or value == flow.fields[name].empty
                or any(self.edit(self.blank(state, {}), {name: value}) for state in flow.states)
            )
            for name, value in wanted.items()
        )

    def may_end(self, state: str, wanted: Mapping[str, Value]) -> bool:
        """Whether the values that no way brings about by itself can be filled in in the state, where it ends."""
        flow = self.flow
        settable = flow.settable(self.cast[OWNER])
        record = self.blank(state, {n: v.good(f) for n, f in flow.person_fields.items()})
        return all(
            name in (*settable, *flow.person_fields, *flow.last_days)
            or value in v.candidates(flow, name, flow.fields[name].empty)
            or self.editor(record, name, value) is not None
            for name, value in wanted.items()
        )

    def find_again(
        self, state: str, name: str, first: str, last: str, roles: frozenset[str]
    ) -> Plan | None:
        """The way to a record in the state on which `last` made a transition that `first` made before."""
        self.cast |= {first: Actor(first, roles), last: Actor(last, roles)}
        for start in self.starts({}):
            for record, steps in self.walk(self.new(start), {name: first}):
                if record.state != state or record.made_by.get(name) != first:
                    continue
                for again, more in self.walk(record, {name: last}):
                    if again.state == state and again.made_by[name] == last:
                        return self.plan(start, (*steps, *more))
        return None

    def find_back(self, state: str, name: str) -> tuple[Plan, tuple[Step, ...]] | None:
        """The way to a record in the state, and from there out and back once somebody has approved."""
        for start in self.starts({}):
            for record, steps in self.walk(self.new(start), {}):
                if record.state != state or record.approved:
                    continue
                for first in self.callers(record, {}):
                    made = self.flow.answer(self.cast[first], record, name, comment=REASON)
                    if not isinstance(made, Transition) or made.approvals == 1:
                        continue
                    given = after(record, made, first)
                    for again, more in self.walk(given, {}):
                        answer = self.flow.answer(self.cast[first], again, name, comment=REASON)
                        back = again.state == state and not again.approved
                        if back and isinstance(answer, Transition):
                            return self.plan(start, steps), (Step(first, name), *more)
        return None

    def new(self, start: dict[str, Value]) -> Record:
        """A new record with these values."""
        return self.blank(self.flow.first_state, start)

    def blank(self, state: str, values: Mapping[str, Value]) -> Record:
        """A record in the state that nothing has been done with."""
        return Record(0, 1, state, OWNER, dict(values), department=self.department)

    def plan(self, start: dict[str, Value], steps: tuple[Step, ...]) -> Plan:
        """The plan of a walk, without the values that a new record has by itself."""
        fields = self.flow.fields
        given = {n: x for n, x in start.items() if x != fields[n].empty or fields[n].required}
        return Plan(self.creator, tuple(given.items()), steps)

    def starts(self, wanted: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
        """Values at creation: plain ones first, then those that satisfy one or more transitions."""
        found = (start for start in self._starts(wanted) if not self.flow.refused_values({}, start))
        return islice(found, STARTS)

    def _starts(self, wanted: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
        flow = self.flow
        settable = flow.settable(self.cast[OWNER])
        plain = {f.name: v.good(f) if f.name in settable else f.empty for f in flow.fields.values()}
        asked = {name: value for name, value in wanted.items() if name in settable}
        fitted = v.fitted(flow, plain | dict(wanted), wanted)
        plain = {n: x if n in settable else flow.fields[n].empty for n, x in fitted.items()} | asked
        seen = {tuple(plain.items())}
        yield plain
        for name in flow.last_days:
            if name in settable and v.fits(flow.fields[name], self.over) and name not in wanted:
                start = v.fitted(flow, {**plain, name: self.over}, [name])
                if all(v.fits(flow.fields[n], x) for n, x in start.items() if x != plain[n]):
                    yield start
        guarded = [place for place, fields in self.deciding.items() if fields]
        for count in range(1, min(len(guarded), 3) + 1):
            for chosen in islice(combinations(guarded, count), TRIES):
                start: dict[str, Value] | None = plain
                for transition, state in chosen:
                    start = start and solve(flow, transition, state, start, settable)
                if start is not None:
                    guarded_by = {n for place in chosen for n in self.deciding[place]}
                    start = v.fitted(flow, start, guarded_by)
                if start is not None and tuple(start.items()) not in seen:
                    seen.add(tuple(start.items()))
                    yield start

    def walk(
        self, record: Record, by: Mapping[str, str]
    ) -> Iterator[tuple[Record, tuple[Step, ...]]]:
        """Every situation that the record can come into, with the steps that lead there; nearest first."""
        queue = deque([self.settled(record, ())])
        seen = set()
        looked_at = Counter[str]()
        while queue:
            record, steps = queue.popleft()
            makers = tuple(record.made_by.get(name) for name in (*by, *self.watched))
            here = (record.state, tuple(record.values.items()), makers, self.waiting(record))
            if here not in seen and looked_at[record.state] < SITUATIONS:
                seen.add(here)
                looked_at[record.state] += 1
                yield record, steps
                queue.extend(
                    self.settled(after, steps + more) for after, more in self.moves(record, by)
                )

    def settled(self, record: Record, steps: tuple[Step, ...]) -> tuple[Record, tuple[Step, ...]]:
        """The record and its steps when what happens by itself has happened."""
        while (made := self.flow.due(record)) is not None:
            record = after(record, made, "")
            steps += (Step("", made.name),)
        return record, steps

    def waiting(self, record: Record) -> frozenset[tuple[str, object]]:
        """Who has approved what, where it matters later on, and else how many have."""
        watched = self.watched
        return frozenset(
            (n, who if n in watched else len(who)) for n, who in record.approved.items()
        )

    def moves(
        self, record: Record, by: Mapping[str, str]
    ) -> Iterator[tuple[Record, tuple[Step, ...]]]:
        """Every record that one transition leads to, after an edit where its guards need one."""
        callers = self.callers(record, by)
        for name in self.names_from[record.state]:
            for key in callers:
                answer = self.flow.answer(self.cast[key], record, name, comment=REASON)
                found = list(self.guarded_moves(record, name, key))
                if isinstance(answer, Transition):
                    found.insert(0, (after(record, answer, key), (Step(key, name),)))
                elif answer != "guard":
                    continue
                for moved, steps in found:  # where `by` says who makes it last, others come before
                    if name not in by or (by[name] == key) == (moved.state != record.state):
                        yield moved, steps
                if name not in self.watched and name not in by:
                    break
        for name, field in self.flow.person_fields.items():
            first = self.edit(record, {name: v.good(field)}) if not record.values[name] else None
            if first is not None:
                yield self.edited(record, {name: v.good(field)}), first
        for transition, state in self.early:
            changes = self.changes(transition, state, record)
            first = self.edit(record, changes) if changes else None
            if first is not None:
                yield self.edited(record, changes), first
        for name in self.flow.last_days:
            changes = {name: self.over} if record.values[name] != self.over else {}
            first = self.edit(record, changes) if changes else None
            if first is not None:
                yield self.edited(record, changes), first

    def needs_filling_in_before(self, transition: Transition, state: str) -> bool:
        """Whether a guard is about a field that nobody fills in in this state, or at creation."""
        settable = self.flow.settable(self.cast[OWNER])
        record = self.blank(state, {})
        return any(
            guard.field not in settable
            and not self.editor(record, guard.field, v.good(self.flow.fields[guard.field]))
            for guard in transition.guards
        )

    def callers(self, record: Record, by: Mapping[str, str]) -> list[str]:
        """Who may go on: everybody who matters already, and of each role one who does not."""
        known = {OWNER, *by.values(), *record.made_by.values()}.union(*record.approved.values())
        known |= {str(record.values[name]) for name in self.flow.person_fields}
        fresh: set[frozenset[str]] = set()
        found = []
        for key, actor in self.cast.items():
            if key in known:
                found.append(key)
            elif actor.roles not in fresh:
                fresh.add(actor.roles)
                found.append(key)
        return found

    def guarded_moves(
        self, record: Record, name: str, key: str
    ) -> Iterator[tuple[Record, tuple[Step, ...]]]:
        """What the name leads to when somebody edits the record first so that the guards hold."""
        for transition in self.flow.named(name, record.state):
            changes = self.changes(transition, record.state, record)
            first = self.edit(record, changes) if changes else None
            if first is None:
                continue
            ready = self.edited(record, changes)
            answer = self.flow.answer(self.cast[key], ready, name, comment=REASON)
            if isinstance(answer, Transition) and self.flow.due(ready) is None:
                yield after(ready, answer, key), (*first, Step(key, name))

    def changes(self, transition: Transition, state: str, record: Record) -> dict[str, Value]:
        """What has to change in the record so that the transition is made in the state; {} for never."""
        now = record.values
        fields = self.deciding[transition, state]
        here = (transition, state, tuple(now[name] for name in fields))
        if here not in self._changes:
            needed = solve(self.flow, transition, state, now, list(self.flow.fields)) or {}
            self._changes[here] = {n: x for n, x in needed.items() if now[n] != x}
        return self._changes[here]

    def edit(self, record: Record, changes: Mapping[str, Value]) -> tuple[Step, ...] | None:
        """The edits that bring about the changes in the record's state, or None."""
        steps = []
        values = dict(record.values)
        for name, value in changes.items():
            key = self.editor(record, name, value)
            if key is None or (values and self.flow.refused_values(values, {name: value})):
                return None
            values = self.flow.after_edit(values, {name: value}) if values else values
            steps.append(Step(key, changes=((name, value),)))
        return tuple(steps)

    def edited(self, record: Record, changes: Mapping[str, Value]) -> Record:
        """The record after the changes."""
        copy = record.copy()
        copy.values = self.flow.after_edit(copy.values, changes)
        return copy

    def editor(self, record: Record, name: str, value: Value) -> str | None:
        """Who can give the field this value in the record's state, or None."""
        named = tuple(record.values.get(each) for each in self.flow.person_fields)
        here = (record.state, name, value, named)
        if here not in self._editors:
            fits = v.fits(self.flow.fields[name], value)
            self._editors[here] = next(
                (
                    key
                    for key, actor in self.cast.items()
                    if fits and not self.flow.refuses_edit(actor, record, [name])
                ),
                None,
            )
        return self._editors[here]


def after(record: Record, transition: Transition, maker: str) -> Record:
    """The record after the transition."""
    moved = record.copy()
    if record.moves_by(transition):
        moved.move(transition.name, maker, transition.target)
    else:
        moved.approve(transition.name, maker)
    return moved


def solve(
    flow: Workflow,
    transition: Transition,
    state: str,
    now: Mapping[str, Value],
    settable: list[str],
) -> dict[str, Value] | None:
    """Values with which this transition is the one of its name in the state, close to the present ones.

    For everybody who may make it; where there are none, for those who may not make those before it.
    """
    rivals = before(flow, transition, state)
    unavoidable = [rival for rival in rivals if rival.by >= transition.by]
    found = _solved(flow, transition, rivals, now, settable)
    return found or _solved(flow, transition, unavoidable, now, settable)


def before(flow: Workflow, transition: Transition, state: str) -> list[Transition]:
    """The transitions of the same name that come first in the state."""
    same = flow.named(transition.name, state)
    return same[: same.index(transition)]


def deciding_fields(flow: Workflow, transition: Transition, state: str) -> list[str]:
    """The fields that decide whether this transition is made in the state and not one before it."""
    each = (transition, *before(flow, transition, state))
    return list(dict.fromkeys(guard.field for t in each for guard in t.guards))


def _solved(
    flow: Workflow,
    transition: Transition,
    rivals: list[Transition],
    now: Mapping[str, Value],
    settable: list[str],
) -> dict[str, Value] | None:
    asked = [guard.field for each in (transition, *rivals) for guard in each.guards]
    names = list(dict.fromkeys(asked))
    domains = []
    for name in names:
        guards = [guard for guard in transition.guards if guard.field == name]
        options = v.candidates(flow, name, now[name]) if name in settable else [now[name]]
        domains.append([x for x in options if all(guard.holds({name: x}) for guard in guards)])
    for found in islice(product(*domains), TRIES):
        trial = {**now, **dict(zip(names, found, strict=True))}
        if not any(all(guard.holds(trial) for guard in rival.guards) for rival in rivals):
            return trial
    return None
