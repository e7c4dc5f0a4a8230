"""Mistakes of what happens by itself: when, and that nobody makes it.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twinspike.files.mistakes import Mistake

Part = Mapping[str, Any]

WHEN = ("on", "after", "at_once")
PEOPLES = ("by", "not_by", "approvals", "bulk")


def happens_by_itself(transition: Part) -> bool:
    """Whether the transition says when it is made by itself."""
    return any(transition.get(word) is not None for word in WHEN)


def by_itself_mistakes(
    transitions: Sequence[tuple[int, Part]], fields: Mapping[str, Part]
) -> Iterator[Mistake]:
    """Transitions that nobody makes at no time, that have both, and circles that never end."""
    for index, transition in transitions:
        if happens_by_itself(transition):
            yield from _alone(f"transitions[{index}]", transition, transitions)
            yield from _when(f"transitions[{index}]", transition, fields)
        elif not transition["by"]:
            yield Mistake(
                f"transitions[{index}].by",
                "is missing; name who may make it, or say when it happens by itself: "
                "`on: a_date`, `after: 7 days` or `at_once: true`",
            )
        for number, name in enumerate(transition.get("not_by") or ()):
            if any(t["name"] == name and happens_by_itself(t) for _, t in transitions):
                yield Mistake(
                    f"transitions[{index}].not_by[{number}]",
                    f"'{name}' happens by itself, so it excludes nobody; take it away",
                )
    yield from _circles(transitions)


def _alone(
    place: str, transition: Part, transitions: Sequence[tuple[int, Part]]
) -> Iterator[Mistake]:
    """What goes with people only, and a name that a transition of people has too."""
    given = [word for word in WHEN if transition.get(word) is not None]
    if len(given) > 1:
        yield Mistake(
            f"{place}.{given[1]}", f"{' and '.join(given)} both say when; keep one of them"
        )
    for word in PEOPLES:
        if transition.get(word):
            yield Mistake(
                f"{place}.{word}",
                f"nobody makes what happens by itself (`{given[0]}`); take it away",
            )
    if transition.get("comment") == "required":
        yield Mistake(
            f"{place}.comment", f"nobody is there to write one (`{given[0]}`); take it away"
        )
    same = [t for _, t in transitions if t["name"] == transition["name"]]
    if len(same) > 1:
        yield Mistake(
            f"{place}.name",
            f"another transition is called '{transition['name']}' too; "
            "give what happens by itself a name of its own",
        )


def _when(place: str, transition: Part, fields: Mapping[str, Part]) -> Iterator[Mistake]:
    field = fields.get(transition.get("on") or "")
    if field is not None and field["type"] != "date":
        yield Mistake(
            f"{place}.on",
            f"'{field['name']}' is of type {field['type']}; only the day of a date can be over",
        )
    if transition.get("at_once") is False:
        yield Mistake(f"{place}.at_once", "is false; write true, or say when else it is made")


def _circles(transitions: Sequence[tuple[int, Part]]) -> Iterator[Mistake]:
    """The first transition of each circle that a record would go round in for ever."""
    moves = [
        (state, index, transition["to"])
        for index, transition in transitions
        for state in transition["from"]
        if transition.get("at_once")
    ]
    found: set[str] = set()
    for start, index, to in moves:
        reached = {to}
        while more := {after for before, _, after in moves if before in reached} - reached:
            reached |= more
        if start in reached and start not in found:
            found |= reached
            yield Mistake(
                f"transitions[{index}].at_once",
                f"from '{to}' a record comes back to '{start}' by itself, again and again; "
                "let somebody make one of these transitions",
            )
