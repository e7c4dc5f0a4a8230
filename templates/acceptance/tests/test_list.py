"""The list: its pages, orders, filters and search."""

from itertools import pairwise
from typing import Any

import pytest

from suite import values as v
from suite.client import accepted, refused
from suite.creation import creating, creator_of, required, required_beside, settable_fields
from suite.fixtures import Cast
from suite.parts import Field
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("data_model")
FLOW = workflow()


@pytest.fixture(scope="module")
def everything(site: Site, cast: Cast) -> list[dict[str, Any]]:
    """Enough records to sort, filter and turn pages over: equal ones, others, some with the least."""
    for field in settable_fields():
        client = creator_of(site, field.name)
        if client is not None and not field.needed:
            for value in (v.good(field), field.empty, v.good(field, 5)):
                body = required_beside(field.name, field.write(value))
                accepted(client.post(FLOW.path, body))
    for role in creating()[:1]:
        client = site.client_as(role)
        fields = [FLOW.fields[name] for name in FLOW.settable(client.actor)]
        for number in (0, 0, 1):
            values = {field.name: v.good(field, number) for field in fields}
            accepted(client.create(v.fitted(FLOW, values)))
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
    always = {"id", "version", "state", "owner", "created_at", "updated_at"}
    assert shown >= {*always, *FLOW.open_fields}


@pytest.mark.first
def test_pages_join_to_the_whole(site: Site, everything: list[dict[str, Any]]) -> None:
    count = len(everything)
    size = max(1, min(100, count // 3))
    numbers = range(1, (count - 1) // size + 2)
    pages = [accepted(site.admin.records(sort="id", page=n, size=size)) for n in numbers]
    assert [i for page in pages for i in ids(page)] == [item["id"] for item in everything]


SORTS = ["id", "state", "created_at", "updated_at"] + [
    name for name in FLOW.open_fields if FLOW.fields[name].type != "long_text"
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
    names = [n for n in FLOW.open_fields if FLOW.fields[n].type in ("text", "long_text")]
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
    client = creator_of(site, name)
    assert client is not None
    mark = site.new_name()[-6:].replace("-", "q")
    texts = [f"{mark} 50% off", f"{mark} a_b", f"{mark} 50x off", f"{mark} axb", f"{mark} c\\d"]
    for text in texts:
        if len(text) <= FLOW.fields[name].max_length:
            accepted(client.post(FLOW.path, required_beside(name, text)))

    def found(q: str) -> list[str]:
        return sorted(item[name] for item in site.all_pages(client, FLOW.path, q=q))

    assert found(mark) == sorted(texts), "the search misses text"
    assert found(mark[1:]) == sorted(texts), "the search finds only beginnings"
    assert found(mark.upper()) == sorted(texts), "the search minds capitals"
    assert found(f"{mark} 50%") == [texts[0]], "% is a wildcard in the search"
    assert found(f"{mark} a_b") == [texts[1]], "_ is a wildcard in the search"
    assert found(f"{mark} c\\d") == [texts[4]], "\\ is an escape in the search"
    assert found(f"{mark}' OR 1=1 --") == []


def test_the_search_finds_nothing_across_two_fields(site: Site, cast: Cast) -> None:
    names = [field.name for field in searchable() if field.name in FLOW.steady][:2]
    client = creator_of(site, names[-1]) if len(names) == 2 else None
    if client is None:
        return
    words = [site.new_name()[-8:], "beyond"]
    accepted(client.post(FLOW.path, required() | dict(zip(names, words, strict=True))))
    assert accepted(client.records(q=words[0]))["total"] == 1
    for between in ("\n", " ", "", "\t", ","):
        answer = client.records(q=between.join(words))
        found = accepted(answer)["total"] if answer.is_success else 0
        assert found == 0, f"a search for two fields with {between!r} between them finds a record"


def test_the_search_looks_at_choices_and_addresses(site: Site, cast: Cast) -> None:
    for field in settable_fields():
        client = creator_of(site, field.name)
        if field.type in ("choice", "email", "url") and client is not None:
            value = v.good(field, 4)
            created = accepted(client.post(FLOW.path, required_beside(field.name, value)))
            found = site.all_pages(client, FLOW.path, q=str(value)[:200])
            assert created["id"] in [i["id"] for i in found], f"{field.name} {value} is not found"


@pytest.mark.parametrize("name", FLOW.person_fields)
def test_the_search_looks_at_the_names_of_people(site: Site, cast: Cast, name: str) -> None:
    client = creator_of(site, name)
    if client is None:
        return
    others = {value for field, value in required().items() if field != name}
    first = next(each for each in FLOW.fields[name].people if each not in others)
    second = next(each for each in FLOW.fields[name].people if each != first)
    bodies = [required_beside(name, each) for each in (first, second)]
    made = [accepted(client.post(FLOW.path, body)) for body in bodies]
    for text in (first, v.named(first)):
        found = site.all_pages(site.admin, FLOW.path, q=text)
        ids_found = [item["id"] for item in found]
        assert made[0]["id"] in ids_found, f"{text} in {name} is not found"
        assert made[1]["id"] not in ids_found, f"{text} finds somebody else"


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
