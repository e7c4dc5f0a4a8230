"""What a workflow file may say: its shape as a pydantic model, which also gives the JSON Schema.

What the shape cannot say (unknown states, guards that can never hold, …) is in `check.py`.
"""

import math
import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from typing_extensions import TypeAliasType

from twinspike.files.mistakes import INVISIBLE, UNPRINTABLE, shown
from twinspike.workflow.conditions import is_date

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
WORDS = re.compile(r"[a-z][a-z0-9]*( [a-z][a-z0-9]*)*")
NAME_LENGTH = 45
AFTER = re.compile(r"[1-9][0-9]{0,2} (day|days|hour|hours)")

FieldType = Literal[
    "text", "long_text", "integer", "money", "date", "boolean", "choice", "email", "url", "person"
]
OPERATORS = (
    "equals",
    "not_equals",
    "more_than",
    "at_least",
    "less_than",
    "at_most",
    "is_set",
    "is_one_of",
)


def _text(value: object) -> str:
    if isinstance(value, bool):
        raise ValueError(
            f"{shown(value)} stands where a text belongs; "
            "YAML reads yes, no, on, off, true and false as true or false, so put the word in quotes"
        )
    if isinstance(value, (int, float)):
        raise ValueError(f"{shown(value)} is a number; put it in quotes to make it a text")
    if value is None:
        raise ValueError("there is nothing after the colon; write a text or leave the key out")
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} stands where a text belongs")
    return value


def _name(value: object) -> str:
    text = _text(value)
    if len(text) > NAME_LENGTH:
        raise ValueError(f"{shown(text)} has {len(text)} characters; {NAME_LENGTH} are the most")
    if not NAME.fullmatch(text):
        better = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
        hint = f"; write '{better}'" if NAME.fullmatch(better) else ""
        raise ValueError(
            f"{shown(text)} is not a name; names are small letters a-z and digits, "
            f"joined by single underscores{hint} (any other text goes into `label`)"
        )
    return text


def _words(value: object) -> str:
    text = _text(value)
    if len(text) > 40:
        raise ValueError(f"{shown(text)} has {len(text)} characters; 40 are the most")
    if not WORDS.fullmatch(text):
        better = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
        hint = f"; write '{better}'" if WORDS.fullmatch(better) else ""
        raise ValueError(
            f"{shown(text)} must be words of small letters a-z and digits{hint} "
            "(any other text goes into `label` and `plural_label`)"
        )
    return text


def _line(longest: int) -> PlainValidator:
    def check(value: object) -> str:
        text = _text(value)
        if not text.strip():
            raise ValueError("the text is empty; write one or leave the key out")
        if text != text.strip():
            raise ValueError(f"{shown(text)} begins or ends with a space; take it away")
        if len(text) > longest:
            raise ValueError(f"{shown(text)} has {len(text)} characters; {longest} are the most")
        if UNPRINTABLE.search(text):
            raise ValueError(
                f"{shown(text)} has a line end, a control character or a mark that nobody can see; "
                "write one plain line"
            )
        return text

    return PlainValidator(check)


def _bound(value: object) -> int | float | str:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{shown(value)} is neither a number nor a date as in 2026-03-31")
    if isinstance(value, str) and not is_date(value):
        raise ValueError(f"{shown(value)} is neither a number nor a date as in 2026-03-31")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{shown(value)} is not a number to compare with")
    return value


def _edge(value: object) -> int | float | str:
    if isinstance(value, str) and len(value) <= NAME_LENGTH and NAME.fullmatch(value):
        return value
    if isinstance(value, str) and not is_date(value):
        raise ValueError(
            f"{shown(value)} is neither a number nor a date as in 2026-03-31, today or a date field"
        )
    return _bound(value)


def _scalar(value: object) -> int | float | str | bool:
    if not isinstance(value, (int, float, str)):
        raise ValueError(f"{shown(value)} stands where one value belongs")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{shown(value)} is not a number to compare with")
    return value


def _after(value: object) -> str:
    if not isinstance(value, str) or not AFTER.fullmatch(value):
        raise ValueError(f"{shown(value)} is not a time to wait; write 7 days or 12 hours")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{shown(value)} is neither true nor false")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{shown(value)} is not a whole number")
    return value


def _approvals(value: object) -> int:
    count = _count(value)
    if not 2 <= count <= 9:
        hint = "leave `approvals` out where one is enough" if count == 1 else "write 2 to 9"
        raise ValueError(f"{shown(value)} is out of range; {hint}")
    return count


def _pattern(pattern: str, longest: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "maxLength": longest, "pattern": f"^{pattern}$"})


def _line_pattern(longest: int) -> WithJsonSchema:
    return _pattern(rf"[^\s{INVISIBLE}]([^{INVISIBLE}]*[^\s{INVISIBLE}])?", longest)


# Named types, so that the JSON Schema says each of them once.
Name = TypeAliasType(
    "Name", Annotated[str, PlainValidator(_name), _pattern(NAME.pattern, NAME_LENGTH)]
)
Words = TypeAliasType("Words", Annotated[str, PlainValidator(_words), _pattern(WORDS.pattern, 40)])
Label = TypeAliasType("Label", Annotated[str, _line(200), _line_pattern(200)])
Title = TypeAliasType("Title", Annotated[str, _line(60), _line_pattern(60)])
Sentence = TypeAliasType("Sentence", Annotated[str, _line(500), _line_pattern(500)])
Bound = TypeAliasType(
    "Bound",
    Annotated[
        int | float | str,
        PlainValidator(_bound),
        WithJsonSchema({"type": ["number", "string"], "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
    ],
)
Edge = TypeAliasType(
    "Edge",
    Annotated[
        int | float | str,
        PlainValidator(_edge),
        WithJsonSchema(
            {
                "type": ["number", "string"],
                "maxLength": NAME_LENGTH,
                "pattern": rf"^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{NAME.pattern})$",
            }
        ),
    ],
)
Scalar = TypeAliasType(
    "Scalar",
    Annotated[
        int | float | str | bool,
        PlainValidator(_scalar),
        WithJsonSchema({"type": ["number", "string", "boolean"]}),
    ],
)
After = Annotated[
    str,
    PlainValidator(_after),
    WithJsonSchema({"type": "string", "pattern": f"^{AFTER.pattern}$"}),
]
Truth = Annotated[bool, PlainValidator(_truth), WithJsonSchema({"type": "boolean"})]
Length = Annotated[int, PlainValidator(_count), WithJsonSchema({"type": "integer"})]
Approvals = Annotated[
    int,
    PlainValidator(_approvals),
    WithJsonSchema({"type": "integer", "minimum": 2, "maximum": 9}),
]
Names = Annotated[list[Name], Field(min_length=1, max_length=40)]


class Part(BaseModel):
    """What all parts of a workflow have in common: only known keys are allowed."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)


class WorkflowField(Part):
    """Something that is known about each record."""

    name: Name = Field(description="Column, key in the API and in this file.")
    type: FieldType = Field(description="What can be filled in.")
    label: Label | None = Field(None, description="What people read; the name, if there is none.")
    help: Sentence | None = Field(None, description="A sentence beside the input.")
    required: Truth = Field(False, description="Must be filled in from the start.")
    max_length: Length | None = Field(None, description="The most characters of a text.")
    min: Edge | None = Field(
        None, description="The least integer, money or date; a date's may be today or a date field."
    )
    max: Edge | None = Field(
        None, description="The greatest integer, money or date; a date's as for min."
    )
    choices: Annotated[list[Label], Field(min_length=1, max_length=60)] | None = Field(
        None, description="What can be chosen; for the type choice."
    )
    role: Name | None = Field(None, description="Whose people can be named; for the type person.")
    edited_by: Names | None = Field(
        None, description="Roles, owner or whoever a field names; narrows who may edit in a state."
    )
    only_when: "Guard | None" = Field(
        None,
        description="A condition on another field; elsewhere this one is empty, and not asked.",
    )
    seen_by: Names | None = Field(
        None,
        description="Roles, admin too, owner or whoever a field names; nobody else sees or edits it.",
    )


class Role(Part):
    """What a person or a service can be; `admin` is built in."""

    name: Name
    label: Label | None = None
    kind: Literal["person", "service"] = Field(
        "person", description="A service signs in with a token."
    )
    creates: Truth = Field(False, description="May create records.")
    sees: Literal["own", "department", "all"] = Field(
        "all",
        description="Which records the role may see: own ones, those of people in the same department, or all.",
    )
    impersonates: Names | None = Field(
        None,
        description="For people of which roles it may act: it sees what they see, and decides nothing.",
    )


class State(Part):
    """Where a record can be; it starts in the first one."""

    name: Name
    label: Label | None = None
    edited_by: Names | None = Field(
        None, description="Roles, owner or whoever a field names, who may edit; else nobody."
    )


class Guard(Part):
    """A condition on one field: `field` and exactly one comparison."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 2, "maxProperties": 2})

    field: Name
    equals: Scalar | None = None
    not_equals: Scalar | None = None
    more_than: Bound | None = None
    at_least: Bound | None = None
    less_than: Bound | None = None
    at_most: Bound | None = None
    is_set: Truth | None = None
    is_one_of: Annotated[list[Scalar], Field(min_length=1, max_length=60)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_comparison(cls, data: Any) -> Any:
        if isinstance(data, dict):
            given = [operator for operator in OPERATORS if operator in data]
            if not given and not set(data) - {"field"}:
                raise ValueError(f"there is no comparison; write one of {', '.join(OPERATORS)}")
            if len(given) > 1:
                raise ValueError(
                    f"{' and '.join(given)} stand in one condition; make one condition of each"
                )
        return data


class Transition(Part):
    """A named move between states."""

    name: Name
    label: Label | None = None
    from_: Names = Field(alias="from", description="The states that it leaves.")
    to: Name = Field(description="The state that it leads to.")
    by: Names | None = Field(
        None,
        description="Roles who may make it, owner, or whoever a field names; nobody where it happens by itself.",
    )
    not_by: Names | None = Field(
        None,
        description="owner, fields that name somebody, or transitions, its own name too, "
        "whose last maker may not make this one.",
    )
    when: Annotated[list[Guard], Field(min_length=1, max_length=10)] | None = Field(
        None, description="Conditions that must all hold."
    )
    on: Name | None = Field(None, description="A date: by itself when that day is over.")
    after: After | None = Field(
        None, description="As in 7 days or 12 hours: by itself when it has been there so long."
    )
    at_once: Truth | None = Field(None, description="true: by itself as soon as `when` holds.")
    approvals: Approvals | None = Field(
        None,
        description="How many different people must make it, 2 to 9; the last one moves the record.",
    )
    bulk: Truth = Field(
        False, description="true: of many records at once, ticked in the list, with one comment."
    )
    comment: Literal["required", "optional"] = "optional"
    follow_ups: Names | None = Field(None, description="Messages that are sent when it is made.")
    notifies: Names | None = Field(
        None,
        description="Roles of people, owner, or whoever a field names, who get a mail when it is made.",
    )


class FollowUp(Part):
    """A message that must reach another system after a transition."""

    name: Name
    label: Label | None = None
    sends: Names = Field(description="The fields that the message carries.")


class Workflow(Part):
    """A workflow on one page: one kind of record, its fields, roles, states and transitions."""

    name: Words = Field(description="What one record is called, as in access request.")
    plural: Words = Field(description="What several are called, as in access requests.")
    label: Title | None = Field(None, description="What people read instead of name.")
    plural_label: Title | None = Field(None, description="What people read instead of plural.")
    summary: Sentence | None = Field(None, description="The workflow in one sentence.")
    fields: Annotated[list[WorkflowField], Field(min_length=1, max_length=40)]
    roles: Annotated[list[Role], Field(min_length=1, max_length=12)]
    states: Annotated[list[State], Field(min_length=2, max_length=30)]
    transitions: Annotated[list[Transition], Field(min_length=1, max_length=80)]
    follow_ups: Annotated[list[FollowUp], Field(min_length=1, max_length=20)] | None = None
    imports: Names | None = Field(
        None, description="The columns of a CSV file from which whoever creates imports records."
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a workflow file, for editors and for the template's own check."""
    schema = _without_none(Workflow.model_json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "twinspike workflow",
    }


def _without_none(schema: Any) -> Any:
    """The schema without `null`: a key that is not wanted is left out, never empty."""
    if isinstance(schema, list):
        return [_without_none(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {
        key: _without_none(value)
        for key, value in schema.items()
        if not (key == "default" and value is None)
        and not (key == "title" and isinstance(value, str))
    }
    options = [option for option in parts.pop("anyOf", []) if option != {"type": "null"}]
    return {**options[0], **parts} if options else parts
