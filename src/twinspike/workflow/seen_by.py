"""Mistakes in fields that only some people see: what would tell others of them, or ask the blind to fill them in.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from twinspike.files.mistakes import Mistake
from twinspike.workflow.conditions import relative

Part = Mapping[str, Any]


def seen_by_mistakes(
    fields: Sequence[tuple[int, Part]],
    roles: Sequence[tuple[int, Part]],
    transitions: Sequence[tuple[int, Part]],
    follow_ups: Sequence[tuple[int, Part]],
) -> Iterator[Mistake]:
    """Fields whose `seen_by` does not fit what else is said of them."""
    seen_by = {each["name"]: each["seen_by"] for _, each in fields if each.get("seen_by")}
    services = {role["name"] for _, role in roles if role.get("kind") == "service"}
    for index, field in fields:
        yield from _field(f"fields[{index}]", field, seen_by)
        yield from _beside(f"fields[{index}]", field, seen_by)
    for index, transition in transitions:
        for number, guard in enumerate(transition.get("when") or ()):
            blind = _missing(transition["by"], seen_by.get(guard["field"]))
            if blind:
                yield Mistake(
                    f"transitions[{index}].when[{number}].field",
                    f"'{blind}' may make '{transition['name']}' but does not see '{guard['field']}', "
                    f"which a refusal would tell of; add '{blind}' to its seen_by, or take the "
                    "condition away",
                )
    for index, follow_up in follow_ups:
        for number, name in enumerate(follow_up["sends"]):
            if name in seen_by and services.isdisjoint(seen_by[name]):
                yield Mistake(
                    f"follow_ups[{index}].sends[{number}]",
                    f"no other system sees '{name}'; add a role of `kind: service` to its seen_by, "
                    "or do not send it",
                )


def _field(place: str, field: Part, seen_by: Mapping[str, Sequence[str]]) -> Iterator[Mistake]:
    """What does not fit within the field itself."""
    name = field["name"]
    for other in seen_by:
        if name == f"seen_{other}":
            yield Mistake(
                f"{place}.name",
                f"'{name}' is what the spikes call what somebody sees of '{other}'; choose another",
            )
    if name not in seen_by:
        return
    if field["type"] == "person":
        yield Mistake(
            f"{place}.seen_by",
            f"'{name}' names a person, who could tell from what they may do that it is them; "
            "everybody must see who that is, so take seen_by away",
        )
    if field.get("required") and "owner" not in seen_by[name]:
        yield Mistake(
            f"{place}.required",
            f"the owner does not see '{name}', so nobody could fill it in at the start; "
            "add 'owner' to seen_by, or drop required",
        )
    for number, party in enumerate(field.get("edited_by") or ()):
        if party not in seen_by[name]:
            yield Mistake(
                f"{place}.edited_by[{number}]",
                f"'{party}' may fill in '{name}' but does not see it; add '{party}' to seen_by, "
                "or take it away here",
            )


def _beside(place: str, field: Part, seen_by: Mapping[str, Sequence[str]]) -> Iterator[Mistake]:
    """Fields whose refusals would tell of another that fewer people see."""
    bounds = [(word, field.get(word)) for word in ("min", "max")]
    for word, other in bounds if field["type"] == "date" else ():
        mine, theirs = seen_by.get(field["name"]), seen_by.get(str(other))
        if relative(other) and other != "today" and set(mine or ()) != set(theirs or ()):
            yield Mistake(
                f"{place}.{word}",
                f"'{field['name']}' and '{other}' are not seen by the same people, but a refusal "
                "of one tells of the other; give both the same seen_by",
            )
    gate = str((field.get("only_when") or {}).get("field"))
    blind = _missing(seen_by.get(field["name"], ["everybody"]), seen_by.get(gate))
    if blind:
        who = blind if blind == "everybody" else f"'{blind}'"
        yield Mistake(
            f"{place}.only_when.field",
            f"{who} sees whether '{field['name']}' counts, but not '{gate}' that it depends on; "
            "give both the same seen_by",
        )


def _missing(parties: Collection[str], viewers: Collection[str] | None) -> str | None:
    """The first of the parties that is not among the viewers; None where everybody sees the field."""
    return next((p for p in parties if p not in viewers), None) if viewers else None
