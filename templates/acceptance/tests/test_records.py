"""What a record may hold, and how a body is refused that holds anything else."""

from itertools import pairwise
from typing import Any

import pytest

from suite import values as v
from suite.client import Client, accepted, refused
from suite.fixtures import Cast
from suite.matrix import places
from suite.plan import REASON
from suite.site import Site
from suite.workflow import ADMIN, OWNER, Field, Record, workflow

pytestmark = pytest.mark.area("data_model")
FLOW = workflow()
NOT_FIELDS = ("id", "version", "state", "owner", "role", "roles", "created_at", "no_such_field")


def creating() -> list[str]:
    """The roles that create, people first."""
    return [*FLOW.creators(), *FLOW.creators(service=True)]


def creator_of(site: Site, cast: Cast, name: str = "") -> Client | None:
    """A client who may fill in the field on a new record."""
    for role in creating():
        client = site.client_as(role)
        if not name or name in FLOW.settable(client.actor):
            return client
    return None


def required() -> dict[str, Any]:
    return {f.name: f.write(v.good(f)) for f in FLOW.fields.values() if f.required}


def settable_fields() -> list[Field]:
    from suite.workflow import Actor

    return [
        field
        for field in FLOW.fields.values()
        if any(field.name in FLOW.settable(Actor("", frozenset({role}))) for role in creating())
    ]


def bad_values() -> list[Any]:
    return [
        pytest.param(field.name, value, id=f"{field.name}: {what}")
        for field in settable_fields()
        for what, value in v.bad(field)
    ]


def good_values() -> list[Any]:
    return [
        pytest.param(field.name, given, shown, id=f"{field.name}: {what}")
        for field in settable_fields()
        for what, given, shown in v.edges(field)
    ]


@pytest.mark.parametrize(("name", "value"), bad_values())
def test_a_bad_value_is_refused(site: Site, cast: Cast, name: str, value: Any) -> None:
    client = creator_of(site, cast, name)
    assert client is not None
    answer = client.post(FLOW.path, required() | {name: value})
    problem = refused(answer, "invalid", f"a record whose {name} is {str(value)[:40]!r}")
    fields = {error["field"].partition(".")[0] for error in problem["errors"]}
    assert fields == {name}, f"the error is told of {fields}, not of {name}"
    assert problem["errors"][0]["message"], "an error has a message"


@pytest.mark.parametrize(("name", "given", "shown"), good_values())
def test_a_value_at_the_edge_is_taken(
    site: Site, cast: Cast, name: str, given: Any, shown: Any
) -> None:
    client = creator_of(site, cast, name)
    assert client is not None
    saying = f"a record whose {name} is {str(given)[:40]!r}"
    created = accepted(client.post(FLOW.path, required() | {name: given}), saying)
    assert created[name] == shown, f"{saying}: it has {str(created[name])[:60]!r}"


@pytest.mark.parametrize("name", [field.name for field in settable_fields() if field.required])
def test_a_required_field_is_required(site: Site, cast: Cast, name: str) -> None:
    client = creator_of(site, cast)
    assert client is not None
    body = {n: x for n, x in required().items() if n != name}
    problem = refused(client.post(FLOW.path, body), "invalid", f"a record without {name}")
    assert [error["field"] for error in problem["errors"]] == [name]


def test_every_missing_field_is_told_at_once(site: Site, cast: Cast) -> None:
    client = creator_of(site, cast)
    if client is None or not required():
        return
    problem = refused(client.post(FLOW.path, {}), "invalid", "an empty record")
    assert {error["field"] for error in problem["errors"]} == set(required())


def test_fields_that_nobody_has_given_are_empty(site: Site, cast: Cast) -> None:
    client = creator_of(site, cast)
    if client is None:
        return
    created = accepted(client.post(FLOW.path, required()))
    for field in FLOW.fields.values():
        if not field.required:
            empty = field.write(field.empty)
            assert created[field.name] == empty, f"{field.name} starts as {created[field.name]!r}"
    assert list(created) != [], "a record has fields"
    assert created["created_at"].endswith("Z"), "moments are given in UTC"
    assert created["updated_at"].endswith("Z"), "moments are given in UTC"
    again = accepted(client.get(f"{FLOW.path}/{created['id']}"))
    assert again == created, "the record reads otherwise than it was answered"


@pytest.mark.parametrize("name", [n for n in NOT_FIELDS if n not in FLOW.fields])
def test_what_is_no_field_is_refused(site: Site, cast: Cast, name: str) -> None:
    client = creator_of(site, cast)
    if client is not None:
        for value in (1, ADMIN, FLOW.first_state):
            answer = client.post(FLOW.path, required() | {name: value})
            problem = refused(answer, "invalid", f"a new record with {name}")
            assert [error["field"] for error in problem["errors"]] == [name]
    if name != "version":
        record = site.standing(FLOW.first_state, key="records")
        for value in (1, ADMIN, FLOW.first_state):
            answer = site.admin.patch(
                site.admin.at(record), {"version": record.version, name: value}
            )
            problem = refused(answer, "invalid", f"{name} edited")
            assert [error["field"] for error in problem["errors"]] == [name]


@pytest.mark.parametrize("body", ["[]", "[{}]", '"text"', "5", "null", "true", ""], ids=repr)
def test_a_body_that_is_no_object_is_refused(site: Site, cast: Cast, body: str) -> None:
    record = site.standing(FLOW.first_state, key="records")
    at = site.admin.at(record)
    calls = [(site.admin, "PATCH", at), (site.admin, "POST", f"{at}/comments")]
    # A spike may take no body for one without fields, which makes a record where none is required.
    if (client := creator_of(site, cast)) and (body or required()):
        calls.append((client, "POST", FLOW.path))
    for caller, method, path in calls:
        json = {"content-type": "application/json"}
        refused(caller.request(method, path, content=body, headers=json), "invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/xml"])
def test_a_body_of_another_kind_is_refused(site: Site, kind: str) -> None:
    record = site.standing(FLOW.first_state, key="records")
    at = f"{site.admin.at(record)}/comments"
    answer = site.admin.post(at, content="comment=x", headers={"content-type": kind})
    assert answer.status_code in (415, 422), f"a body of {kind} → {answer.status_code}"


@pytest.mark.parametrize(
    "comment", ["", "  \t\n", None, "x" * 2001, "a\x00b", "a\x1bb", ["a"]], ids=repr
)
def test_a_senseless_comment_is_refused(site: Site, comment: Any) -> None:
    record = site.standing(FLOW.first_state, key="records")
    refused(site.admin.post(f"{site.admin.at(record)}/comments", {"comment": comment}), "invalid")


def test_an_edit_touches_nothing_else(site: Site, cast: Cast) -> None:
    found = next(filter(None, (editing(site, cast, name) for name in FLOW.fields)), None)
    if found is None:
        return
    client, record = found
    name = FLOW.editable(client.actor, record)[0]
    before = accepted(site.admin.read(record))
    accepted(client.edit(record, {name: v.another(FLOW.fields[name], record.values[name])}))
    after = accepted(site.admin.read(record))
    kept = set(before) - {name, "version", "updated_at", "transitions", "editable"}
    assert {n: before[n] for n in kept} == {n: after[n] for n in kept}
    assert after["updated_at"] > before["updated_at"], "an edit leaves updated_at"


def test_an_edit_tells_what_it_changed_and_no_more(site: Site, cast: Cast) -> None:
    found = next(filter(None, (editing(site, cast, name) for name in FLOW.fields)), None)
    if found is None:
        return
    client, record = found
    names = FLOW.editable(client.actor, record)
    field, old = FLOW.fields[names[0]], record.values[names[0]]
    new = v.another(field, old)
    accepted(client.edit(record, {n: record.values[n] for n in names} | {field.name: new}))
    last = accepted(client.history(record))["items"][-1]
    change = {"field": field.name, "old": field.write(old), "new": field.write(new)}
    assert last["changes"] == ([change] if new != old else [])


def test_a_transition_moves_the_moment_of_the_last_change(site: Site, cast: Cast) -> None:
    for place in places():
        client, record = cast.before(place, "moved")
        steps = FLOW.open_to(client.actor, record)
        if steps:
            before = accepted(site.admin.read(record))
            accepted(client.move(record, steps[0].name, REASON))
            after = accepted(site.admin.read(record))
            assert after["updated_at"] > before["updated_at"], "a transition leaves updated_at"
            assert after["created_at"] == before["created_at"]
            return


def clearable() -> list[str]:
    return [field.name for field in FLOW.fields.values() if field.required]


@pytest.mark.parametrize("name", clearable())
def test_a_required_field_cannot_be_emptied(site: Site, name: str) -> None:
    record = site.standing(FLOW.first_state, key="records")
    for empty in {"": ["", None]}.get(str(FLOW.fields[name].empty), [None]):
        body = {"version": record.version, name: empty}
        answer = site.admin.patch(site.admin.at(record), body)
        problem = refused(answer, "invalid", f"{name} changed to {empty!r}")
        assert [error["field"] for error in problem["errors"]] == [name]


def editing(site: Site, cast: Cast, name: str) -> tuple[Client, Record] | None:
    """Somebody who may edit the field now, and a new record on which they may."""
    for state in FLOW.states.values():
        for party in sorted(state.edited_by):
            try:
                if party == OWNER:
                    record, client = (
                        site.record_in(state.name, owner=cast.owner),
                        cast.owner,
                    )
                else:
                    record, client = site.record_in(state.name), site.client_as(party)
            except LookupError:
                continue
            if name in FLOW.editable(client.actor, record):
                return client, record
    return None


OPTIONAL = [f.name for f in FLOW.fields.values() if not f.required and f.type != "boolean"]


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_optional_field_can_be_emptied_again(site: Site, cast: Cast, name: str) -> None:
    found = editing(site, cast, name)
    if found is None:
        return
    client, record = found
    field = FLOW.fields[name]
    accepted(client.edit(record, {name: v.good(field, 2)}))
    emptied = accepted(client.edit(record, {name: field.empty}), f"{name} emptied")
    assert emptied[name] == field.write(field.empty), f"{name} is still {emptied[name]!r}"
    assert accepted(client.read(record))[name] == field.write(field.empty)
    last = accepted(client.history(record))["items"][-1]
    change = {"field": name, "old": field.write(v.good(field, 2)), "new": field.write(field.empty)}
    assert last["changes"] == [change]


MONEY = [
    field.name
    for field in settable_fields()
    if field.type == "money" and (field.low is None or field.low <= 0)
]


@pytest.mark.parametrize("given", ["-0", "-0.00", "0"])
@pytest.mark.parametrize("name", MONEY)
def test_nothing_has_no_sign(site: Site, cast: Cast, name: str, given: str) -> None:
    client = creator_of(site, cast, name)
    assert client is not None
    created = accepted(client.post(FLOW.path, required() | {name: given}))
    assert created[name] == "0.00", f"{given} is answered as {created[name]}"
    entry = accepted(site.admin.get(f"{FLOW.path}/{created['id']}/history"))["items"][0]
    assert [c["new"] for c in entry["changes"] if c["field"] == name] == ["0.00"]
    assert accepted(site.admin.get(f"{FLOW.path}/{created['id']}"))[name] == "0.00"


# The list


@pytest.fixture(scope="module")
def everything(site: Site, cast: Cast) -> list[dict[str, Any]]:
    """Enough records to sort, filter and turn pages over: equal ones, others, some with the least."""
    for field in settable_fields():
        client = creator_of(site, cast, field.name)
        if client is not None and not field.required:
            for value in (v.good(field), field.empty, v.good(field, 5)):
                accepted(client.post(FLOW.path, required() | {field.name: field.write(value)}))
    for role in creating()[:1]:
        client = site.client_as(role)
        fields = [FLOW.fields[name] for name in FLOW.settable(client.actor)]
        for number in (0, 0, 1):
            accepted(client.create({field.name: v.good(field, number) for field in fields}))
        accepted(client.post(FLOW.path, required()))
    site.standing(FLOW.first_state, key="list")
    return site.all_pages(site.admin, FLOW.path, sort="id")


def ids(page: Any) -> list[int]:
    return [item["id"] for item in page["items"]]


@pytest.mark.first
def test_the_list_starts_with_the_newest(site: Site, everything: list[dict[str, Any]]) -> None:
    page = accepted(site.admin.records())
    assert (page["page"], page["size"]) == (1, 25)
    assert page["total"] == len(everything)
    assert accepted(site.admin.records(size=2))["total"] == len(everything)
    assert ids(page) == sorted((item["id"] for item in everything), reverse=True)[:25]
    shown = set(page["items"][0])
    assert shown >= {"id", "version", "state", "owner", "created_at", "updated_at", *FLOW.fields}


@pytest.mark.first
def test_pages_join_to_the_whole(site: Site, everything: list[dict[str, Any]]) -> None:
    count = len(everything)
    size = max(1, min(100, count // 3))
    numbers = range(1, (count - 1) // size + 2)
    pages = [accepted(site.admin.records(sort="id", page=n, size=size)) for n in numbers]
    assert [i for page in pages for i in ids(page)] == [item["id"] for item in everything]


SORTS = ["id", "state", "created_at", "updated_at"] + [
    field.name for field in FLOW.fields.values() if field.type != "long_text"
]


@pytest.mark.first
@pytest.mark.parametrize("name", SORTS)
def test_sorting(site: Site, everything: list[dict[str, Any]], name: str) -> None:
    """In order, with ties the newest first; how text compares is the database's matter."""
    up = site.all_pages(site.admin, FLOW.path, sort=name)
    down = site.all_pages(site.admin, FLOW.path, sort=f"-{name}")
    expected = {item["id"] for item in everything}
    assert {item["id"] for item in up} == {item["id"] for item in down} == expected
    for items, descending in ((up, False), (down, True)):
        keys = [sort_key(name, item[name]) for item in items]
        if name not in FLOW.fields or FLOW.fields[name].empty != "":
            known = [key for key in keys if key is not None]
            assert known == sorted(known, reverse=descending), f"sorted by {name}: {keys}"
        unset = [key is None for key in keys]
        assert unset == sorted(unset), f"sorted by {name}, what is not set does not come last"
        pairs = pairwise(items)
        ties = [(a["id"], b["id"]) for a, b in pairs if a[name] == b[name]]
        assert all(first > second for first, second in ties) or name == "id", f"ties of {name}"


def sort_key(name: str, value: Any) -> Any:
    if name in ("created_at", "updated_at"):
        return str(value)
    return FLOW.fields[name].read(value) if name in FLOW.fields else value


@pytest.mark.first
@pytest.mark.parametrize("state", FLOW.states)
def test_the_filter_by_state(site: Site, everything: list[dict[str, Any]], state: str) -> None:
    found = site.all_pages(site.admin, FLOW.path, state=state, sort="id")
    assert [item["id"] for item in found] == [i["id"] for i in everything if i["state"] == state]


@pytest.mark.first
def test_what_is_asked_for_at_once_holds_at_once(
    site: Site, everything: list[dict[str, Any]]
) -> None:
    """A state, a search, an order and a page."""
    names = [field.name for field in FLOW.fields.values() if field.type in ("text", "long_text")]
    rare = min(everything, key=lambda item: sum(x["state"] == item["state"] for x in everything))
    text = next((rare[name] for name in names if rare[name]), "")[:40]
    found = {item["id"] for item in site.all_pages(site.admin, FLOW.path, q=text)}
    for state in FLOW.states:
        here = [item["id"] for item in everything if item["state"] == state and item["id"] in found]
        params = {"state": state, "q": text, "sort": "id"}
        assert [item["id"] for item in site.all_pages(site.admin, FLOW.path, **params)] == here
        page = accepted(site.admin.records(**params, page=1, size=2))
        assert (ids(page), page["total"]) == (here[:2], len(here))


def searchable() -> list[Field]:
    return [f for f in settable_fields() if f.type in ("text", "long_text") and f.max_length >= 20]


@pytest.mark.parametrize("name", [field.name for field in searchable()])
def test_the_search_finds_text_and_takes_wildcards_literally(
    site: Site, cast: Cast, name: str
) -> None:
    client = creator_of(site, cast, name)
    assert client is not None
    mark = site.new_name()[-6:].replace("-", "q")
    texts = [f"{mark} 50% off", f"{mark} a_b", f"{mark} 50x off", f"{mark} axb", f"{mark} c\\d"]
    for text in texts:
        if len(text) <= FLOW.fields[name].max_length:
            accepted(client.post(FLOW.path, required() | {name: text}))

    def found(q: str) -> list[str]:
        return sorted(item[name] for item in site.all_pages(site.admin, FLOW.path, q=q))

    assert found(mark) == sorted(texts), "the search misses text"
    assert found(mark[1:]) == sorted(texts), "the search finds only beginnings"
    assert found(mark.upper()) == sorted(texts), "the search minds capitals"
    assert found(f"{mark} 50%") == [texts[0]], "% is a wildcard in the search"
    assert found(f"{mark} a_b") == [texts[1]], "_ is a wildcard in the search"
    assert found(f"{mark} c\\d") == [texts[4]], "\\ is an escape in the search"
    assert found(f"{mark}' OR 1=1 --") == []


def test_the_search_finds_nothing_across_two_fields(site: Site, cast: Cast) -> None:
    names = [field.name for field in searchable()][:2]
    client = creator_of(site, cast, names[-1]) if len(names) == 2 else None
    if client is None:
        return
    words = [site.new_name()[-8:], "beyond"]
    accepted(client.post(FLOW.path, required() | dict(zip(names, words, strict=True))))
    assert accepted(site.admin.records(q=words[0]))["total"] == 1
    for between in ("\n", " ", "", "\t", ","):
        answer = site.admin.records(q=between.join(words))
        found = accepted(answer)["total"] if answer.is_success else 0
        assert found == 0, f"a search for two fields with {between!r} between them finds a record"


def test_the_search_looks_at_choices_and_addresses(site: Site, cast: Cast) -> None:
    for field in settable_fields():
        client = creator_of(site, cast, field.name)
        if field.type in ("choice", "email", "url") and client is not None:
            value = v.good(field, 4)
            created = accepted(client.post(FLOW.path, required() | {field.name: value}))
            found = site.all_pages(site.admin, FLOW.path, q=str(value)[:200])
            assert created["id"] in [i["id"] for i in found], f"{field.name} {value} is not found"


@pytest.mark.parametrize(
    "params",
    [
        {"state": "no_such_state"},
        {"sort": "no_such_field"},
        {"sort": "--id"},
        {"sort": "owner__password"},
        {"sort": "id;drop"},
        *({"sort": f.name} for f in FLOW.fields.values() if f.type == "long_text"),
    ],
    ids=str,
)
def test_an_unknown_state_or_order_is_refused(site: Site, params: dict[str, str]) -> None:
    for path in (FLOW.path, f"{FLOW.path}/export.csv"):
        problem = refused(site.admin.get(path, **params), "invalid", f"{path} with {params}")
        assert [error["field"] for error in problem["errors"]] == list(params)


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5"])
@pytest.mark.parametrize("name", ["page", "size"])
def test_a_senseless_page_is_refused(site: Site, name: str, value: str) -> None:
    refused(site.admin.records(**{name: value}), ("invalid", "not_found"))


def test_a_page_has_at_most_a_hundred(site: Site) -> None:
    answer = site.admin.records(size=101)
    if answer.is_success:
        page = accepted(answer)
        assert page["size"] == 100, "a page of more than 100"
        assert len(page["items"]) <= 100
    else:
        refused(answer, "invalid")


def test_an_empty_parameter_counts_as_none(site: Site) -> None:
    site.standing(FLOW.first_state, key="records")
    page = accepted(site.admin.records(state="", q="", sort=""))
    assert page["total"], "an empty parameter finds nothing"
    assert page == accepted(site.admin.records())
