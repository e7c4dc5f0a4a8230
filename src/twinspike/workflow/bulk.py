"""Mistakes of transitions of many records at once.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Iterator, Sequence

from twinspike.files.mistakes import Mistake
from twinspike.workflow.paths import Part


def bulk_mistakes(
    transitions: Sequence[tuple[int, Part]], roles: Sequence[tuple[int, Part]]
) -> Iterator[Mistake]:
    """Many at once where nobody ticks them, or where only some of the transitions of a name say so."""
    services = {role["name"] for _, role in roles if role.get("kind") == "service"}
    for index, transition in transitions:
        place, by = f"transitions[{index}].bulk", transition["by"]
        if transition.get("bulk") and by and services.issuperset(by):
            yield Mistake(
                place,
                f"people tick records, and only {' and '.join(by)} may make this one; "
                "take it away, or add people to `by`",
            )
        same = [t for _, t in transitions if t["name"] == transition["name"]]
        if not transition.get("bulk") and any(t.get("bulk") for t in same):
            yield Mistake(
                place,
                f"is not true, but it is for another transition called '{transition['name']}'; "
                "write `bulk: true` for all of them or for none",
            )
