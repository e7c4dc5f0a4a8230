"""What is wrong with a workflow: every mistake of a file at once, each with place, value and remedy.

The template has the same rules in `macros/check_workflow.jinja`, for a bare `copier copy`; a test
holds the two together.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from twinspike.paths import template_root
from twinspike.workflow import model
from twinspike.workflow.model import (
    FollowUp,
    Guard,
    Role,
    State,
    Transition,
    Workflow,
    WorkflowField,
    is_date,
    shown,
)

TEXTS = {"text", "long_text", "email", "url"}
LENGTHS = {"text": 1000, "long_text": 100_000, "email": 254, "url": 2000}
ORDERED = {"integer", "money", "date"}
ORDERING = {"more_than", "at_least", "less_than", "at_most"}
INTEGER = 2_147_483_647
MONEY = 9_999_999_999.99
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
URL = re.compile(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?#][!-~]*)?")


@dataclass(frozen=True)
class Mistake:
    """Something that a workflow may not say, and where (as in `transitions[3].to`)."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def check(data: object) -> tuple[Workflow | None, list[Mistake]]:
    """The workflow that the data describe, or None and all mistakes, in the order of their places."""
    data = plain(data)
    if not isinstance(data, dict):
        return None, [
            Mistake("", f"{shown(data)} stands where a workflow belongs; begin with `name: …`")
        ]
    workflow: Workflow | None = None
    mistakes = []
    try:
        workflow = Workflow.model_validate(data)
    except ValidationError as error:
        mistakes = [_of_shape(detail) for detail in error.errors()]
    empty = list(_nothings(data, ""))
    if empty:
        workflow = None
        places = {mistake.place for mistake in empty}
        mistakes = empty + [mistake for mistake in mistakes if mistake.place not in places]
    mistakes += _Meaning(data, complete=workflow is not None).mistakes()
    unique = list(dict.fromkeys(mistakes))
    return (None if unique else workflow), unique


def plain(data: Any) -> Any:
    """The data with days as texts (2026-03-31), as JSON has them."""
    if isinstance(data, dict):
        return {_key(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple, set)):
        return [plain(value) for value in data]
    if isinstance(data, (date, datetime)):
        return data.isoformat()
    if isinstance(data, bytes):
        return data.decode("latin-1")
    return data


def _nothings(data: Any, place: str) -> Iterator[Mistake]:
    """A mistake for each key and item without a value."""
    if data is None:
        text = "there is nothing after the colon; write something or leave the key out"
        yield Mistake(place, text)
    elif isinstance(data, dict):
        for key, value in data.items():
            # A key that nobody knows has its own mistake.
            if value is not None or " " not in key:
                yield from _nothings(value, f"{place}.{key}" if place else key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _nothings(value, f"{place}[{index}]")


def _key(key: object) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


@cache
def reserved() -> dict[str, list[str]]:
    """Names that the spikes need for themselves, by kind."""
    text = (template_root() / "macros" / "reserved.json").read_text(encoding="utf-8")
    return json.loads(text)


def suggestion(value: object, allowed: Iterable[str], kind: str) -> str:
    """What could be meant: the closest allowed word, or all of them."""
    words = list(dict.fromkeys(allowed))
    close = get_close_matches(str(value).lower(), words, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not words:
        return f"there are no {kind}"
    return f"the {kind} are {', '.join(words)}"


# --- shape -----------------------------------------------------------------------------------


def _of_shape(detail: ErrorDetails) -> Mistake:
    place = _place(detail["loc"])
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return Mistake(place, "is missing")
    if kind == "extra_forbidden":
        parent, key = detail["loc"][:-1], str(detail["loc"][-1])
        keys = _keys(parent)
        if value is None and " " in key:
            return Mistake(
                _place(parent), f"'{key}' is no key here; put a text with a comma in quotes"
            )
        return Mistake(place, f"'{key}' is no key here; {suggestion(key, keys, 'keys')}")
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        if isinstance(value, bool):
            return Mistake(place, f"{shown(value)} is not one of {', '.join(words)}")
        return Mistake(place, f"{shown(value)} is not one; {suggestion(value, words, 'words')}")
    if kind == "list_type":
        hint = f"; write [{value}]" if isinstance(value, str) and len(value) < 50 else ""
        return Mistake(place, f"{shown(value)} stands where a list belongs{hint}")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return Mistake(
            place, f"{shown(value)} stands where keys and values belong, as in {{name: …}}"
        )
    if kind == "too_short":
        least = context["min_length"]
        if least == 1:
            return Mistake(place, "the list is empty; fill it or leave the key out")
        return Mistake(place, f"has {len(value)}; at least {least} are needed")
    if kind == "too_long":
        return Mistake(place, f"has {len(value)}; {context['max_length']} are the most")
    return Mistake(place, detail["msg"].removeprefix("Value error, "))


def _place(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


_PARTS: dict[str, type[BaseModel]] = {
    "fields": WorkflowField,
    "roles": Role,
    "states": State,
    "transitions": Transition,
    "follow_ups": FollowUp,
    "when": Guard,
}


def _keys(parent: Sequence[str | int]) -> list[str]:
    names = [part for part in parent if isinstance(part, str)]
    part = _PARTS[names[-1]] if names else Workflow
    return [info.alias or name for name, info in part.model_fields.items()]


# --- meaning ---------------------------------------------------------------------------------


class _Meaning:
    """The checks that need more than one part of the file.

    They look at the parts whose own shape is right, so that one slip does not hide the others;
    names are known from all parts. What needs the whole (who can reach what) waits until it is there.
    """

    def __init__(self, data: dict[str, Any], complete: bool) -> None:
        self.data = data
        self.complete = complete
        self.fields = self._sound("fields", WorkflowField)
        self.roles = self._sound("roles", Role)
        self.states = self._sound("states", State)
        self.transitions = self._sound("transitions", Transition)
        self.follow_ups = self._sound("follow_ups", FollowUp)
        self.field_of = {field.name: field for _, field in reversed(self.fields)}
        self.role_of = {role.name: role for _, role in reversed(self.roles)}

    def _sound(self, key: str, kind: type[Any]) -> list[tuple[int, Any]]:
        parts = []
        for index, raw in enumerate(self._list(key)):
            if any(_nothings(raw, "")):
                continue
            try:
                parts.append((index, kind.model_validate(raw)))
            except ValidationError:
                continue
        return parts

    def _list(self, key: str) -> list[Any]:
        value = self.data.get(key)
        return value if isinstance(value, list) else []

    def names(self, key: str) -> list[str]:
        """The names of all parts of a kind, sound or not."""
        return [
            part["name"]
            for part in self._list(key)
            if isinstance(part, dict) and isinstance(part.get("name"), str)
        ]

    def mistakes(self) -> list[Mistake]:
        """All mistakes of meaning."""
        return [
            *self._record(),
            *self._duplicates(),
            *self._fields(),
            *self._roles(),
            *self._references(),
            *self._guards(),
            *self._who(),
            *self._twins(),
            *self._unused(),
            *(self._paths() if self.complete else ()),
        ]

    def _record(self) -> Iterator[Mistake]:
        name, plural = self.data.get("name"), self.data.get("plural")
        if isinstance(name, str) and name == plural:
            yield Mistake("plural", f"'{plural}' is the name too; one and several need two words")
        for key, value in (("name", name), ("plural", plural)):
            if isinstance(value, str) and value in reserved()["record"]:
                yield Mistake(
                    key,
                    f"'{value}' has another meaning in the spikes; "
                    f"say more, as in 'travel {value}'",
                )

    def _duplicates(self) -> Iterator[Mistake]:
        for key in ("fields", "roles", "states", "follow_ups"):
            yield from self._same(key, "name")
        for key in ("fields", "roles", "states", "follow_ups"):
            yield from self._same(key, "label")
        for index, transition in enumerate(self._list("transitions")):
            name = transition.get("name") if isinstance(transition, dict) else None
            others = [other for other in self.names("transitions")[:index] if other != name]
            if isinstance(name, str) and name.lower() in [other.lower() for other in others]:
                yield Mistake(
                    f"transitions[{index}].name",
                    f"'{name}' differs from another transition only in capitals; choose another",
                )
        for key, words in (
            ("fields", ["edited_by"]),
            ("states", ["edited_by"]),
            ("transitions", ["from", "by", "not_by", "follow_ups"]),
            ("follow_ups", ["sends"]),
        ):
            for index, part in enumerate(self._list(key)):
                for word in words if isinstance(part, dict) else ():
                    value = part.get(word)
                    names = [str(name) for name in value] if isinstance(value, list) else []
                    for name, count in Counter(names).items():
                        if count > 1:
                            yield Mistake(
                                f"{key}[{index}].{word}", f"'{name}' is there twice; once is enough"
                            )

    def _same(self, key: str, word: str) -> Iterator[Mistake]:
        seen: dict[str, tuple[int, str]] = {}
        for index, part in enumerate(self._list(key)):
            value = part.get(word) if isinstance(part, dict) else None
            if not isinstance(value, str):
                continue
            first, as_written = seen.setdefault(value.lower(), (index, value))
            if first == index:
                continue
            if as_written == value:
                text = f"'{value}' is the {word} of {key}[{first}] too; choose another"
            else:
                text = (
                    f"'{value}' differs from '{as_written}' of {key}[{first}] only in capitals; "
                    "choose another"
                )
            yield Mistake(f"{key}[{index}].{word}", text)

    def _fields(self) -> Iterator[Mistake]:
        creators = [role for _, role in self.roles if role.creates]
        for index, field in self.fields:
            place = f"fields[{index}]"
            if field.name in reserved()["field"] or field.name.startswith(
                tuple(reserved()["field_prefixes"])
            ):
                yield Mistake(
                    f"{place}.name",
                    f"'{field.name}' has another meaning in Python, Django, SQLAlchemy or pydantic; "
                    f"say more, as in 'the_{field.name}', and put the plain word into `label`",
                )
            if field.type == "choice" and field.choices is None:
                yield Mistake(
                    f"{place}.choices", "is missing; a choice needs `choices: [one, two]`"
                )
            if field.type != "choice" and field.choices is not None:
                yield Mistake(
                    f"{place}.choices",
                    f"a field of type {field.type} has no choices; write `type: choice`",
                )
            seen: dict[str, str] = {}
            for choice in field.choices or ():
                other = seen.setdefault(choice.lower(), choice)
                if other is not choice:
                    how = "is there twice" if other == choice else f"is '{other}' in other capitals"
                    yield Mistake(f"{place}.choices", f"'{choice}' {how}; keep one of them")
            yield from self._bounds(place, field)
            if field.required and field.edited_by and "owner" not in field.edited_by:
                for role in creators:
                    if role.name not in field.edited_by:
                        yield Mistake(
                            f"{place}.required",
                            f"'{role.name}' creates records but may not fill in '{field.name}', "
                            f"so could create none; add '{role.name}' or 'owner' to edited_by, "
                            "or drop required",
                        )

    def _bounds(self, place: str, field: WorkflowField) -> Iterator[Mistake]:
        if field.max_length is not None:
            most = LENGTHS.get(field.type)
            if most is None:
                yield Mistake(
                    f"{place}.max_length",
                    f"a field of type {field.type} has no length; "
                    "max_length is for text, long_text, email and url",
                )
            elif not 1 <= field.max_length <= most:
                yield Mistake(
                    f"{place}.max_length",
                    f"{field.max_length} is out of range; {field.type} takes 1 to {most}",
                )
        if field.type not in ORDERED:
            for word in ("min", "max"):
                if getattr(field, word) is not None:
                    yield Mistake(
                        f"{place}.{word}",
                        f"a field of type {field.type} has no {word}; "
                        "it is for integer, money and date",
                    )
            return
        wrong = False
        for word in ("min", "max"):
            value = getattr(field, word)
            problem = None if value is None else _problem(value, field)
            if problem:
                wrong = True
                yield Mistake(f"{place}.{word}", problem)
        if wrong or field.min is None or field.max is None:
            return
        if _step(field.min, field) > _step(field.max, field):
            yield Mistake(
                f"{place}.min",
                f"{shown(field.min)} is more than max, {shown(field.max)}; swap them",
            )

    def _roles(self) -> Iterator[Mistake]:
        for index, role in self.roles:
            if role.name in reserved()["role"]:
                yield Mistake(
                    f"roles[{index}].name",
                    f"'{role.name}' is built in and needs no row here; choose another name",
                )
            if role.sees == "own" and not role.creates:
                yield Mistake(
                    f"roles[{index}].sees",
                    f"'{role.name}' sees its own records but creates none, so it sees nothing; "
                    "write `sees: all` or `creates: true`",
                )
        all_sound = self.roles and len(self.roles) == len(self._list("roles"))
        if all_sound and not any(role.creates for _, role in self.roles):
            first = self.names("states")[:1]
            where = f" in the first state, '{first[0]}'" if first else ""
            yield Mistake(
                "roles", f"nobody can create a record{where}; give a role `creates: true`"
            )

    def _references(self) -> Iterator[Mistake]:
        roles, states = self.names("roles"), self.names("states")
        fields, transitions = self.names("fields"), self.names("transitions")
        follow_ups = self.names("follow_ups")
        parties = [*roles, "owner"]
        known: list[tuple[str, str, list[str], str]] = [
            ("fields", "edited_by", parties, "role"),
            ("states", "edited_by", parties, "role"),
            ("transitions", "from", states, "state"),
            ("transitions", "to", states, "state"),
            ("transitions", "by", parties, "role"),
            ("transitions", "not_by", ["owner", *transitions], "transition"),
            ("transitions", "follow_ups", follow_ups, "follow-up"),
            ("follow_ups", "sends", fields, "field"),
        ]
        for key, word, allowed, kind in known:
            for index, part in enumerate(self._list(key)):
                value = part.get(word) if isinstance(part, dict) else None
                single = isinstance(value, str)
                for number, name in enumerate(
                    [value] if single else value if isinstance(value, list) else ()
                ):
                    if not isinstance(name, str) or name in allowed:
                        continue
                    place = f"{key}[{index}].{word}" + ("" if single else f"[{number}]")
                    hint = suggestion(name, allowed, f"{kind}s")
                    if name == "admin" and kind == "role":
                        hint = "the administrator takes no part in the workflow"
                    yield Mistake(place, f"'{name}' is not a {kind}; {hint}")
        for index, transition in self.transitions:
            if transition.name in reserved()["transition"]:
                yield Mistake(
                    f"transitions[{index}].name",
                    f"'{transition.name}' means whoever created the record; choose another name",
                )
            if transition.name in (transition.not_by or ()):
                yield Mistake(
                    f"transitions[{index}].not_by",
                    f"'{transition.name}' is this transition itself; name an earlier one",
                )
            if transition.to in transition.from_:
                yield Mistake(
                    f"transitions[{index}].to",
                    f"'{transition.to}' is where it starts too, so nothing would change; "
                    "lead to another state, or use a comment",
                )

    def _guards(self) -> Iterator[Mistake]:
        for index, transition in self.transitions:
            right = []
            for number, guard in enumerate(transition.when or ()):
                place = f"transitions[{index}].when[{number}]"
                field = self.field_of.get(guard.field)
                if field is None:
                    if guard.field not in self.names("fields"):
                        hint = suggestion(guard.field, self.names("fields"), "fields")
                        yield Mistake(f"{place}.field", f"'{guard.field}' is not a field; {hint}")
                    continue
                problems = list(_guard_problems(guard, field))
                for word, message in problems:
                    yield Mistake(f"{place}.{word}", message)
                if guard in (transition.when or ())[:number]:
                    yield Mistake(place, "stands there twice; once is enough")
                if not problems:
                    right.append((guard, field))
            for name in dict.fromkeys(field.name for _, field in right):
                group = [guard for guard, field in right if field.name == name]
                if not list(self._bounds("", self.field_of[name])) and _impossible(
                    group, self.field_of[name]
                ):
                    yield Mistake(
                        f"transitions[{index}].when",
                        f"no value of '{name}' meets "
                        f"{'these conditions together' if len(group) > 1 else 'this condition'}; "
                        "nobody could ever make this transition",
                    )

    def _who(self) -> Iterator[Mistake]:
        own = {role.name for _, role in self.roles if role.sees == "own"}
        for index, transition in self.transitions:
            if "owner" in (transition.not_by or ()) and own | {"owner"} >= set(transition.by):
                yield Mistake(
                    f"transitions[{index}].not_by",
                    f"'owner' is excluded, but {' and '.join(transition.by)} can only be or see "
                    "the owner; nobody could make this transition",
                )

    def _twins(self) -> Iterator[Mistake]:
        for position, (index, later) in enumerate(self.transitions):
            for first, earlier in self.transitions[:position]:
                if earlier.name != later.name:
                    continue
                if earlier.label != later.label:
                    yield Mistake(
                        f"transitions[{index}].label",
                        f"{shown(later.label)} is not the label of transitions[{first}], "
                        f"which has the same name; give both '{later.label or earlier.label}'",
                    )
                states = [state for state in later.from_ if state in earlier.from_]
                parties = [party for party in later.by if party in earlier.by]
                stricter = [
                    guard for guard in earlier.when or () if guard not in (later.when or ())
                ]
                excluded = set(earlier.not_by or ()) - set(later.not_by or ())
                if states and parties and not stricter and not excluded:
                    yield Mistake(
                        f"transitions[{index}]",
                        f"nobody can tell it apart from transitions[{first}]: both are called "
                        f"'{later.name}', both leave '{states[0]}' by '{parties[0]}', and the first "
                        "is taken whenever this one could be; "
                        "rename one, or give the first a condition in `when` of its own",
                    )
                    break

    def _unused(self) -> Iterator[Mistake]:
        used = {
            name
            for part in self._list("transitions")
            if isinstance(part, dict) and isinstance(part.get("follow_ups"), list)
            for name in part["follow_ups"]
            if isinstance(name, str)
        }
        if len(self.transitions) < len(self._list("transitions")):
            return
        for index, follow_up in self.follow_ups:
            if follow_up.name not in used:
                yield Mistake(
                    f"follow_ups[{index}].name",
                    f"no transition sends '{follow_up.name}'; add it to `follow_ups` of one, "
                    "or take it away",
                )

    def _paths(self) -> Iterator[Mistake]:
        moves = [(state, t.to) for _, t in self.transitions for state in t.from_]
        reached = _reachable([self.states[0][1].name], moves)
        for index, state in self.states:
            if state.name not in reached:
                yield Mistake(
                    f"states[{index}].name",
                    f"no record can ever reach '{state.name}'; "
                    "let a transition from a state that can be reached lead `to` it",
                )
        for index, transition in self.transitions:
            for number, name in enumerate(transition.not_by or ()):
                ends = [t.to for _, t in self.transitions if t.name == name]
                if ends and not _reachable(ends, moves) & set(transition.from_):
                    yield Mistake(
                        f"transitions[{index}].not_by[{number}]",
                        f"'{name}' can never come before '{transition.name}', "
                        "so it excludes nobody; take it away",
                    )


def _reachable(start: Iterable[str], moves: Sequence[tuple[str, str]]) -> set[str]:
    """The states that can be reached from these, these included."""
    reached = set(start)
    while more := {to for state, to in moves if state in reached} - reached:
        reached |= more
    return reached


# --- values ----------------------------------------------------------------------------------


def _problem(value: object, field: WorkflowField) -> str | None:
    """Why a value cannot be one of the field's, or None."""
    kind = field.type
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "integer":
        if not number or isinstance(value, float):
            return f"{shown(value)} is not a whole number, but '{field.name}' is an integer"
        if not -INTEGER <= value <= INTEGER:  # type: ignore[operator]
            return f"{value} does not fit; an integer has at most {INTEGER} either way"
    elif kind == "money":
        if not number:
            return f"{shown(value)} is not a number, but '{field.name}' is money; write 500 or 99.5"
        if abs(value) > MONEY:  # type: ignore[arg-type]
            return f"{value} does not fit; money has at most ten digits before the point"
        if round(value, 2) != value:  # type: ignore[call-overload]
            return f"{value} has more than two digits after the point; money has two"
    elif kind == "date":
        if not is_date(value):
            return f"{shown(value)} is not a date; '{field.name}' needs one as in 2026-03-31"
    elif kind == "boolean":
        if not isinstance(value, bool):
            return f"{shown(value)} is neither true nor false, but '{field.name}' is a boolean"
    elif not isinstance(value, str):
        return f"{shown(value)} is not a text, but '{field.name}' is; put it in quotes"
    elif kind == "choice":
        if field.choices and value not in field.choices:
            hint = _choice_hint(value, field.choices)
            return f"{shown(value)} is not a choice of '{field.name}'; {hint}"
    elif kind == "email" and not EMAIL.fullmatch(value):
        return f"{shown(value)} is not an e-mail address, but '{field.name}' is one"
    elif kind == "url" and not URL.fullmatch(value):
        return f"{shown(value)} is not a web address, but '{field.name}' is one"
    elif not value or value != value.strip() or model._INVISIBLE.search(value):
        return (
            f"{shown(value)} can never be in '{field.name}', which is one line without outer spaces"
        )
    elif len(value) > (field.max_length or {"text": 200}.get(kind, LENGTHS[kind])):
        return f"{shown(value)} is longer than '{field.name}' can be"
    return None


def _choice_hint(value: str, choices: list[str]) -> str:
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(value.lower(), list(by_lower), n=1, cutoff=0.6)
    if close:
        return f"did you mean '{by_lower[close[0]]}'?"
    return f"the choices are {', '.join(choices[:8])}{', …' if len(choices) > 8 else ''}"


def _guard_problems(guard: Guard, field: WorkflowField) -> Iterator[tuple[str, str]]:
    """What is wrong with a condition on this field: the key and why."""
    operator, value = guard.comparison
    if operator == "is_set":
        if field.type == "boolean":
            yield operator, f"'{field.name}' is always true or false; write `equals: true`"
        elif field.required:
            yield operator, f"'{field.name}' is required, so it is always set; take this away"
        return
    if operator in ORDERING and field.type not in ORDERED:
        yield (
            operator,
            f"'{field.name}' is of type {field.type}, which has no order; "
            "use equals, not_equals, is_one_of or is_set",
        )
        return
    if field.type == "long_text":
        yield operator, f"'{field.name}' is a long_text; only is_set makes sense there"
        return
    if operator == "is_one_of" and field.type == "boolean":
        yield operator, f"'{field.name}' is true or false; write `equals: true`"
        return
    values = value if operator == "is_one_of" else [value]
    for number, part in enumerate(values):
        word = f"{operator}[{number}]" if operator == "is_one_of" else operator
        if problem := _problem(part, field):
            yield word, problem
        elif part in values[:number]:
            yield word, f"{shown(part)} is there twice; once is enough"


def _step(value: Any, field: WorkflowField) -> int:
    """A value as a whole number: integers, cents, days."""
    if field.type == "money":
        return round(value * 100)
    if field.type == "date":
        return date.fromisoformat(value).toordinal()
    return int(value)


def _impossible(guards: Sequence[Guard], field: WorkflowField) -> bool:
    """Whether no value of the field meets all of the conditions."""
    pairs = [guard.comparison for guard in guards]
    set_to = {value for operator, value in pairs if operator == "is_set"}
    needs_value = True in set_to or any(op not in ("is_set", "not_equals") for op, _ in pairs)
    if False in set_to:
        return needs_value
    if field.type in ORDERED:
        return _empty_range(pairs, field)
    allowed: set[Any] | None = None
    if field.type == "boolean":
        allowed = {True, False}
    elif field.type == "choice":
        allowed = set(field.choices or ())
    for operator, value in pairs:
        chosen = {"equals": [value], "is_one_of": value}.get(operator)
        if chosen is not None:
            allowed = set(chosen) if allowed is None else allowed & set(chosen)
    excluded = {value for operator, value in pairs if operator == "not_equals"}
    unset = field.type == "choice" and not field.required and not needs_value
    return allowed is not None and not allowed - excluded and not unset


def _empty_range(pairs: Sequence[tuple[str, Any]], field: WorkflowField) -> bool:
    edge = {"integer": INTEGER, "money": round(MONEY * 100), "date": date.max.toordinal()}
    low = -edge[field.type] if field.min is None else _step(field.min, field)
    high = edge[field.type] if field.max is None else _step(field.max, field)
    if field.type == "date" and field.min is None:
        low = date.min.toordinal()
    chosen: set[int] | None = None
    for operator, value in pairs:
        if operator in ("equals", "is_one_of"):
            values = value if operator == "is_one_of" else [value]
            steps = {_step(part, field) for part in values}
            chosen = steps if chosen is None else chosen & steps
        elif operator in ORDERING:
            step = _step(value, field)
            low = (
                max(low, step + (operator == "more_than"))
                if operator in ("more_than", "at_least")
                else low
            )
            high = (
                min(high, step - (operator == "less_than"))
                if operator in ("less_than", "at_most")
                else high
            )
    excluded = {_step(value, field) for operator, value in pairs if operator == "not_equals"}
    if chosen is not None:
        return not {step for step in chosen if low <= step <= high} - excluded
    return low > high or (low == high and low in excluded)
