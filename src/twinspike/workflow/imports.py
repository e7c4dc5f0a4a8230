"""Mistakes in the columns of a file that records are imported from.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Iterator, Sequence

from twinspike.files.mistakes import Mistake, suggestion
from twinspike.workflow.paths import Part


def import_mistakes(
    imports: object,
    fields: Sequence[tuple[int, Part]],
    roles: Sequence[tuple[int, Part]],
    known: Sequence[str],
) -> Iterator[Mistake]:
    """Columns that nobody knows, that stand twice or that nobody may fill in, and fields that lack one."""
    if not isinstance(imports, list) or not imports:
        return
    field_of = {field["name"]: field for _, field in fields}
    people = [r["name"] for _, r in roles if r.get("creates") and r.get("kind") != "service"]
    if not people:
        yield Mistake(
            "imports", "no role of people has `creates`, so nobody could import; take it away"
        )
    for number, name in enumerate(imports):
        place = f"imports[{number}]"
        if isinstance(name, str) and name not in known:
            yield Mistake(
                place, f"'{name}' is not a field; {suggestion(name, known, 'field names')}"
            )
        elif name in imports[:number]:
            yield Mistake(place, f"'{name}' is there twice; take one away")
        elif name in field_of and people and not fills_in(field_of[name], people):
            yield Mistake(
                place,
                f"nobody who creates may fill in '{name}'; take it away, or add "
                f"'{people[0]}' to its edited_by",
            )
    missing = [n for n, field in field_of.items() if field["required"] and n not in imports]
    if missing:
        yield Mistake(
            "imports",
            f"'{missing[0]}' is required from the start, so that no row could become a record; add it",
        )


def fills_in(field: Part, people: Sequence[str]) -> bool:
    """Whether somebody of these roles may fill the field in on a new record, which is their own."""
    return {"owner", *people} & {*(field.get("edited_by") or ["owner"])} != set()
