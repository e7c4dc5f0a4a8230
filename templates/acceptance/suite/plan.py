"""The way to a record in a state, as the tests ask for it: for the workflow in use, each looked for once."""

from datetime import date
from functools import cache

from suite import values as v
from suite.parts import OWNER, Actor, Record, Transition, Value
from suite.planner import Plan, Planner, Step, deciding_fields, solve
from suite.workflow_file import workflow


@cache
def satisfying(transition: Transition, state: str) -> tuple[tuple[str, Value], ...]:
    """Values with which the transition is the one of its name in the state, of the fields that decide it.

    They are near those that a record has anyway: of what nobody fills in at creation, nothing.
    """
    flow = workflow()
    names = deciding_fields(flow, transition, state)
    filled = {field.name: v.good(field) for field in flow.fields.values()}
    creators = [*flow.creators(), *flow.creators(service=True)]
    given = {n for role in creators for n in flow.settable(Actor(role, frozenset({role})))}
    created = {n: filled[n] if n in given else flow.fields[n].empty for n in filled}
    values: tuple[tuple[str, Value], ...] = ()
    for now in (created, filled):
        solved = solve(flow, transition, state, now, list(flow.fields)) or now
        values = tuple((name, solved[name]) for name in names)
        if way_to(state, values) is not None:
            return values
    return values


@cache
def ways(creator: str) -> dict[str, Plan]:
    """The shortest way to each state that a record of somebody with this role can reach."""
    return Planner(workflow(), creator).ways()


@cache
def way_to(
    state: str,
    wanted: tuple[tuple[str, Value], ...] = (),
    creator: str = "",
    by: tuple[tuple[str, str, frozenset[str]], ...] = (),
) -> Plan | None:
    """The plan for a record in the state with the wanted values, or None where there is no way.

    `creator` is the role of its owner (any, when empty). `by` has transitions that one person with
    several roles must have made last: (transition, name of that person, roles).
    """
    flow = workflow()
    creators = [creator] if creator else [*flow.creators(), *flow.creators(service=True)]
    cast = {who: Actor(who, roles) for _, who, roles in by}
    makers = {name: who for name, who, _ in by}
    for role in creators:
        if wanted or by:
            plan = Planner(flow, role).find(state, dict(wanted), makers, cast)
        else:
            plan = ways(role).get(state)
        if plan is not None:
            return plan
    return None


@cache
def stays(state: str, transition: Transition) -> bool:
    """Whether a record of usual values stays where the transition leads: nothing happens to it there by itself."""
    flow = workflow()
    met = dict(satisfying(transition, state))
    usual = {field.name: v.good(field) for field in flow.fields.values()} | met
    record = Record(0, 1, transition.target, OWNER, v.fitted(flow, usual, met))
    return flow.due(record) is None


def way_by_itself(name: str, over: date, days_ago: int = 0) -> Plan | None:
    """The plan for a record that makes the transition by itself in the end, since the day is over, or None.

    It is begun so many days ago, when that day need not have been in the past.
    """
    flow = workflow().days_ago(days_ago)
    for creator in (*flow.creators(), *flow.creators(service=True)):
        plan = Planner(flow, creator, over).find_by_itself(name)
        if plan is not None:
            return plan
    return None


@cache
def way_again(state: str, name: str, first: str, last: str, roles: frozenset[str]) -> Plan | None:
    """The plan for a record in the state on which a transition was made twice, or None.

    First by one person with the roles, then by another.
    """
    flow = workflow()
    for creator in (*flow.creators(), *flow.creators(service=True)):
        plan = Planner(flow, creator).find_again(state, name, first, last, roles)
        if plan is not None:
            return plan
    return None


@cache
def way_back(state: str, name: str) -> tuple[Plan, tuple[Step, ...]] | None:
    """A record in the state, and the steps from its first approval out of the state and back, or None."""
    flow = workflow()
    for creator in (*flow.creators(), *flow.creators(service=True)):
        found = Planner(flow, creator).find_back(state, name)
        if found is not None:
            return found
    return None
