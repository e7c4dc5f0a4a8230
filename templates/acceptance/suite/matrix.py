"""Every combination that the workflow has an answer for: who asks, in which state, for what."""

from collections.abc import Iterator
from dataclasses import dataclass

from suite import values as v
from suite.parts import ADMIN, OWNER, Guard, Transition, Value
from suite.plan import satisfying, way_to
from suite.planner import deciding_fields, solve
from suite.workflow_file import workflow

NO_ROLE = "nobody"


@dataclass(frozen=True)
class Caller:
    """Somebody with one role, `admin` or none (`nobody`), who owns the record or does not."""

    role: str
    owner: bool

    def __str__(self) -> str:
        return f"{self.role}, {'the owner' if self.owner else 'not the owner'}"

    @property
    def service(self) -> bool:
        """Whether it is a service."""
        return self.role in workflow().service_roles

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that count."""
        return () if self.role == NO_ROLE else (self.role,)


@dataclass(frozen=True)
class Place:
    """A caller before a record in a state; `creator` is its owner's role."""

    caller: Caller
    state: str
    creator: str

    def __str__(self) -> str:
        return f"{self.caller}, in {self.state}"


def callers() -> list[Caller]:
    """Everybody there is; only who can come to own a record is asked for as its owner."""
    flow = workflow()
    found = []
    for role in (*flow.person_roles, ADMIN, NO_ROLE):
        found.append(Caller(role, False))
        if flow.creators():
            found.append(Caller(role, True))
    for role in flow.service_roles:
        found.append(Caller(role, False))
        if flow.roles[role].creates:
            found.append(Caller(role, True))
    return found


def places() -> list[Place]:
    """Every caller before a record in every state, where such a record can be had."""
    return [
        Place(caller, state, creator)
        for caller in callers()
        for state in workflow().states
        if (creator := creator_for(caller, state)) is not None
    ]


def creator_for(caller: Caller, state: str) -> str | None:
    """The role of the owner of a record in the state for this caller; None where there is none."""
    flow = workflow()
    if caller.owner:
        creators = (caller.role,) if caller.service else flow.creators()
    else:
        everybody = (*flow.creators(), *flow.creators(service=True))
        creators = tuple(role for role in everybody if not (caller.service and role == caller.role))
    for role in creators:
        if way_to(state, creator=role) is not None:
            return role
    return None


@dataclass(frozen=True)
class GuardCase:
    """A transition asked for with a value near what one of its guards demands."""

    state: str
    name: str
    field: str
    value: Value
    wanted: tuple[tuple[str, Value], ...]

    def __str__(self) -> str:
        given = [f"{n} {'nothing' if x in (None, '') else x}" for n, x in self.wanted]
        return f"{self.name} in {self.state} with {', '.join(given)}"


def guard_cases() -> list[GuardCase]:
    """Both sides of each guard in each state that its transition starts in, as far as they occur."""
    found: dict[str, GuardCase] = {}
    for transition, guard, state in _guards():
        field = workflow().fields[guard.field]
        for value in v.around(field, guard):
            for wanted in _wanted(transition, state, guard, value):
                case = GuardCase(state, transition.name, field.name, value, wanted)
                if str(case) in found:
                    break
                if way_to(state, wanted) is not None:
                    found[str(case)] = case
                    break
    return list(found.values())


def namesakes() -> list[tuple[str, Transition]]:
    """Each transition that shares its name in a state, with that state, where it can be made there."""
    flow = workflow()
    return [
        (state, transition)
        for transition in flow.transitions
        for state in transition.sources
        if len(flow.named(transition.name, state)) > 1
        and way_to(state, satisfying(transition, state)) is not None
    ]


def _guards() -> Iterator[tuple[Transition, Guard, str]]:
    for transition in workflow().transitions:
        for guard in () if transition.by_itself else transition.guards:
            for state in transition.sources:
                yield transition, guard, state


def _wanted(
    transition: Transition, state: str, guard: Guard, value: Value
) -> Iterator[tuple[tuple[str, Value], ...]]:
    """The value, with what else the transition needs to be the one of its name, or else alone."""
    flow = workflow()
    now = {field.name: v.good(field) for field in flow.fields.values()}
    solved = solve(flow, transition, state, now, list(flow.fields))
    names = {*deciding_fields(flow, transition, state)} - {guard.field}
    if solved is not None and names:
        yield ((guard.field, value), *((name, solved[name]) for name in sorted(names)))
    yield ((guard.field, value),)


@dataclass(frozen=True)
class FourEyes:
    """A transition that whoever made an earlier one last may not make."""

    state: str
    transition: Transition
    earlier: str
    roles: tuple[str, ...]
    by_owner: bool

    def __str__(self) -> str:
        return f"{self.transition.name} in {self.state} after {self.earlier}"


def four_eyes() -> list[FourEyes]:
    """Every rule of four eyes about earlier transitions, in each state where it can bite."""
    flow = workflow()
    found = []
    for transition in flow.transitions:
        for earlier in transition.not_by:
            if earlier == OWNER or earlier in flow.person_fields:
                continue
            later = set(transition.by)
            later |= {field.role for name, field in flow.person_fields.items() if name in later}
            later_roles = [role for role in sorted(later) if role in flow.person_roles]
            before = {r for t in flow.transitions if t.name == earlier for r in t.by}
            before |= {field.role for name, field in flow.person_fields.items() if name in before}
            earlier_roles = [role for role in sorted(before) if role in flow.person_roles]
            for state in transition.sources:
                case = _four_eyes(transition, earlier, state, earlier_roles, later_roles, before)
                if case is not None:
                    found.append(case)
    return found


def _four_eyes(
    transition: Transition,
    earlier: str,
    state: str,
    earlier_roles: list[str],
    later_roles: list[str],
    before: set[str],
) -> FourEyes | None:
    for later in later_roles:
        for role in earlier_roles:
            both = tuple(sorted({role, later}))
            if way_to(state, by=((earlier, f"by {earlier}", frozenset(both)),)) is not None:
                return FourEyes(state, transition, earlier, both, False)
        owns = OWNER in before and bool(workflow().creators())
        if owns and way_to(state, by=((earlier, OWNER, frozenset(workflow().creators()[:1])),)):
            return FourEyes(state, transition, earlier, (later,), True)
    return None
