"""Mistakes of fields that are asked only sometimes.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from twinspike.files.mistakes import Mistake, suggestion
from twinspike.workflow.conditions import guard_problems, impossible
from twinspike.workflow.paths import Part


def only_when_mistakes(
    fields: Sequence[tuple[int, Part]],
    field_of: Mapping[str, Part],
    names: Sequence[str],
    is_sound: Callable[[Part], bool],
) -> Iterator[Mistake]:
    """Conditions on no field, on one that is itself asked only sometimes, and those that nothing meets.

    `field_of` has the fields whose shape is right, `names` all that are named; `is_sound` is about bounds.
    """
    for index, field in fields:
        guard, place = field.get("only_when"), f"fields[{index}].only_when"
        if guard is None:
            continue
        if field["needed"] and field["type"] == "boolean":
            yield Mistake(
                f"fields[{index}].required",
                f"'{field['name']}' is asked only sometimes, so nobody could tell a no from no answer; "
                "write `type: choice` and `choices: [Yes, No]`, with quotes",
            )
        other = field_of.get(guard["field"])
        if guard["field"] not in names:
            hint = suggestion(guard["field"], names, "fields")
            yield Mistake(f"{place}.field", f"'{guard['field']}' is not a field; {hint}")
        if other is None:
            continue
        if other["name"] == field["name"]:
            yield Mistake(f"{place}.field", f"'{other['name']}' is this field itself; name another")
        elif other.get("only_when") is not None:
            yield Mistake(
                f"{place}.field",
                f"'{other['name']}' is asked only sometimes itself; name the field that it depends on, "
                f"'{other['only_when']['field']}'",
            )
        else:
            problems = list(guard_problems(guard, other))
            for word, message in problems:
                yield Mistake(f"{place}.{word}", message)
            if not problems and is_sound(other) and impossible([guard], other):
                yield Mistake(
                    place, f"no value of '{other['name']}' meets this; nobody would ever be asked"
                )
