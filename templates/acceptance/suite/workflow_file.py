"""Reading `workflow.yml`, or the file that a change leads to, with its defaults filled in."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from suite import yaml_file
from suite.errors import UserError
from suite.parts import TODAY, USUAL_DAY, Field, Guard, Role, State, Transition, orders
from suite.report import report
from suite.target import in_use, without_change
from suite.workflow import Workflow
from suite.workflow_language import DEFAULT_LENGTHS, mistakes, plain
from suite.workflow_language.conditions import relative

PEOPLE = 3  # of the suite's own for each role of a person that a field names
INTEGER_LIMIT = 2_147_483_647
SPREAD = 10  # days between usual days that must be in an order


def read(raw: Mapping[str, Any]) -> Workflow:
    """The workflow that the parsed YAML describes, which must be right."""
    fields = _with_usual_days({each["name"]: _field(each) for each in raw["fields"]})
    for each in raw["fields"]:
        for guard in _guards([each["only_when"]] if "only_when" in each else [], fields):
            fields[each["name"]] = replace(fields[each["name"]], only_when=guard)
    people = [each for each in fields.values() if each.type == "person"]
    for each in people:
        place = [other.name for other in people if other.role == each.role].index(each.name)
        names = [f"{each.role}.{(place + turn) % PEOPLE + 1}" for turn in range(PEOPLE)]
        fields[each.name] = replace(each, people=tuple(names))
    return Workflow(
        name=raw["name"],
        plural=raw["plural"],
        fields=fields,
        roles={
            each["name"]: Role(
                each["name"],
                each.get("kind", "person") == "service",
                each.get("creates", False),
                each.get("sees", "all"),
                frozenset(each.get("impersonates") or ()),
            )
            for each in raw["roles"]
        },
        states={
            each["name"]: State(each["name"], _label(each), frozenset(each.get("edited_by") or ()))
            for each in raw["states"]
        },
        transitions=tuple(_transition(each, fields) for each in raw["transitions"]),
        follow_ups={each["name"]: tuple(each["sends"]) for each in raw.get("follow_ups") or ()},
        imports=tuple(raw.get("imports") or ()),
    )


def _label(raw: Mapping[str, Any]) -> str:
    return raw.get("label") or raw["name"].replace("_", " ").capitalize()


def _field(raw: Mapping[str, Any]) -> Field:
    whole = raw["type"] == "integer"
    limits = {word: raw[word] for word in ("min", "max") if word in raw}
    beside = {w: x for w, x in limits.items() if raw["type"] == "date" and relative(x)}
    limits |= {word: TODAY if other == "today" else None for word, other in beside.items()}
    sides = {"min": "before", "max": "after"}
    plain = Field(
        name=raw["name"],
        label=_label(raw),
        type=raw["type"],
        required=raw.get("required", False) and "only_when" not in raw,
        needed=raw.get("required", False),
        max_length=raw.get("max_length") or DEFAULT_LENGTHS.get(raw["type"], 0),
        low=limits.get("min", -INTEGER_LIMIT if whole else None),
        high=limits.get("max", INTEGER_LIMIT if whole else None),
        choices=tuple(raw.get("choices") or ()),
        edited_by=frozenset(raw.get("edited_by") or raw.get("seen_by") or ()),
        seen_by=frozenset(raw.get("seen_by") or ()),
        role=raw.get("role", ""),
        bounds=tuple((sides[word], other) for word, other in beside.items()),
    )
    return replace(plain, low=plain.read(plain.low), high=plain.read(plain.high))


def _with_usual_days(fields: dict[str, Field]) -> dict[str, Field]:
    """The fields; dates that must be in an order have usual days far enough from each other."""
    found = orders(fields)
    place = dict.fromkeys({name for o in found for name in (o.earlier, o.later)}, 0)
    for _ in place:
        for order in found:
            place[order.later] = max(place[order.later], place[order.earlier] + 1)
    for spread in (SPREAD, 1, 0):
        steps = {name: timedelta(days=spread * number) for name, number in place.items()}
        lows = [fields[n].low - step for n, step in steps.items() if fields[n].low]
        room = timedelta(days=max(0, spread - 1))
        highs = [fields[n].high - step - room for n, step in steps.items() if fields[n].high]
        if not lows or not highs or max(lows) <= min(highs):
            break
    start = min([max([USUAL_DAY, *lows]), *highs])
    return fields | {
        name: replace(fields[name], usual_day=start + steps[name], turn=turn)
        for name, turn in place.items()
    }


def _transition(raw: Mapping[str, Any], fields: Mapping[str, Field]) -> Transition:
    return Transition(
        name=raw["name"],
        label=_label(raw),
        sources=tuple(raw["from"]),
        target=raw["to"],
        by=frozenset(raw.get("by") or ()),
        not_by=tuple(raw.get("not_by") or ()),
        guards=tuple(_guards(raw.get("when") or (), fields)),
        approvals=raw.get("approvals", 1),
        bulk=raw.get("bulk", False),
        comment_required=raw.get("comment") == "required",
        follow_ups=tuple(raw.get("follow_ups") or ()),
        notifies=frozenset(raw.get("notifies") or ()),
        on=raw.get("on", ""),
        after=_wait(raw["after"]) if "after" in raw else None,
        at_once=raw.get("at_once", False),
    )


def _wait(text: str) -> timedelta:
    number, unit = text.split()
    return timedelta(**{unit.removesuffix("s") + "s": int(number)})


def _guards(raw: Iterable[Mapping[str, Any]], fields: Mapping[str, Field]) -> Iterable[Guard]:
    for each in raw:
        of = fields[each["field"]]
        for test, limit in each.items():
            if test == "is_set":
                yield Guard(of.name, test, limit)
            elif test == "is_one_of":
                yield Guard(of.name, test, tuple(of.read(value) for value in limit))
            elif test != "field":
                yield Guard(of.name, test, of.read(limit))


@cache
def workflow() -> Workflow:
    """The workflow in use: the copy's, the spike's target, or the file that SUITE_WORKFLOW names.

    Raises `UserError` with a line for each mistake in the file.
    """
    return read_file(in_use())


def read_file(path: Path) -> Workflow:
    """The workflow in the file. Raises `UserError` with a line for each mistake in it."""
    document = yaml_file.read(path)
    raw = plain(without_change(document.data))
    if found := mistakes(raw):
        raise UserError("\n".join(report(path.name, document.lines, found)))
    return read(raw)
