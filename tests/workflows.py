"""Random workflows that are good: drawn from the whole vocabulary, with labels that nobody expects."""

import itertools
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from twinspike.workflow.flow import reserved

# Names that are words of SQL, of frameworks or of our own elsewhere, and may be used all the same.
WORDS = [
    "amount", "cause", "order", "group", "user", "end", "limit", "table", "select", "value", "status",
    "name", "title", "key", "index", "desc", "primary", "references", "default", "column", "label",
    "number", "time", "text", "hash", "format", "open", "help", "notes", "year", "path", "url", "email",
    "a1", "x", "field", "form", "request", "response", "choices", "kind", "reason", "queryset", "site",
]  # fmt: skip
LONG = "name_that_goes_on_until_forty_five_characters"
STEPS = [
    "draft", "submitted", "review", "approved", "done", "rejected", "no", "on", "null", "true", "import",
    "class", "none", "pass", "state", "new", "open", "closed", "all", "end", "label", "name", "value",
    "submit", "approve", "return", "raise", "reject", "send_back", "delete", "create", "edit", "comment",
]  # fmt: skip
PEOPLE = [
    "requester",
    "manager",
    "finance",
    "support",
    "user",
    "staff",
    "superuser",
    "auditor",
    "robot",
]
RECORDS = [
    ("order", "orders"), ("travel request", "travel requests"), ("x", "xs"), ("sheep", "flock of sheep"),
    ("access request", "access requests"), ("invoice a2", "invoices a2"), ("item", "items"),
    ("very long and winding piece of paperwork", "very long and winding pieces of paper"),
]  # fmt: skip
PIECES = [
    "Amount", "Äöü", "ß", "日本語", "عربي", "עברית", "हिन्दी", "ไทย", "👩‍💻", "🇺🇳", "{{ x }}", "{% if x %}", "{# c #}", "{{", "}}",
    "{x}", "%s", "%(a)s", "100 %", "\\", "\\n", "\\u0041", '"', "'", '"""', "'''", "`", "<b>", "</script>", "&amp;", "|",
    "*", "_a_", "#", "$x", "${y}", ": ", "- ", "?", "!", "@", "~", "=1+1", "null", "yes", "0", "a\u0301", "\u00a0.",
]  # fmt: skip


def labels() -> st.SearchStrategy[str]:
    """A line of any script with quotes, braces, percent signs and emoji; at most 190 characters."""
    return (
        st.one_of(
            st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map(" ".join),
            st.sampled_from(["long ", "長い"]).flatmap(
                lambda word: st.integers(10, 60).map(lambda times: word * times)
            ),
        )
        .map(lambda text: text[:190].strip())
        .filter(bool)
    )


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """A workflow as a file would give it; every check accepts it."""
    name, plural = draw(st.sampled_from(RECORDS))
    roles = draw(_roles())
    creators = [role["name"] for role in roles if role.get("creates")]
    parties = ["owner", *(role["name"] for role in roles)]
    fields = draw(_fields(parties, creators))
    people = draw(_people(roles, creators))
    fields += people
    _ask_only_when(draw, fields)
    parties += [field["name"] for field in people]
    states = [
        _labelled(draw, {"name": step}, number)
        for number, step in enumerate(_names(draw, STEPS, 2, 6))
    ]
    for state in states:
        if draw(st.booleans()):
            state["edited_by"] = _some(draw, parties)
    follow_ups = [
        _labelled(draw, {"name": step, "sends": _some(draw, [f["name"] for f in fields])}, number)
        for number, step in enumerate(_names(draw, STEPS, 0, 3))
    ]
    # Only what is filled in from the start can be asked for in every state.
    bound = {f["name"] for f in fields if isinstance(f.get("min", f.get("max")), str)}
    bound |= {f.get(word) for f in fields for word in ("min", "max")}
    # Nor what depends on others, or others on it: no record may meet two conditions at once.
    bound |= {f["name"] for f in fields if "only_when" in f}
    bound |= {f["only_when"]["field"] for f in fields if "only_when" in f}
    known = [
        f
        for f in fields
        if {"owner", *creators} & set(f.get("edited_by", ["owner"])) and f["name"] not in bound
    ]
    transitions = draw(_transitions(roles, [s["name"] for s in states], known))
    for person in people:
        chosen = draw(st.sampled_from([each for each in transitions if "by" in each]))
        party = draw(st.sampled_from(["by", "not_by"]))
        chosen[party] = [*chosen.get(party, []), person["name"]]
    for follow_up in follow_ups:
        chosen = draw(st.sampled_from(transitions))
        chosen.setdefault("follow_ups", []).append(follow_up["name"])
    services = [role["name"] for role in roles if role.get("kind") == "service"]
    for transition in draw(st.lists(st.sampled_from(transitions), max_size=3, unique_by=id)):
        notified = [party for party in _some(draw, parties) if party not in services]
        if notified and notified != transition.get("by"):
            transition["notifies"] = notified
    gates = {field["only_when"]["field"] for field in fields if "only_when" in field}
    for field in fields:
        if (
            field["type"] != "person"
            and field["name"] not in bound | gates
            and draw(st.integers(0, 3)) == 0
        ):
            _hide(draw, field, [*parties, "admin"], services, transitions, follow_ups)
    workflow: dict[str, Any] = {"name": name, "plural": plural}
    for key in ("label", "plural_label", "summary"):
        if draw(st.booleans()):
            text = draw(labels())
            workflow[key] = (
                text if key == "summary" else text[: 60 if text.isascii() else 30].strip()
            )
    workflow |= {"fields": fields, "roles": roles, "states": states, "transitions": transitions}
    if columns := _columns(draw, fields, roles) if draw(st.booleans()) else []:
        workflow["imports"] = columns
    if follow_ups:
        workflow["follow_ups"] = follow_ups
    return workflow


def _names(draw: st.DrawFn, words: list[str], least: int, most: int) -> list[str]:
    return draw(st.lists(st.sampled_from(words), min_size=least, max_size=most, unique=True))


def _some(draw: st.DrawFn, words: list[str]) -> list[str]:
    return draw(st.lists(st.sampled_from(words), min_size=1, max_size=4, unique=True))


def _labelled(draw: st.DrawFn, part: dict[str, Any], number: int) -> dict[str, Any]:
    if draw(st.booleans()):
        part["label"] = f"{draw(labels())} {number}"
    return part


def _hide(
    draw: st.DrawFn,
    field: dict[str, Any],
    parties: list[str],
    services: list[str],
    transitions: list[dict[str, Any]],
    follow_ups: list[dict[str, Any]],
) -> None:
    """Let only some see the field: whoever fills it in, is asked for it, or is sent it among them."""
    name = field["name"]
    asking = [t for t in transitions if name in [g["field"] for g in t.get("when", [])]]
    viewers = _some(draw, parties) + field.get("edited_by", [])
    viewers += [party for transition in asking for party in transition.get("by", [])]
    if field.get("required") or asking or name in [t.get("on") for t in transitions]:
        viewers.append("owner")
    if any(name in follow_up["sends"] for follow_up in follow_ups):
        if not services:
            return
        viewers.append(services[0])
    field["seen_by"] = list(dict.fromkeys(viewers))


def _columns(
    draw: st.DrawFn, fields: list[dict[str, Any]], roles: list[dict[str, Any]]
) -> list[str]:
    """The columns of a file: what is required from the start, and more that people who create fill in."""
    people = [r["name"] for r in roles if r.get("creates") and r.get("kind") != "service"]
    parties = {"owner", *people}
    known = [
        f for f in fields if parties & set(f.get("edited_by") or f.get("seen_by") or ["owner"])
    ]
    needed = [f["name"] for f in known if f.get("required") and "only_when" not in f]
    more = draw(st.lists(st.sampled_from([f["name"] for f in known]), max_size=6)) if known else []
    return list(dict.fromkeys([*more, *needed]))


@st.composite
def _roles(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = _names(draw, [*PEOPLE, LONG[:40]], 1, 5)
    first = draw(st.integers(0, len(names) - 1))
    roles = []
    for number, name in enumerate(names):
        role: dict[str, Any] = {"name": name}
        # One person role creates and sees all, so that no transition is left to nobody.
        if number == first:
            role["creates"] = True
        else:
            if draw(st.booleans()):
                role["kind"] = draw(st.sampled_from(["person", "service"]))
            if draw(st.booleans()):
                role["creates"] = draw(st.booleans())
            if draw(st.booleans()):
                role["sees"] = draw(
                    st.sampled_from(
                        ["all"]
                        + (["own"] if role.get("creates") else [])
                        + (["department"] if role.get("kind") != "service" else [])
                    )
                )
        roles.append(_labelled(draw, role, number))
    people = [role["name"] for role in roles if role.get("kind") != "service"]
    if len(people) > 1 and draw(st.booleans()):
        acting = draw(st.sampled_from([role for role in roles if role["name"] in people]))
        acting["impersonates"] = _some(draw, [name for name in people if name != acting["name"]])
    return roles


@st.composite
def _fields(draw: st.DrawFn, parties: list[str], creators: list[str]) -> list[dict[str, Any]]:
    taken = reserved()["field"]
    names = _names(draw, [word for word in [*WORDS, LONG] if word not in taken], 1, 9)
    fields = []
    for number, name in enumerate(names):
        kind = draw(
            st.sampled_from(
                [
                    "text",
                    "long_text",
                    "integer",
                    "money",
                    "date",
                    "boolean",
                    "choice",
                    "email",
                    "url",
                ]
            )
        )
        field: dict[str, Any] = {"name": name, "type": kind}
        if draw(st.booleans()):
            field["edited_by"] = _some(draw, parties)
        open_to_creators = "owner" in field.get("edited_by", ["owner"]) or set(creators) <= set(
            field["edited_by"]
        )
        if open_to_creators and draw(st.booleans()):
            field["required"] = True
        if kind in ("text", "long_text") and draw(st.booleans()):
            field["max_length"] = draw(st.integers(10, 1000))
        if kind == "choice":
            choices = draw(st.lists(labels(), min_size=1, max_size=5, unique_by=str.lower))
            field["choices"] = choices
        if kind in ("integer", "money", "date"):
            low, high = _low_high(draw, kind)
            if draw(st.booleans()):
                field["min"] = low
            if draw(st.booleans()):
                field["max"] = high
        if draw(st.booleans()):
            field["help"] = draw(labels())
        fields.append(_labelled(draw, field, number))
    _put_dates_in_order(draw, fields)
    return fields


def _ask_only_when(draw: st.DrawFn, fields: list[dict[str, Any]]) -> None:
    """Let up to two fields count only where a condition on another holds, neither of them a bound date."""
    free = [f for f in fields if not _dates_bound_to(f, fields)]
    if not free:
        return
    for field in draw(st.lists(st.sampled_from(free), max_size=2, unique_by=lambda f: f["name"])):
        asked = [f["only_when"]["field"] for f in fields if "only_when" in f]
        needed_no = field["type"] == "boolean" and field.get("required")
        others = [f for f in free if f is not field and "only_when" not in f]
        guards = [] if needed_no or field["name"] in asked else _guards(draw, others)
        if guards:
            field["only_when"] = guards[0]


def _dates_bound_to(field: dict[str, Any], fields: list[dict[str, Any]]) -> bool:
    """Whether the field is a date that must not be before or after another, or today."""
    bounds = [f.get(word) for f in fields for word in ("min", "max")]
    return field["name"] in bounds or isinstance(field.get("min", field.get("max")), str)


@st.composite
def _people(draw: st.DrawFn, roles: list[dict[str, Any]], creators: list[str]) -> list[Any]:
    """Fields that name a person; whoever creates may fill them in, or a role that is for people."""
    holders = [role["name"] for role in roles if role.get("kind") != "service"]
    fields = []
    for number, name in enumerate(_names(draw, ["approver", "deputy", LONG[:38]], 0, 2)):
        field = {"name": name, "type": "person", "role": draw(st.sampled_from(holders))}
        if draw(st.booleans()):
            field["required"] = True
        elif draw(st.booleans()):
            field["edited_by"] = [draw(st.sampled_from([*holders, "owner"]))]
        if draw(st.booleans()):
            field["help"] = draw(labels())
        fields.append(_labelled(draw, field, 100 + number))
    return fields


def _put_dates_in_order(draw: st.DrawFn, fields: list[dict[str, Any]]) -> None:
    """Bind dates without bounds to each other, and the first or the last to today."""
    dates = [f for f in fields if f["type"] == "date" and not {"min", "max"} & set(f)]
    for earlier, later in itertools.pairwise(dates):
        match draw(st.sampled_from(["neither", "min", "max"])):
            case "min":
                later["min"] = earlier["name"]
            case "max":
                earlier["max"] = later["name"]
    match draw(st.sampled_from(["neither", "min", "max"])) if dates else "neither":
        case "min":
            dates[0]["min"] = "today"
        case "max" if "max" not in dates[-1]:
            dates[-1]["max"] = "today"


def _low_high(draw: st.DrawFn, kind: str) -> tuple[Any, Any]:
    low = draw(st.integers(-10_000, 1000))
    high = low + draw(st.integers(1000, 1_000_000))
    if kind == "money":
        return low / 4, round(high + abs(low) + 0.01, 2)
    if kind == "date":
        day = date(2026, 1, 1)
        return day + timedelta(days=low), day + timedelta(days=min(high, 100_000))
    return low, high


def _middle(field: dict[str, Any]) -> Any:
    """A value with room on both sides."""
    kind = field["type"]
    if kind == "date":
        low = field.get("min", field.get("max", date(2026, 6, 1)) - timedelta(days=100))
        return low + timedelta(days=50)
    low = field.get("min", field.get("max", 1000) - 100)
    return round(low + 50.25, 2) if kind == "money" else int(low) + 50


def _guards(draw: st.DrawFn, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    guards = []
    if not fields:
        return []
    chosen = draw(st.lists(st.sampled_from(fields), max_size=3, unique_by=lambda f: f["name"]))
    for field in chosen:
        kind, options = field["type"], []
        if kind in ("integer", "money", "date"):
            value = _middle(field)
            words = ["more_than", "at_least", "less_than", "at_most", "equals", "not_equals"]
            options = [{word: value} for word in words] + [{"is_one_of": [value]}]
        elif kind == "boolean":
            options = [{"equals": True}, {"equals": False}, {"not_equals": True}]
        elif kind == "choice":
            choices = field["choices"]
            options = [{"equals": choices[0]}, {"is_one_of": choices[:2]}]
            if len(choices) > 1:
                options.append({"not_equals": choices[0]})
        elif kind == "email":
            options = [{"equals": "anna@example.org"}, {"not_equals": "ben@example.org"}]
        elif kind == "url":
            options = [{"equals": "https://example.org/a?b=c"}]
        elif kind == "text":
            options = [{"equals": 'it\'s "x"'}, {"is_one_of": ["a", "{{ b }}"]}]
        if kind != "boolean" and not field.get("required"):
            options += [{"is_set": True}, {"is_set": False}]
        if options:
            guards.append({"field": field["name"], **draw(st.sampled_from(options))})
    return guards


@st.composite
def _transitions(
    draw: st.DrawFn, roles: list[dict[str, Any]], states: list[str], fields: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    parties = ["owner", *(role["name"] for role in roles)]
    all_seeing = {role["name"] for role in roles if role.get("sees", "all") == "all"}
    many = {role["name"] for role in roles if role.get("kind") != "service"} & all_seeing
    services = {role["name"] for role in roles if role.get("kind") == "service"}
    names = iter(_names(draw, STEPS, 13, 16))
    moves = [
        ([states[draw(st.integers(0, number - 1))]], states[number])
        for number in range(1, len(states))
    ]
    for _ in range(draw(st.integers(0, 4))):
        to = draw(st.sampled_from(states))
        others = [state for state in states if state != to]
        moves.append((_some(draw, others), to))
    transitions = []
    for number, (sources, to) in enumerate(moves):
        part: dict[str, Any] = {
            "name": next(names),
            "from": sources,
            "to": to,
            "by": _some(draw, parties),
        }
        if all_seeing & set(part["by"]) and draw(st.booleans()):
            part["not_by"] = ["owner"]
        if many & set(part["by"]) and draw(st.integers(0, 2)) == 0:
            part["approvals"] = draw(st.integers(2, 4))
        if set(part["by"]) - services and draw(st.booleans()):
            part["bulk"] = True
        if guards := _guards(draw, fields):
            part["when"] = guards
        if draw(st.booleans()):
            part["comment"] = draw(st.sampled_from(["required", "optional"]))
        transitions.append(_labelled(draw, part, number))
    before, after = transitions[0], [t for t in transitions if transitions[0]["to"] in t["from"]]
    if after and draw(st.booleans()):
        after[0].setdefault("not_by", []).append(before["name"])
    ordered = [f for f in fields if f["type"] in ("integer", "money", "date")]
    if ordered and len(states) > 2 and draw(st.booleans()):
        field = draw(st.sampled_from(ordered))
        value, name = _middle(field), next(names)
        bulk = {"bulk": True} if roles[0]["name"] not in services and draw(st.booleans()) else {}
        for to, word in ((states[1], "at_most"), (states[2], "more_than")):
            when = [{"field": field["name"], word: value}]
            transitions.append(
                {
                    "name": name,
                    "from": [states[0]],
                    "to": to,
                    "by": [roles[0]["name"]],
                    "when": when,
                    **bulk,
                }
            )
    return transitions + draw(_by_itself(states, fields, next(names)))


@st.composite
def _by_itself(
    draw: st.DrawFn, states: list[str], fields: list[dict[str, Any]], name: str
) -> list[dict[str, Any]]:
    """None, or one that happens by itself; to a later state, so that nothing goes round in circles."""
    days = [f["name"] for f in fields if f["type"] == "date" and not {"min", "max"} & set(f)]
    after = st.sampled_from(["1 day", "7 days", "1 hour", "36 hours"])
    whens = [st.just({}), st.fixed_dictionaries({"after": after})]
    if days:
        whens.append(st.fixed_dictionaries({"on": st.sampled_from(days)}))
    # Of a first state that is left at once there would be no record to look at.
    if len(states) > 2:
        whens.append(st.just({"at_once": True}))
    when = draw(st.one_of(whens))
    if not when:
        return []
    number = draw(st.integers(1 if "at_once" in when else 0, len(states) - 2))
    part = {"name": name, "from": [states[number]], "to": states[-1], **when}
    guards = _guards(draw, fields)
    return [_labelled(draw, {**part, "when": guards} if guards else part, 0)]
