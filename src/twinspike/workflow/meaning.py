"""Mistakes of meaning in a workflow: parts that do not fit each other.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twinspike.files.mistakes import Mistake, shown, suggestion
from twinspike.workflow.bounds import bound_mistakes
from twinspike.workflow.bulk import bulk_mistakes
from twinspike.workflow.by_itself import by_itself_mistakes
from twinspike.workflow.conditions import (
    ORDERED,
    fixed,
    guard_problems,
    impossible,
    relative,
    steps_of,
    why_not,
)
from twinspike.workflow.impersonates import impersonates_mistakes
from twinspike.workflow.imports import import_mistakes
from twinspike.workflow.notifies import notifies_mistakes
from twinspike.workflow.only_when import only_when_mistakes
from twinspike.workflow.paths import Part, Paths
from twinspike.workflow.seen_by import seen_by_mistakes
from twinspike.workflow.shape import Schema, misshapen

KINDS = {
    "fields": "WorkflowField",
    "roles": "Role",
    "states": "State",
    "transitions": "Transition",
    "follow_ups": "FollowUp",
}


@dataclass(frozen=True)
class Language:
    """What a workflow may say: its schema, the names that the spikes need themselves, lengths of texts."""

    schema: Schema
    reserved: Mapping[str, Sequence[str]]
    lengths: Mapping[str, Mapping[str, int]]


class Meaning:
    """The checks that need more than one part of the file.

    They look at the parts whose own shape is right, so that one slip does not hide the others;
    names are known from all parts. What needs the whole (who can reach what) waits until it is there.
    """

    def __init__(self, data: dict[str, Any], language: Language) -> None:
        self.data = data
        self.language = language
        self.complete = not any(misshapen(data, language.schema, language.schema))
        self.fields = [(index, self._filled(field)) for index, field in self._sound("fields")]
        self.roles = self._sound("roles")
        self.states = self._sound("states")
        self.transitions = [(i, {"by": [], **each}) for i, each in self._sound("transitions")]
        self.follow_ups = self._sound("follow_ups")
        self.field_of = {field["name"]: field for _, field in reversed(self.fields)}
        self.people = {n: field for n, field in self.field_of.items() if field["type"] == "person"}

    def _sound(self, key: str) -> list[tuple[int, Part]]:
        whole = self.language.schema
        schema = whole["$defs"][KINDS[key]]
        parts = enumerate(self._list(key))
        return [(index, raw) for index, raw in parts if not any(misshapen(raw, schema, whole))]

    def _filled(self, field: Part) -> Part:
        """The field with its length; one that is asked only sometimes may be empty, `needed` or not."""
        length = self.language.lengths.get(field["type"], {}).get("default")
        needed = field.get("required", False)
        filled = {
            **field,
            "length": field.get("max_length", length),
            "needed": needed,
            "required": needed and field.get("only_when") is None,
        }
        if field.get("seen_by"):  # whoever fills it in must see it
            filled.setdefault("edited_by", field["seen_by"])
        return filled

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
        """All mistakes of meaning; a name that is unknown hides who can reach what."""
        unknown = list(self._references())
        paths = Paths(self.roles, self.states, self.transitions, self.field_of)
        return [
            *self._record(),
            *self._duplicates(),
            *self._fields(),
            *self._only_people(),
            *bound_mistakes(self.fields, self.names("fields")),
            *only_when_mistakes(
                self.fields,
                self.field_of,
                self.names("fields"),
                lambda other: not any(self._bounds("", other)),
            ),
            *seen_by_mistakes(self.fields, self.roles, self.transitions, self.follow_ups),
            *self._roles(),
            *impersonates_mistakes(self.roles),
            *unknown,
            *self._guards(),
            *self._transitions(),
            *bulk_mistakes(self.transitions, self.roles),
            *notifies_mistakes(self.transitions, self.roles, self.people),
            *by_itself_mistakes(self.transitions, self.field_of),
            *import_mistakes(
                self.data.get("imports"), self.fields, self.roles, self.names("fields")
            ),
            *self._twins(),
            *self._unused(),
            *(paths.mistakes() if self.complete and not unknown and not self._stays() else ()),
        ]

    def _record(self) -> Iterator[Mistake]:
        name, plural = self.data.get("name"), self.data.get("plural")
        if isinstance(name, str) and name == plural:
            yield Mistake("plural", f"'{plural}' is the name too; one and several need two words")
        for key, value in (("name", name), ("plural", plural)):
            if isinstance(value, str) and value in self.language.reserved["record"]:
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
            ("fields", ["edited_by", "seen_by"]),
            ("roles", ["impersonates"]),
            ("states", ["edited_by"]),
            ("transitions", ["from", "by", "not_by", "follow_ups", "notifies"]),
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
        creators = [role for _, role in self.roles if role.get("creates")]
        for index, field in self.fields:
            place = f"fields[{index}]"
            if field["name"] in self.language.reserved["field"] or field["name"].startswith(
                tuple(self.language.reserved["field_prefixes"])
            ):
                yield Mistake(
                    f"{place}.name",
                    f"'{field['name']}' has another meaning in Python, Django, SQLAlchemy or pydantic; "
                    f"say more, as in 'the_{field['name']}', and put the plain word into `label`",
                )
            if field["type"] == "choice" and field.get("choices") is None:
                yield Mistake(
                    f"{place}.choices", "is missing; a choice needs `choices: [one, two]`"
                )
            if field["type"] != "choice" and field.get("choices") is not None:
                yield Mistake(
                    f"{place}.choices",
                    f"a field of type {field['type']} has no choices; write `type: choice`",
                )
            seen: dict[str, str] = {}
            for choice in field.get("choices") or ():
                other = seen.setdefault(choice.lower(), choice)
                if other is not choice:
                    how = "is there twice" if other == choice else f"is '{other}' in other capitals"
                    yield Mistake(f"{place}.choices", f"'{choice}' {how}; keep one of them")
            yield from self._bounds(place, field)
            yield from self._person(place, field)
            editors = field.get("edited_by") or [role["name"] for role in creators]
            sees = "owner" in field.get("seen_by", ["owner"])
            if field["needed"] and sees and "owner" not in editors:
                for role in creators:
                    if role["name"] not in editors:
                        yield Mistake(
                            f"{place}.required",
                            f"'{role['name']}' creates records but may not fill in '{field['name']}', "
                            f"so could create none; add '{role['name']}' or 'owner' to edited_by, "
                            "or drop required",
                        )

    def _only_people(self) -> Iterator[Mistake]:
        if self.people and len(self.people) == len(self._list("fields")):
            yield Mistake(
                "fields", "all of them name people; add one with what the record is about"
            )

    def _person(self, place: str, field: Part) -> Iterator[Mistake]:
        """A field that names a person stands beside roles in `by`, and beside transitions in `not_by`."""
        name, role = field["name"], field.get("role")
        if field["type"] != "person":
            if role is not None:
                yield Mistake(
                    f"{place}.role",
                    f"a field of type {field['type']} has no role; write `type: person`",
                )
            for other in self.people:
                if name in (f"{other}_id", f"{other}_name", f"{other}_user"):
                    yield Mistake(
                        f"{place}.name",
                        f"'{name}' is what the spikes call the person in '{other}'; choose another",
                    )
            return
        services = [role["name"] for _, role in self.roles if role.get("kind") == "service"]
        if role is None:
            yield Mistake(
                f"{place}.role", "is missing; a person needs the role of those who can be named"
            )
        elif role in services:
            yield Mistake(f"{place}.role", f"'{role}' is a service; name a role of people")
        for kind, taken in (
            ("role", self.names("roles")),
            ("transition", self.names("transitions")),
        ):
            if name in taken:
                yield Mistake(
                    f"{place}.name",
                    f"'{name}' is the name of a {kind} too, so `by` and `not_by` could mean either; "
                    "choose another",
                )

    def _bounds(self, place: str, field: Part) -> Iterator[Mistake]:
        length = field.get("max_length")
        if length is not None:
            most = self.language.lengths.get(field["type"], {}).get("most")
            if most is None:
                yield Mistake(
                    f"{place}.max_length",
                    f"a field of type {field['type']} has no length; "
                    "max_length is for text, long_text, email and url",
                )
            elif not 1 <= length <= most:
                yield Mistake(
                    f"{place}.max_length",
                    f"{length} is out of range; {field['type']} takes 1 to {most}",
                )
        if field["type"] not in ORDERED:
            for word in ("min", "max"):
                if field.get(word) is not None:
                    yield Mistake(
                        f"{place}.{word}",
                        f"a field of type {field['type']} has no {word}; "
                        "it is for integer, money and date",
                    )
            return
        wrong = False
        for word in ("min", "max"):
            value = field.get(word)
            other = field["type"] == "date" and relative(value)
            problem = None if value is None or other else why_not(value, field)
            if problem:
                wrong = True
                yield Mistake(f"{place}.{word}", problem)
        low, high = fixed(field, "min"), fixed(field, "max")
        if wrong or low is None or high is None:
            return
        if steps_of(low, field) > steps_of(high, field):
            yield Mistake(
                f"{place}.min", f"{shown(low)} is more than max, {shown(high)}; swap them"
            )

    def _roles(self) -> Iterator[Mistake]:
        for index, role in self.roles:
            if role["name"] in self.language.reserved["role"]:
                yield Mistake(
                    f"roles[{index}].name",
                    f"'{role['name']}' is built in and needs no row here; choose another name",
                )
            named = [each for each in self.people.values() if each.get("role") == role["name"]]
            if role.get("sees") == "own" and not role.get("creates") and not named:
                yield Mistake(
                    f"roles[{index}].sees",
                    f"'{role['name']}' sees its own records but creates none, so it sees nothing; "
                    "write `sees: all` or `creates: true`",
                )
            if role.get("sees") == "department" and role.get("kind") == "service":
                yield Mistake(
                    f"roles[{index}].sees",
                    f"'{role['name']}' is a service, and only people have a department; "
                    "write `sees: all`",
                )
        all_sound = self.roles and len(self.roles) == len(self._list("roles"))
        if all_sound and not any(role.get("creates") for _, role in self.roles):
            first = self.names("states")[:1]
            where = f" in the first state, '{first[0]}'" if first else ""
            yield Mistake(
                "roles", f"nobody can create a record{where}; give a role `creates: true`"
            )

    def _references(self) -> Iterator[Mistake]:
        roles, states = self.names("roles"), self.names("states")
        fields, transitions = self.names("fields"), self.names("transitions")
        follow_ups = self.names("follow_ups")
        people = [
            part["name"]
            for part in self._list("fields")
            if isinstance(part, dict)
            and part.get("type") == "person"
            and isinstance(part.get("name"), str)
        ]
        parties = [*roles, "owner", *people]
        known: list[tuple[str, str, list[str], str]] = [
            ("fields", "edited_by", parties, "role"),
            ("fields", "seen_by", [*parties, "admin"], "role"),
            ("fields", "role", roles, "role"),
            ("roles", "impersonates", roles, "role"),
            ("states", "edited_by", parties, "role"),
            ("transitions", "from", states, "state"),
            ("transitions", "to", states, "state"),
            ("transitions", "by", parties, "role"),
            ("transitions", "on", fields, "field"),
            ("transitions", "not_by", ["owner", *transitions, *people], "transition"),
            ("transitions", "follow_ups", follow_ups, "follow-up"),
            ("transitions", "notifies", parties, "role"),
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

    def _guards(self) -> Iterator[Mistake]:
        for index, transition in self.transitions:
            right = []
            for number, guard in enumerate(transition.get("when") or ()):
                place = f"transitions[{index}].when[{number}]"
                field = self.field_of.get(guard["field"])
                if field is None:
                    if guard["field"] not in self.names("fields"):
                        hint = suggestion(guard["field"], self.names("fields"), "fields")
                        yield Mistake(
                            f"{place}.field", f"'{guard['field']}' is not a field; {hint}"
                        )
                    continue
                problems = list(guard_problems(guard, field))
                for word, message in problems:
                    yield Mistake(f"{place}.{word}", message)
                if guard in (transition.get("when") or ())[:number]:
                    yield Mistake(place, "stands there twice; once is enough")
                if not problems:
                    right.append((guard, field))
            for name in dict.fromkeys(field["name"] for _, field in right):
                group = [guard for guard, field in right if field["name"] == name]
                if not list(self._bounds("", self.field_of[name])) and impossible(
                    group, self.field_of[name]
                ):
                    yield Mistake(
                        f"transitions[{index}].when",
                        f"no value of '{name}' meets "
                        f"{'these conditions together' if len(group) > 1 else 'this condition'}; "
                        "nobody could ever make this transition",
                    )

    def _transitions(self) -> Iterator[Mistake]:
        own = {role["name"] for _, role in self.roles if role.get("sees") == "own"}
        own -= {field.get("role") for field in self.people.values()}
        for index, transition in self.transitions:
            if transition["name"] in self.language.reserved["transition"]:
                yield Mistake(
                    f"transitions[{index}].name",
                    f"'{transition['name']}' means whoever created the record; choose another name",
                )
            if transition["to"] in transition["from"]:
                yield Mistake(
                    f"transitions[{index}].to",
                    f"'{transition['to']}' is where it starts too, so nothing would change; "
                    "lead to another state, or use a comment",
                )
            parties = set(transition["by"])
            if (
                "owner" in (transition.get("not_by") or ())
                and parties
                and own | {"owner"} >= parties
            ):
                yield Mistake(
                    f"transitions[{index}].not_by",
                    f"'owner' is excluded, but {' and '.join(transition['by'])} can only be or see "
                    "the owner; nobody could make this transition",
                )
            elif set() < set(transition["by"]) <= set(transition.get("not_by") or ()):
                yield Mistake(
                    f"transitions[{index}].not_by",
                    f"{' and '.join(transition['by'])} may make it and may not; "
                    "nobody could make this transition",
                )
            yield from self._approvals(f"transitions[{index}]", transition, own)

    def _approvals(self, place: str, transition: Part, own: set[str]) -> Iterator[Mistake]:
        """Approvals that there are too few for: services, those whom fields name, and the owner are one each."""
        services = {role["name"] for _, role in self.roles if role.get("kind") == "service"}
        services |= self.people.keys()
        by = set(transition["by"])
        needed = transition.get("approvals") or 1
        if needed == 1 or by - own - services - {"owner"}:
            return
        owner = bool(by & (own | {"owner"})) and "owner" not in (transition.get("not_by") or ())
        there = len(by & services) + owner
        if there < needed:
            yield Mistake(
                f"{place}.approvals",
                f"{needed} different people are needed, but {' and '.join(transition['by'])} "
                f"can only be {there}; "
                "add a role that sees all to `by`, or ask for fewer",
            )

    def _stays(self) -> bool:
        """Whether a transition leads nowhere: then what can be reached says nothing yet."""
        return any(transition["to"] in transition["from"] for _, transition in self.transitions)

    def _twins(self) -> Iterator[Mistake]:
        for position, (index, later) in enumerate(self.transitions):
            for first, earlier in self.transitions[:position]:
                if earlier["name"] != later["name"]:
                    continue
                if earlier.get("label") != later.get("label"):
                    yield Mistake(
                        f"transitions[{index}].label",
                        f"{shown(later.get('label'))} is not the label of transitions[{first}], "
                        f"which has the same name; give both '{later.get('label') or earlier.get('label')}'",
                    )
                states = [state for state in later["from"] if state in earlier["from"]]
                parties = [party for party in later["by"] if party in earlier["by"]]
                stricter = [
                    guard
                    for guard in earlier.get("when") or ()
                    if guard not in (later.get("when") or ())
                ]
                excluded = set(earlier.get("not_by") or ()) - set(later.get("not_by") or ())
                if states and parties and not stricter and not excluded:
                    yield Mistake(
                        f"transitions[{index}]",
                        f"nobody can tell it apart from transitions[{first}]: both are called "
                        f"'{later['name']}', both leave '{states[0]}' by '{parties[0]}', and the first "
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
            if follow_up["name"] not in used:
                yield Mistake(
                    f"follow_ups[{index}].name",
                    f"no transition sends '{follow_up['name']}'; add it to `follow_ups` of one, "
                    "or take it away",
                )
