"""A corpus of mistakes: each changes the access request in one way that must be refused.

`SHAPE` are wrong keys and kinds of values, `NAMES` names that are unknown, doubled or reserved, `MEANING` parts
that do not fit each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A change to a good workflow, the place that must be named, and words of the message."""

    place: str
    words: tuple[str, ...]
    change: Callable[[Data], object]


def put(*path: str | int, value: object) -> Callable[[Data], None]:
    """A change that writes a value at a path."""

    def change(data: Data) -> None:
        inner: Any = data
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[Data], None]:
    """A change that takes a key or an item away."""

    def change(data: Data) -> None:
        inner: Any = data
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]

    return change


def add(*path: str | int, value: object) -> Callable[[Data], None]:
    """A change that appends to a list."""

    def change(data: Data) -> None:
        inner: Any = data
        for step in path:
            inner = inner[step]
        inner.append(value)

    return change


def both(*changes: Callable[[Data], object]) -> Callable[[Data], None]:
    """Several changes, one after the other."""

    def change(data: Data) -> None:
        for one in changes:
            one(data)

    return change


def field(**keys: object) -> Callable[[Data], None]:
    """A change that adds a field, the seventh."""
    return add("fields", value={"name": "extra", "type": "text", **keys})


def guard(**keys: object) -> Callable[[Data], None]:
    """A change that gives `submit` one condition."""
    return put("transitions", 0, "when", value=[keys])


def by_itself(**words: Any) -> Callable[[Data], None]:
    """A seventh transition that happens by itself, to a state of its own."""
    return both(
        add("states", value={"name": "closed"}),
        add("transitions", value={"name": "close", "from": ["active"], "to": "closed", **words}),
    )


SHAPE: dict[str, Case] = {
    "no name": Case("name", ("missing",), drop("name")),
    "no fields": Case("fields", ("missing",), drop("fields")),
    "no type": Case("fields[0].type", ("missing",), drop("fields", 0, "type")),
    "unknown key at the top": Case("feilds", ("'feilds'", "'fields'"), put("feilds", value=[])),
    "unknown key of a field": Case(
        "fields[0].requierd", ("'requierd'", "'required'"), put("fields", 0, "requierd", value=True)
    ),
    "unknown key of a transition": Case(
        "transitions[0].form", ("'form'", "'from'"), put("transitions", 0, "form", value=["draft"])
    ),
    "unknown comparison": Case(
        "transitions[0].when[0].at_mots",
        ("'at_mots'", "'at_most'"),
        guard(field="annual_cost", at_mots=3),
    ),
    "a type's name elsewhere": Case(
        "fields[0].type", ("'decimal'", "'money'"), put("fields", 0, "type", value="decimal")
    ),
    "a key's name elsewhere": Case(
        "transitions[1].notify",
        ("'notify'", "'notifies'"),
        put("transitions", 1, "notify", value=["provision"]),
    ),
    "asked only when, without a comparison": Case(
        "fields[6].only_when", ("comparison", "equals"), field(only_when={"field": "system"})
    ),
    "a bound in words": Case(
        "fields[6].min", ("'First day'", "date field"), field(type="date", min="First day")
    ),
    "unknown field type": Case(
        "fields[0].type", ("'txt'", "'text'"), put("fields", 0, "type", value="txt")
    ),
    "unknown kind of role": Case(
        "roles[3].kind", ("'servise'", "'service'"), put("roles", 3, "kind", value="servise")
    ),
    "unknown reach of sight": Case(
        "roles[0].sees", ("'mine'", "own"), put("roles", 0, "sees", value="mine")
    ),
    "imports without a list": Case(
        "imports", ("'employee'", "list"), put("imports", value="employee")
    ),
    "imports without a column": Case("imports", ("empty",), put("imports", value=[])),
    "unknown word for a comment": Case(
        "transitions[4].comment",
        ("'require'", "'required'"),
        put("transitions", 4, "comment", value="require"),
    ),
    "one approval": Case(
        "transitions[1].approvals",
        ("1", "out of range"),
        put("transitions", 1, "approvals", value=1),
    ),
    "ten approvals": Case(
        "transitions[1].approvals",
        ("10", "2", "9"),
        put("transitions", 1, "approvals", value=10),
    ),
    "approvals in words": Case(
        "transitions[1].approvals", ("'two'",), put("transitions", 1, "approvals", value="two")
    ),
    "a truth as approvals": Case(
        "transitions[1].approvals", ("true",), put("transitions", 1, "approvals", value=True)
    ),
    "mail to an empty list": Case(
        "transitions[1].notifies", ("empty",), put("transitions", 1, "notifies", value=[])
    ),
    "mail to a text": Case(
        "transitions[1].notifies", ("'owner'",), put("transitions", 1, "notifies", value="owner")
    ),
    "many at once in words": Case(
        "transitions[1].bulk", ("'yes'",), put("transitions", 1, "bulk", value="yes")
    ),
    "a truth as comment": Case(
        "transitions[4].comment", ("true",), put("transitions", 4, "comment", value=True)
    ),
    "a YAML truth where a name was meant": Case(
        "states[5].name", ("false", "quotes"), put("states", 5, "name", value=False)
    ),
    "a YAML truth among the choices": Case(
        "fields[1].choices[0]", ("true", "quotes"), put("fields", 1, "choices", 0, value=True)
    ),
    "a number where a text was meant": Case(
        "fields[1].choices[0]", ("2026", "quotes"), put("fields", 1, "choices", 0, value=2026)
    ),
    "nothing after the colon": Case("summary", ("nothing",), put("summary", value=None)),
    "a text where a truth was meant": Case(
        "fields[0].required", ("'ja'", "true"), put("fields", 0, "required", value="ja")
    ),
    "a text where a list was meant": Case(
        "transitions[0].from", ("'draft'", "[draft]"), put("transitions", 0, "from", value="draft")
    ),
    "a list where a text was meant": Case(
        "transitions[0].to", ("list",), put("transitions", 0, "to", value=["draft"])
    ),
    "a text where a part was meant": Case(
        "states[5]", ("'rejected'", "name"), put("states", 5, value="rejected")
    ),
    "a mapping where a list was meant": Case(
        "states", ("list",), put("states", value={"draft": {}})
    ),
    "capitals in a name": Case(
        "states[5].name", ("'Rejected'", "'rejected'"), put("states", 5, "name", value="Rejected")
    ),
    "a space in a name": Case(
        "fields[0].name",
        ("'full name'", "'full_name'"),
        put("fields", 0, "name", value="full name"),
    ),
    "a name in other letters": Case(
        "fields[0].name", ("'größe'", "label"), put("fields", 0, "name", value="größe")
    ),
    "a double underscore": Case(
        "fields[0].name", ("'a__b'", "'a_b'"), put("fields", 0, "name", value="a__b")
    ),
    "a line end after a name": Case(
        "fields[0].name", ("employee",), put("fields", 0, "name", value="employee\n")
    ),
    "a very long name": Case(
        "fields[0].name", ("46", "45"), put("fields", 0, "name", value="x" * 46)
    ),
    "capitals in the record's name": Case(
        "name", ("'Access Request'", "'access request'"), put("name", value="Access Request")
    ),
    "an empty label": Case("roles[0].label", ("empty",), put("roles", 0, "label", value=" ")),
    "two lines in a label": Case(
        "roles[0].label", ("line",), put("roles", 0, "label", value="one\ntwo")
    ),
    "text that turns round": Case(
        "roles[0].label", ("see",), put("roles", 0, "label", value="abc\u202edef")
    ),
    "space around a label": Case(
        "roles[0].label", ("space",), put("roles", 0, "label", value=" Requester")
    ),
    "a very long label": Case(
        "roles[0].label", ("201", "200"), put("roles", 0, "label", value="x" * 201)
    ),
    "a very long title": Case("label", ("61", "60"), put("label", value="x" * 61)),
    "no states": Case("states", ("0", "2"), put("states", value=[])),
    "an empty list of leavers": Case(
        "transitions[0].from", ("empty",), put("transitions", 0, "from", value=[])
    ),
    "an empty list of roles to act for": Case(
        "roles[1].impersonates", ("empty",), put("roles", 1, "impersonates", value=[])
    ),
    "an empty list of makers": Case(
        "transitions[0].by", ("empty",), put("transitions", 0, "by", value=[])
    ),
    "empty choices": Case("fields[1].choices", ("empty",), put("fields", 1, "choices", value=[])),
    "too many fields": Case(
        "fields",
        ("46", "40"),
        lambda data: data["fields"].extend({"name": f"f{n}", "type": "text"} for n in range(40)),
    ),
    "a condition without comparison": Case(
        "transitions[0].when[0]", ("comparison", "equals"), guard(field="annual_cost")
    ),
    "a condition with two comparisons": Case(
        "transitions[0].when[0]",
        ("more_than and less_than",),
        guard(field="annual_cost", more_than=1, less_than=5),
    ),
    "a list in a comparison": Case(
        "transitions[0].when[0].equals", ("list",), guard(field="system", equals=["CRM"])
    ),
    "infinity": Case(
        "transitions[0].when[0].at_most", ("inf",), guard(field="annual_cost", at_most=float("inf"))
    ),
    "a time to wait without its unit": Case(
        "transitions[8].after", ("'7'", "7 days"), by_itself(after="7")
    ),
    "nobody makes it, and it does not happen either": Case(
        "transitions[8].by", ("missing", "by itself", "7 days"), by_itself()
    ),
    "at once, perhaps": Case(
        "transitions[8].at_once", ("'soon'", "true"), by_itself(at_once="soon")
    ),
}

NAMES: dict[str, Case] = {
    "asked only when a field is that is none": Case(
        "fields[6].only_when.field",
        ("'sytem'", "'system'"),
        field(only_when={"field": "sytem", "equals": "CRM"}),
    ),
    "a bound that is no field": Case(
        "fields[6].min",
        ("'acess_until'", "'access_until'"),
        field(type="date", min="acess_until"),
    ),
    "mail to an unknown role": Case(
        "transitions[0].notifies[1]",
        ("'manger'", "'manager'"),
        put("transitions", 0, "notifies", value=["security", "manger"]),
    ),
    "mail to a field that names nobody": Case(
        "transitions[0].notifies[0]",
        ("'employee'", "not a role"),
        put("transitions", 0, "notifies", value=["employee"]),
    ),
    "mail to the administrator": Case(
        "transitions[0].notifies[0]",
        ("'admin'", "takes no part"),
        put("transitions", 0, "notifies", value=["admin"]),
    ),
    "a date bound by another type": Case(
        "fields[6].max",
        ("'annual_cost'", "no date", "today"),
        field(type="date", max="annual_cost"),
    ),
    "a field called today": Case(
        "fields[6].name",
        ("'today'", "another meaning"),
        add("fields", value={"name": "today", "type": "date"}),
    ),
    "a state twice": Case(
        "states[5].name", ("'draft'", "states[0]"), put("states", 5, "name", value="draft")
    ),
    "a field twice": Case("fields[6].name", ("'reason'", "fields[2]"), field(name="reason")),
    "a role twice": Case(
        "roles[4].name", ("'manager'", "roles[1]"), add("roles", value={"name": "manager"})
    ),
    "a follow-up twice": Case(
        "follow_ups[1].name",
        ("'provision'", "follow_ups[0]"),
        add("follow_ups", value={"name": "provision", "sends": ["system"]}),
    ),
    "a Python keyword": Case("fields[6].name", ("'from'", "'the_from'"), field(name="from")),
    "a name of Django's": Case("fields[6].name", ("'objects'",), field(name="objects")),
    "a name of SQLAlchemy's": Case("fields[6].name", ("'metadata'",), field(name="metadata")),
    "a name of pydantic's": Case("fields[6].name", ("'model_config'",), field(name="model_config")),
    "a name of the record's own": Case("fields[6].name", ("'version'",), field(name="version")),
    "a type's name": Case("fields[6].name", ("'date'",), field(name="date")),
    "a built-in role": Case(
        "roles[4].name", ("'admin'", "built in"), add("roles", value={"name": "admin"})
    ),
    "a role called owner": Case(
        "roles[4].name", ("'owner'", "built in"), add("roles", value={"name": "owner"})
    ),
    "a transition called owner": Case(
        "transitions[7].name", ("'owner'",), put("transitions", 7, "name", value="owner")
    ),
    "a record called user": Case("name", ("'user'",), put("name", value="user")),
    "a plural that is taken": Case("plural", ("'follow ups'",), put("plural", value="follow ups")),
    "one word for one and several": Case(
        "plural", ("'access request'",), put("plural", value="access request")
    ),
    "unknown role of a field": Case(
        "fields[5].edited_by[0]",
        ("'securty'", "'security'"),
        put("fields", 5, "edited_by", value=["securty"]),
    ),
    "unknown role that sees a field": Case(
        "fields[5].seen_by[1]",
        ("'securty'", "'security'"),
        put("fields", 5, "seen_by", value=["owner", "securty"]),
    ),
    "unknown role to act for": Case(
        "roles[1].impersonates[1]",
        ("'requestr'", "'requester'"),
        put("roles", 1, "impersonates", value=["requester", "requestr"]),
    ),
    "the administrator to act for": Case(
        "roles[1].impersonates[0]",
        ("'admin'", "administrator"),
        put("roles", 1, "impersonates", value=["admin"]),
    ),
    "unknown role of a state": Case(
        "states[1].edited_by[0]",
        ("'manger'", "'manager'"),
        put("states", 1, "edited_by", value=["manger"]),
    ),
    "unknown state left": Case(
        "transitions[0].from[0]",
        ("'drafft'", "'draft'"),
        put("transitions", 0, "from", value=["drafft"]),
    ),
    "unknown state reached": Case(
        "transitions[1].to",
        ("'aproved'", "'approved'"),
        put("transitions", 1, "to", value="aproved"),
    ),
    "unknown role of a transition": Case(
        "transitions[1].by[0]",
        ("'mangaer'", "'manager'"),
        put("transitions", 1, "by", value=["mangaer"]),
    ),
    "the administrator in a transition": Case(
        "transitions[1].by[1]",
        ("'admin'", "administrator"),
        add("transitions", 1, "by", value="admin"),
    ),
    "unknown transition in not_by": Case(
        "transitions[3].not_by[1]",
        ("'aprove'", "'approve'"),
        put("transitions", 3, "not_by", value=["owner", "aprove"]),
    ),
    "a person without a role": Case(
        "fields[6].role", ("missing", "role of those"), field(type="person")
    ),
    "a person of an unknown role": Case(
        "fields[6].role", ("'mangaer'", "'manager'"), field(type="person", role="mangaer")
    ),
    "a person called like a role": Case(
        "fields[6].name",
        ("'manager'", "role", "choose another"),
        field(name="manager", type="person", role="security"),
    ),
    "a person called like a transition": Case(
        "fields[6].name",
        ("'approve'", "transition", "choose another"),
        field(name="approve", type="person", role="security"),
    ),
    "a field of text in a transition": Case(
        "transitions[1].by[0]",
        ("'employee'",),
        put("transitions", 1, "by", value=["employee"]),
    ),
    "unknown person of a state": Case(
        "states[1].edited_by[0]",
        ("'extar'", "'extra'"),
        both(
            field(type="person", role="manager"),
            put("states", 1, "edited_by", value=["extar"]),
        ),
    ),
    "unknown column to import": Case(
        "imports[1]",
        ("'sytem'", "'system'"),
        put("imports", value=["employee", "sytem"]),
    ),
    "unknown follow-up": Case(
        "transitions[1].follow_ups[0]",
        ("'provison'", "'provision'"),
        put("transitions", 1, "follow_ups", value=["provison"]),
    ),
    "unknown field in a follow-up": Case(
        "follow_ups[0].sends[0]",
        ("'employe'", "'employee'"),
        put("follow_ups", 0, "sends", 0, value="employe"),
    ),
    "unknown field in a condition": Case(
        "transitions[1].when[0].field",
        ("'anual_cost'", "'annual_cost'"),
        put("transitions", 1, "when", 0, "field", value="anual_cost"),
    ),
    "the end of a day that no field has": Case(
        "transitions[8].on", ("'acces_until'", "'access_until'"), by_itself(on="acces_until")
    ),
    "by itself and by somebody": Case(
        "transitions[8].by",
        ("nobody", "take it away"),
        by_itself(on="access_until", by=["manager"]),
    ),
}

MEANING: dict[str, Case] = {
    "two labels that are the same": Case(
        "states[5].label",
        ("'Done'", "states[4]"),
        both(put("states", 4, "label", value="Done"), put("states", 5, "label", value="Done")),
    ),
    "two labels that differ in capitals": Case(
        "states[5].label",
        ("'DONE'", "'Done'", "capitals"),
        both(put("states", 4, "label", value="Done"), put("states", 5, "label", value="DONE")),
    ),
    # fields
    "a choice without choices": Case(
        "fields[1].choices", ("missing",), drop("fields", 1, "choices")
    ),
    "a role of a text": Case("fields[6].role", ("text", "person"), field(role="manager")),
    "a service that a field names": Case(
        "fields[6].role",
        ("'identity_provider'", "service", "people"),
        field(type="person", role="identity_provider"),
    ),
    "a field called like the id of a person": Case(
        "fields[7].name",
        ("'extra_id'", "'extra'", "choose another"),
        both(
            field(type="person", role="manager"),
            add("fields", value={"name": "extra_id", "type": "text"}),
        ),
    ),
    "nothing but people": Case(
        "fields",
        ("all of them name people",),
        put("fields", value=[{"name": "approver", "type": "person", "role": "manager"}]),
    ),
    "a length of a person": Case(
        "fields[6].max_length", ("person",), field(type="person", role="manager", max_length=9)
    ),
    "a condition on who a person is": Case(
        "transitions[0].when[0].equals",
        ("'extra'", "is_set"),
        both(field(type="person", role="manager"), guard(field="extra", equals="anna")),
    ),
    "a step for whom nobody can name": Case(
        "transitions[1].by",
        ("'extra'", "'approve'", "edited_by"),
        both(
            field(type="person", role="manager", edited_by=["identity_provider"]),
            put("transitions", 1, "by", value=["extra"]),
        ),
    ),
    "a step for those whom it excludes": Case(
        "transitions[1].not_by",
        ("extra", "nobody could make"),
        both(
            field(type="person", role="manager"),
            put("transitions", 1, "by", value=["extra"]),
            put("transitions", 1, "not_by", value=["owner", "extra"]),
        ),
    ),
    "choices of a text": Case("fields[6].choices", ("text", "choice"), field(choices=["a", "b"])),
    "a choice twice": Case(
        "fields[1].choices", ("'CRM'", "twice"), add("fields", 1, "choices", value="CRM")
    ),
    "a choice in other capitals": Case(
        "fields[1].choices", ("'crm'", "'CRM'"), add("fields", 1, "choices", value="crm")
    ),
    "a length of nothing": Case("fields[6].max_length", ("0", "1000"), field(max_length=0)),
    "a huge length": Case("fields[6].max_length", ("100000", "1000"), field(max_length=100000)),
    "a length of a date": Case(
        "fields[6].max_length", ("date",), field(type="date", max_length=10)
    ),
    "asked only when what it is itself": Case(
        "fields[6].only_when.field",
        ("'extra'", "itself"),
        field(only_when={"field": "extra", "equals": "x"}),
    ),
    "asked only when what is asked only sometimes": Case(
        "fields[5].only_when.field",
        ("'extra'", "'system'"),
        both(
            put("fields", 5, "only_when", value={"field": "extra", "is_set": True}),
            field(only_when={"field": "system", "equals": "CRM"}),
        ),
    ),
    "asked only when there is a choice that is none": Case(
        "fields[6].only_when.equals",
        ("'Crm'", "'CRM'"),
        field(only_when={"field": "system", "equals": "Crm"}),
    ),
    "asked only where nothing can be": Case(
        "fields[6].only_when",
        ("'annual_cost'", "nobody"),
        field(only_when={"field": "annual_cost", "less_than": 0}),
    ),
    "a yes or no that is needed only sometimes": Case(
        "fields[6].required",
        ("'extra'", "choice"),
        field(type="boolean", required=True, only_when={"field": "system", "equals": "CRM"}),
    ),
    "a date bound by itself": Case(
        "fields[6].min", ("'extra'", "itself"), field(type="date", min="extra")
    ),
    "dates bound in a circle": Case(
        "fields[6].max",
        ("'access_until'", "'extra'", "same day"),
        field(type="date", min="access_until", max="access_until"),
    ),
    "a bound that says what another says": Case(
        "fields[6].min",
        ("fields[4].max", "once"),
        both(put("fields", 4, "max", value="extra"), field(type="date", min="access_until")),
    ),
    "dates that leave no day": Case(
        "fields[6].min",
        ("'2026-05-01'", "'2026-03-31'", "no day"),
        both(
            put("fields", 4, "min", value="2026-05-01"),
            field(type="date", min="access_until", max="2026-03-31"),
        ),
    ),
    "not in the past, but in a year that is over": Case(
        "fields[6].min",
        ("'today'", "'2020-12-31'", "no day"),
        field(type="date", min="today", max="2020-12-31"),
    ),
    "an amount bound by a date": Case(
        "fields[6].max", ("'access_until'", "number"), field(type="money", max="access_until")
    ),
    "a least text": Case("fields[6].min", ("text", "min"), field(min=3)),
    "a least date that is a number": Case(
        "fields[6].min", ("3", "date"), field(type="date", min=3)
    ),
    "a day that is in no calendar": Case(
        "fields[6].min", ("'2026-02-30'",), field(type="date", min="2026-02-30")
    ),
    "half an integer": Case("fields[6].min", ("0.5", "whole"), field(type="integer", min=0.5)),
    "an integer that is too large": Case(
        "fields[6].max", ("4000000000",), field(type="integer", max=4000000000)
    ),
    "a tenth of a cent": Case("fields[6].min", ("0.001", "two"), field(type="money", min=0.001)),
    "more money than fits": Case("fields[6].max", ("ten digits",), field(type="money", max=1e11)),
    "least above most": Case("fields[6].min", ("9", "3"), field(type="integer", min=9, max=3)),
    "required, but nobody who creates may fill it in": Case(
        "fields[6].required",
        ("'requester'", "'owner'"),
        field(required=True, edited_by=["security"]),
    ),
    # seen_by
    "seen by a role twice": Case(
        "fields[6].seen_by", ("'security'", "twice"), field(seen_by=["security", "security"])
    ),
    "required, but the owner does not see it": Case(
        "fields[6].required",
        ("'extra'", "'owner'", "seen_by"),
        field(required=True, seen_by=["security", "requester"]),
    ),
    "filled in by somebody who does not see it": Case(
        "fields[6].edited_by[1]",
        ("'manager'", "'extra'", "seen_by"),
        field(edited_by=["owner", "manager"], seen_by=["owner", "admin"]),
    ),
    "a person whom only some see": Case(
        "fields[6].seen_by",
        ("'extra'", "person"),
        field(type="person", role="manager", seen_by=["owner"]),
    ),
    "what is seen of another field": Case(
        "fields[7].name",
        ("'seen_extra'", "'extra'"),
        both(field(seen_by=["owner"]), field(name="seen_extra")),
    ),
    "a condition that the maker does not see": Case(
        "transitions[1].when[0].field",
        ("'manager'", "'approve'", "'annual_cost'", "seen_by"),
        put("fields", 3, "seen_by", value=["owner", "security"]),
    ),
    "a message with what no other system sees": Case(
        "follow_ups[0].sends[1]",
        ("'system'", "service"),
        put("fields", 1, "seen_by", value=["owner", "manager"]),
    ),
    "bound by a date that fewer people see": Case(
        "fields[6].min",
        ("'extra'", "'access_until'", "the same"),
        both(
            field(type="date", min="access_until"),
            put("fields", 4, "seen_by", value=["owner", "identity_provider"]),
        ),
    ),
    "bound by a date that more people see": Case(
        "fields[6].max",
        ("'extra'", "'access_until'", "the same"),
        field(type="date", max="access_until", seen_by=["owner", "security"]),
    ),
    # roles
    "nobody creates": Case(
        "roles",
        ("'draft'", "creates: true"),
        both(drop("roles", 0, "creates"), drop("roles", 0, "sees")),
    ),
    "a service in a department": Case(
        "roles[3].sees",
        ("'identity_provider'", "only people", "sees: all"),
        put("roles", 3, "sees", value="department"),
    ),
    "sees its own but has none": Case(
        "roles[1].sees", ("'manager'", "sees: all"), put("roles", 1, "sees", value="own")
    ),
    "a role twice in a list": Case(
        "transitions[1].by", ("'manager'", "twice"), add("transitions", 1, "by", value="manager")
    ),
    "a state twice in a list": Case(
        "transitions[0].from", ("'draft'", "twice"), add("transitions", 0, "from", value="draft")
    ),
    "a follow-up that nobody sends": Case(
        "follow_ups[1].name",
        ("'remind'",),
        add("follow_ups", value={"name": "remind", "sends": ["system"]}),
    ),
    # conditions
    "order of a text": Case(
        "transitions[0].when[0].more_than", ("text", "order"), guard(field="employee", more_than=3)
    ),
    "order of a choice": Case(
        "transitions[0].when[0].at_most", ("choice", "order"), guard(field="system", at_most=3)
    ),
    "an amount in words": Case(
        "transitions[0].when[0].equals",
        ("'much'", "money"),
        guard(field="annual_cost", equals="much"),
    ),
    "an unknown choice": Case(
        "transitions[0].when[0].equals",
        ("'Biling'", "'Billing'"),
        guard(field="system", equals="Biling"),
    ),
    "an unknown choice among several": Case(
        "transitions[0].when[0].is_one_of[1]",
        ("'CMR'",),
        guard(field="system", is_one_of=["CRM", "CMR"]),
    ),
    "a date that is not a date": Case(
        "transitions[0].when[0].at_least", ("5", "date"), guard(field="access_until", at_least=5)
    ),
    "a number for a text": Case(
        "transitions[0].when[0].equals", ("7", "quotes"), guard(field="employee", equals=7)
    ),
    "a long text compared": Case(
        "transitions[0].when[0].equals", ("long_text", "is_set"), guard(field="reason", equals="x")
    ),
    "a truth that is neither": Case(
        "transitions[0].when[0].equals",
        ("'maybe'", "boolean"),
        both(field(type="boolean"), guard(field="extra", equals="maybe")),
    ),
    "is a truth set?": Case(
        "transitions[0].when[0].is_set",
        ("always",),
        both(field(type="boolean"), guard(field="extra", is_set=True)),
    ),
    "is a required field set?": Case(
        "transitions[0].when[0].is_set",
        ("'employee'", "always"),
        guard(field="employee", is_set=True),
    ),
    "is_set with a word": Case(
        "transitions[0].when[0].is_set",
        ("'filled'", "true"),
        guard(field="access_until", is_set="filled"),
    ),
    "one of true and false": Case(
        "transitions[0].when[0].is_one_of",
        ("true",),
        both(field(type="boolean"), guard(field="extra", is_one_of=[True, False])),
    ),
    "an address that is not an address": Case(
        "transitions[0].when[0].equals",
        ("'nobody'", "e-mail"),
        both(field(type="email"), guard(field="extra", equals="nobody")),
    ),
    "a web address that is not one": Case(
        "transitions[0].when[0].equals",
        ("web address",),
        both(field(type="url"), guard(field="extra", equals="ftp://example.org")),
    ),
    "a text that is too long to be there": Case(
        "transitions[0].when[0].equals",
        ("longer",),
        both(field(max_length=3), guard(field="extra", equals="four")),
    ),
    "a limit out of reach": Case(
        "transitions[0].when",
        ("'annual_cost'", "no value"),
        guard(field="annual_cost", less_than=0),
    ),
    "limits that cannot hold together": Case(
        "transitions[0].when",
        ("'annual_cost'", "together"),
        put(
            "transitions",
            0,
            "when",
            value=[
                {"field": "annual_cost", "more_than": 10},
                {"field": "annual_cost", "less_than": 10.01},
            ],
        ),
    ),
    "days that cannot hold together": Case(
        "transitions[0].when",
        ("'access_until'",),
        put(
            "transitions",
            0,
            "when",
            value=[
                {"field": "access_until", "more_than": "2026-12-31"},
                {"field": "access_until", "less_than": "2027-01-01"},
            ],
        ),
    ),
    "choices that cannot hold together": Case(
        "transitions[0].when",
        ("'system'",),
        put(
            "transitions",
            0,
            "when",
            value=[
                {"field": "system", "equals": "CRM"},
                {"field": "system", "is_one_of": ["Billing"]},
            ],
        ),
    ),
    "empty and more than": Case(
        "transitions[0].when",
        ("'access_until'",),
        put(
            "transitions",
            0,
            "when",
            value=[
                {"field": "access_until", "is_set": False},
                {"field": "access_until", "more_than": "2026-12-31"},
            ],
        ),
    ),
    "a condition twice": Case(
        "transitions[1].when[1]",
        ("twice",),
        add("transitions", 1, "when", value={"field": "annual_cost", "at_most": 5000}),
    ),
    # transitions
    "a state that cannot be reached": Case(
        "states[6].name", ("'lost'", "reach"), add("states", value={"name": "lost"})
    ),
    "an island that cannot be reached": Case(
        "states[6].name",
        ("'lost'", "reach"),
        both(
            add("states", value={"name": "lost"}),
            add("states", value={"name": "found"}),
            add(
                "transitions",
                value={"name": "find", "from": ["lost"], "to": "found", "by": ["manager"]},
            ),
            add(
                "transitions",
                value={"name": "lose", "from": ["found"], "to": "lost", "by": ["manager"]},
            ),
        ),
    ),
    "a transition to itself": Case(
        "transitions[0].to", ("'draft'", "starts"), put("transitions", 0, "to", value="draft")
    ),
    "not_by itself, where no record comes to it twice": Case(
        "transitions[3].not_by[0]",
        ("'clear'", "itself"),
        put("transitions", 3, "not_by", value=["clear"]),
    ),
    "a condition on a field that nobody can fill in before": Case(
        "transitions[0].when[0].field",
        ("'risk_note'", "'submit'", "security", "'draft'"),
        guard(field="risk_note", is_set=True),
    ),
    "a yes that nobody can give before": Case(
        "transitions[0].when[0].field",
        ("'extra'", "'submit'", "manager"),
        both(field(type="boolean", edited_by=["manager"]), guard(field="extra", equals=True)),
    ),
    "a number that is filled in only afterwards": Case(
        "transitions[3].when[0].field",
        ("'extra'", "'clear'"),
        both(
            field(type="integer", edited_by=["manager"]),
            put("states", 1, "edited_by", value=["security"]),
            put("transitions", 3, "when", value=[{"field": "extra", "at_least": 1}]),
        ),
    ),
    "not_by what cannot have happened": Case(
        "transitions[0].not_by[0]",
        ("'confirm'", "never"),
        put("transitions", 0, "not_by", value=["confirm"]),
    ),
    "only the owner, but not the owner": Case(
        "transitions[0].not_by",
        ("'owner'", "nobody"),
        put("transitions", 0, "not_by", value=["owner"]),
    ),
    "two owners": Case(
        "transitions[0].approvals",
        ("2", "owner", "1", "add a role"),
        put("transitions", 0, "approvals", value=2),
    ),
    "three where there are an owner and a service": Case(
        "transitions[7].approvals",
        ("3", "identity_provider", "2"),
        both(
            put("transitions", 7, "by", value=["identity_provider", "requester"]),
            put("transitions", 7, "approvals", value=3),
        ),
    ),
    "many at once by a service": Case(
        "transitions[7].bulk",
        ("identity_provider", "take it away"),
        put("transitions", 7, "bulk", value=True),
    ),
    "many at once of one of two": Case(
        "transitions[2].bulk",
        ("'approve'", "all of them"),
        put("transitions", 1, "bulk", value=True),
    ),
    "many at once by itself": Case(
        "transitions[8].bulk", ("nobody", "after"), by_itself(after="7 days", bulk=True)
    ),
    "acting for somebody of the same role": Case(
        "roles[1].impersonates[0]",
        ("same role", "take it away"),
        put("roles", 1, "impersonates", value=["manager"]),
    ),
    "a role to act for twice": Case(
        "roles[1].impersonates",
        ("'requester'", "twice"),
        put("roles", 1, "impersonates", value=["requester", "requester"]),
    ),
    "acting for a service": Case(
        "roles[1].impersonates[1]",
        ("identity_provider", "service"),
        put("roles", 1, "impersonates", value=["requester", "identity_provider"]),
    ),
    "a service that acts for others": Case(
        "roles[3].impersonates",
        ("identity_provider", "only people"),
        put("roles", 3, "impersonates", value=["requester"]),
    ),
    "acting for somebody who acts for others": Case(
        "roles[2].impersonates[0]",
        ("'manager'", "acts for others itself"),
        both(
            put("roles", 1, "impersonates", value=["requester"]),
            put("roles", 2, "impersonates", value=["manager"]),
        ),
    ),
    "mail twice": Case(
        "transitions[1].notifies",
        ("'owner'", "twice"),
        put("transitions", 1, "notifies", value=["owner", "owner"]),
    ),
    "mail to a service": Case(
        "transitions[0].notifies[1]",
        ("'identity_provider'", "service", "follow-up"),
        put("transitions", 0, "notifies", value=["manager", "identity_provider"]),
    ),
    "mail to nobody but who makes it": Case(
        "transitions[0].notifies",
        ("the owner", "somebody else"),
        put("transitions", 0, "notifies", value=["owner"]),
    ),
    "mail to nobody but whoever is named and makes it": Case(
        "transitions[1].notifies",
        ("'extra'", "somebody else"),
        both(
            field(type="person", role="manager"),
            put("transitions", 1, "by", value=["extra"]),
            put("transitions", 1, "notifies", value=["extra"]),
        ),
    ),
    "two that nobody can tell apart": Case(
        "transitions[2]",
        ("transitions[1]", "'approve'"),
        both(drop("transitions", 1, "when"), drop("transitions", 2, "when")),
    ),
    "two with the same conditions": Case(
        "transitions[2]",
        ("transitions[1]", "'submitted'", "'manager'"),
        put("transitions", 2, "when", value=[{"field": "annual_cost", "at_most": 5000}]),
    ),
    "a second that is never taken": Case(
        "transitions[2]", ("transitions[1]",), drop("transitions", 1, "when")
    ),
    "two labels for one name": Case(
        "transitions[2].label", ("'Escalate'",), put("transitions", 2, "label", value="Escalate")
    ),
    # imports
    "a column to import twice": Case(
        "imports[1]",
        ("'employee'", "twice"),
        put("imports", value=["employee", "employee"]),
    ),
    "a column that nobody who creates may fill in": Case(
        "imports[0]",
        ("'extra'", "'requester'"),
        both(field(edited_by=["security"]), put("imports", value=["extra"])),
    ),
    "imports without a field that is required": Case(
        "imports", ("'employee'", "required"), put("imports", value=["system"])
    ),
    "imports where only a service creates": Case(
        "imports",
        ("no role of people", "take it away"),
        both(
            drop("roles", 0, "creates"),
            drop("roles", 0, "sees"),
            put("roles", 3, "creates", value=True),
            put("imports", value=["employee"]),
        ),
    ),
    # by itself
    "the end of a day of a text": Case(
        "transitions[8].on", ("'employee'", "text", "date"), by_itself(on="employee")
    ),
    "by itself at two times": Case(
        "transitions[8].after",
        ("on and after", "one"),
        by_itself(on="access_until", after="7 days"),
    ),
    "by itself, but not by the owner": Case(
        "transitions[8].not_by", ("nobody",), by_itself(after="7 days", not_by=["owner"])
    ),
    "by itself with a comment": Case(
        "transitions[8].comment",
        ("nobody", "after"),
        by_itself(after="2 hours", comment="required"),
    ),
    "at once, or not": Case("transitions[8].at_once", ("false", "true"), by_itself(at_once=False)),
    "by itself under the name of something that people do": Case(
        "transitions[8].name",
        ("'confirm'", "own"),
        by_itself(name="confirm", on="access_until"),
    ),
    "not_by what happens by itself": Case(
        "transitions[9].not_by[0]",
        ("'close'", "by itself", "excludes nobody"),
        both(
            by_itself(on="access_until"),
            add(
                "transitions",
                value={
                    "name": "reopen",
                    "from": ["closed"],
                    "to": "active",
                    "by": ["manager"],
                    "not_by": ["close"],
                },
            ),
        ),
    ),
    "a circle that never ends": Case(
        "transitions[8].at_once",
        ("'closed'", "'active'", "again and again"),
        both(
            by_itself(at_once=True),
            add(
                "transitions",
                value={"name": "open", "from": ["closed"], "to": "active", "at_once": True},
            ),
        ),
    ),
    "the end of a day that nobody can fill in before": Case(
        "transitions[0].on",
        ("'extra'", "'submit'", "security"),
        both(
            field(type="date", edited_by=["security"]),
            drop("transitions", 0, "by"),
            put("transitions", 0, "on", value="extra"),
        ),
    ),
}

# A bare `copier copy` refuses the first two kinds, Python all three.
BARE = SHAPE | NAMES
CASES = BARE | MEANING

# What YAML itself, or our reading of it, refuses: the text, and words of the message.
TEXTS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "an empty file": ("", ("empty",)),
    "only a comment": ("# nothing\n", ("nothing",)),
    "a tab": ("name: x\nfields:\n\t- {name: a}\n", ("line 3", "tab")),
    "a key twice": ("name: x\nname: y\n", ("line 2", "'name'", "twice", "line 1")),
    "a key twice in a row": ("fields:\n  - {name: a, type: text, name: b}\n", ("line 2", "'name'")),
    "an open bracket": ("fields: [\n", ("line", "not YAML")),
    "a stray colon": ("summary: a: b\n", ("line 1", "colon", "quotes")),
    "an alias bomb": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
            for before, name in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        ("aliases",),
    ),
    "an alias of itself": ("a: &a [*a]\n", ("itself",)),
    "an alias to nothing": ("a: *b\n", ("alias", "quotes")),
    "two documents": ("name: x\n---\nname: y\n", ("line 2", "second document")),
    "a tag of Python's": ("name: !!python/object/apply:os.getcwd []\n", ("tag",)),
    "a very deep file": ("[" * 5000, ("deep",)),
    "a file of 10 MB": (b"# " + b"x" * 10_000_000, ("256 kB",)),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", ("UTF-8",)),
    "an old encoding": ("name: Größe\n".encode("latin-1"), ("line 1", "UTF-8")),
    "UTF-16": ("name: x\n".encode("utf-16"), ("UTF-16", "UTF-8")),
    "a control character": ("name: a\x00b\n", ("line 1", "control")),
    "an impossible day": ("min: 2026-02-31\n", ("day",)),
    "a list": ("- a\n- b\n", ("name:",)),
    "a sentence": ("staff ask for access\n", ("name:",)),
}
