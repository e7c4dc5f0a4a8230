"""Records from a CSV file: checked first, then made by whoever may, each row once; bad rows come back."""

import csv
from collections.abc import Callable
from typing import Any

import pytest

from suite import values as v
from suite.client import Client, accepted, refused
from suite.importing import (
    AT,
    COLUMNS,
    FIRST,
    IMPORTERS,
    Row,
    bad_rows,
    cell,
    checked,
    good,
    imported,
    reasons,
    records_of,
    row,
    seen,
    settable,
    settled,
    shown,
    values_in,
    written,
)
from suite.parts import ADMIN, Field
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("audit_and_export")
FLOW = workflow()


# What comes of a file


@pytest.mark.parametrize("role", IMPORTERS)
def test_a_file_is_checked_and_then_becomes_records(site: Site, role: str) -> None:
    person = site.new_person(role)
    rows = [good(role, number) for number in range(3)]
    taken = accepted(person.upload(written(rows), "of the team.csv"))
    assert (taken["name"], taken["rows"]) == ("of the team.csv", 3)
    assert (taken["by"], taken["same_as"]) == (person.actor.username, None)
    found = settled(person, taken["id"])
    assert [found[n] for n in ("state", "good", "bad", "done")] == ["checked", 3, 0, 0]
    assert records_of(site, person) == [], "the check has made records"
    started = accepted(person.start(found["id"]))
    assert started["state"] in ("running", "done")
    found = settled(person, found["id"])
    assert [found[n] for n in ("state", "good", "bad", "done")] == ["done", 3, 0, 3]
    records = records_of(site, person)
    assert len(records) == 3, f"{len(records)} records of 3 rows"
    for record, cells in zip(records, rows, strict=True):
        wanted = values_in(cells)
        assert shown(person, record) == seen(person, record, wanted)
        entry, *_ = accepted(site.admin.history(record))["items"]
        assert (entry["action"], entry["actor"]) == ("create", person.actor.username)
        # A boolean that is unset may be told or not.
        told = {c["field"]: c["new"] for c in entry["changes"] if c["new"] is not False}
        said = {n: FLOW.fields[n].write(x) for n, x in wanted.items() if x != FLOW.fields[n].empty}
        unseen = FLOW.unseen(site.admin.actor, record)
        assert told == {n: x for n, x in said.items() if n not in unseen}


DRESSES: dict[str, Callable[[list[Row]], bytes]] = {
    "with a byte order mark": lambda rows: b"\xef\xbb\xbf" + written(rows),
    "with semicolons": lambda rows: written(rows, separator=";"),
    "with semicolons, from a spreadsheet": lambda rows: (
        b"\xef\xbb\xbf" + written(rows, separator=";", quoting=csv.QUOTE_ALL)
    ),
    "with line feeds": lambda rows: written(rows, end="\n"),
    "with everything in quotes": lambda rows: written(rows, quoting=csv.QUOTE_ALL),
    "in another order": lambda rows: written(rows, reversed(COLUMNS)),
    "with blanks in the header": lambda rows: written(
        [[each[n] for n in COLUMNS] for each in rows], [f" {n} " for n in COLUMNS]
    ),
    "with blank lines": lambda rows: written([[], rows[0], [""] * len(COLUMNS), *rows[1:]]),
    "with yes and no": lambda rows: written(
        {n: {"true": "Yes", "false": "NO"}.get(x, x) for n, x in each.items()} for each in rows
    ),
}


@pytest.fixture(scope="module")
def in_dress(site: Site) -> dict[str, tuple[Client, dict[str, Any]]]:
    """Two rows in each dress, imported by somebody each."""
    rows = [good(FIRST[0], number) for number in range(2)]
    found = {}
    for dress, content in DRESSES.items():
        person = site.new_person(FIRST[0])
        found[dress] = person, accepted(person.upload(content(rows)))
    for person, each in found.values():
        settled(person, each["id"])
        accepted(person.start(each["id"]))
    return {dress: (person, settled(person, each["id"])) for dress, (person, each) in found.items()}


@pytest.mark.parametrize("dress", DRESSES if FIRST else [])
def test_a_file_is_taken_in_each_dress(
    site: Site, in_dress: dict[str, tuple[Client, dict[str, Any]]], dress: str
) -> None:
    person, found = in_dress[dress]
    told = reasons(person, found["id"])
    assert (found["rows"], found["done"], told) == (2, 2, {})
    rows = [good(FIRST[0], number) for number in range(2)]
    for record, cells in zip(records_of(site, person), rows, strict=True):
        assert shown(person, record) == seen(person, record, values_in(cells))


def texts() -> list[Any]:
    """Texts that a file must carry, with the first column that may have them and the role that fills it in."""
    cases = {
        "quotes": ('She said "yes", twice; ok', ("text", "long_text")),
        "a line break": ("One\nTwo", ("long_text",)),
        "a formula": ("=1+1", ("text", "long_text")),
        "a minus": ("-5 of them", ("text", "long_text")),
        "other scripts": ("名前 Ünï 👩‍💻", ("text", "long_text")),
    }
    found = []
    for what, (text, kinds) in cases.items():
        for role, name in ((r, n) for r in FIRST for n in settable(r)):
            field = FLOW.fields[name]
            if (
                field.type in kinds
                and len(text) <= field.max_length
                and row(role, 0, **{name: text})
            ):
                found.append(pytest.param(role, name, text, id=what))
                break
    return found


@pytest.mark.parametrize(("role", "name", "text"), texts())
def test_a_cell_may_have_any_text(site: Site, role: str, name: str, text: str) -> None:
    person = site.new_person(role)
    cells = row(role, 0, **{name: text})
    assert cells is not None
    for content in (
        written([cells], separator=";"),
        written([cells], quoting=csv.QUOTE_ALL).replace(b"One\nTwo", b"One\r\nTwo"),
    ):
        found = imported(person, content)
        assert (found["done"], reasons(person, found["id"])) == (1, {})
        record = records_of(site, person)[-1]
        assert shown(person, record).get(name, text) == text


# What is wrong with rows


def bad_cells(field: Field) -> dict[str, str]:
    """What no cell of the column may say."""
    found = {
        what: str(given) for what, given in v.bad(field) if isinstance(given, (str, int, float))
    }
    more = {
        "integer": {"a decimal": "7.0", "separators": "1,200", "a decimal comma": "7,5"},
        "money": {
            "a decimal comma": "12,50",
            "a small one": "1,5",
            "an exponent": "1e1",
            "blanks between": "1 200",
        },
        "date": {
            "a moment": "2031-01-15T00:00:00",
            "a number": "1768435200",
            "a short year": "31-01-15",
        },
        "boolean": {"a number": "1", "a letter": "y"},
    }
    found |= more.get(field.type, {})
    return {what: text for what, text in found.items() if "\0" not in text}


def columns() -> list[Any]:
    """Each column with a role that may fill it in."""
    roles = {name: role for role in reversed(IMPORTERS) for name in settable(role)}
    return [pytest.param(role, name, id=name) for name, role in roles.items()]


@pytest.mark.parametrize(("role", "name"), columns())
def test_a_bad_cell_is_refused_by_its_field(site: Site, role: str, name: str) -> None:
    field = FLOW.fields[name]
    person = site.new_person(role)
    base = row(role, 0, **{name: v.good(field)}) or good(role)
    cells = bad_cells(field)
    rows = [base | {name: text} for text in cells.values()]
    found = checked(person, written([good(role), *rows]))
    told = reasons(person, found["id"])
    for number, what in enumerate(cells, start=3):
        assert name in told.get(number, set()), f"{what} in {name} is not refused"
    assert (found["good"], found["bad"]) == (1, len(rows))


@pytest.mark.parametrize("role", FIRST)
def test_good_rows_are_taken_and_bad_rows_come_back(site: Site, role: str) -> None:
    person = site.new_person(role)
    short, long = list(good(role).values())[1:], [*good(role).values(), "=more"]
    rows = [good(role), short, good(role, 1), long]
    found = imported(person, written(rows))
    assert [found[n] for n in ("rows", "good", "bad", "done")] == [4, 2, 2, 2]
    header, first, second = bad_rows(person, found["id"])
    assert header == ["row", "field", "reason", *COLUMNS]
    assert (first[:2], second[:2]) == (["3", ""], ["5", ""])
    assert first[3:] == short
    assert second[3:] == [*list(good(role).values()), "'=more"], (
        "a cell is not as it was, or a formula"
    )
    assert len(records_of(site, person)) == 2


@pytest.mark.parametrize("role", FIRST)
def test_rows_are_numbered_as_spreadsheets_do(site: Site, role: str) -> None:
    person = site.new_person(role)
    wrong = [*good(role).values(), "one\ntwo"]
    found = checked(person, written([[], wrong, [], wrong]))
    assert reasons(person, found["id"]).keys() == {3, 5}


def closed() -> list[Any]:
    """Roles with a column that they may not fill in."""
    cases = {role: [n for n in COLUMNS if n not in settable(role)] for role in IMPORTERS}
    return [pytest.param(role, names[0], id=role) for role, names in cases.items() if names]


@pytest.mark.parametrize(("role", "name"), closed())
def test_each_row_holds_the_importers_own_rules(site: Site, role: str, name: str) -> None:
    person = site.new_person(role)
    field = FLOW.fields[name]
    rows = [good(role), good(role) | {name: cell(field, v.good(field))}]
    found = checked(person, written(rows))
    told = reasons(person, found["id"])
    assert name in told.get(3, set()), f"{role} fills in {name} by a file"
    assert (found["good"], found["bad"]) == (1, 1)


# What is wrong with files


def files() -> list[Any]:
    """Files that are refused as a whole, with a word of the reason."""
    if not FIRST:
        return []
    rows = [good(FIRST[0])]
    cells = [rows[0][name] for name in COLUMNS]
    more = [*COLUMNS, "nonsense"]
    cases = {
        "a column is missing": (written([cells[1:]], COLUMNS[1:]), COLUMNS[0]),
        "a column is unknown": (written([[*cells, "x"]], more), "nonsense"),
        "a column is there twice": (written([[*cells, "x"]], [*COLUMNS, COLUMNS[0]]), COLUMNS[0]),
        "another encoding": (written(rows) + b"\r\n\xfc\xe4\xf6\r\n", "4"),
        "UTF-16": (written(rows).decode().encode("utf-16"), "1"),
        "nothing": (b"", ""),
        "no rows": (written([]), ""),
        "a NUL": (written([[*cells[1:], "a\0b"]]), "2"),
        "quotes without end": (written(rows) + b'\r\n"', ""),
        "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", ""),
    }
    return [pytest.param(*case, id=what) for what, case in cases.items()]


@pytest.mark.parametrize(("content", "word"), files())
def test_a_file_that_is_wrong_leaves_nothing(site: Site, content: bytes, word: str) -> None:
    person = site.new_person(FIRST[0])
    problem = refused(person.upload(content), "invalid")
    told = {error["field"]: error["message"] for error in problem["errors"]}
    assert word in told.get("file", ""), f"{word} is not named: {problem['errors']}"
    assert accepted(person.get(AT))["total"] == 0


@pytest.mark.parametrize("role", FIRST)
def test_a_file_with_too_many_rows_leaves_nothing(site: Site, role: str) -> None:
    person = site.new_person(role)
    head, line, blanks = written([["x"]]).split(b"\r\n")
    content = b"\r\n".join([head, *[line] * 100_001, blanks])
    problem = refused(person.upload(content), "invalid")
    assert "100,000" in problem["errors"][0]["message"]
    assert accepted(person.get(AT))["total"] == 0


@pytest.mark.parametrize("role", FIRST)
def test_a_file_that_is_too_large_is_refused(site: Site, role: str) -> None:
    person = site.new_person(role)
    headers = {"content-type": "multipart/form-data; boundary=x", "connection": "close"}
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    sent = head + b"x" * 50_000_000 + b"\r\n--x--\r\n"
    refused(person.request("POST", AT, content=sent, headers=headers), "too_large")
    assert accepted(person.get(AT))["total"] == 0


@pytest.mark.parametrize("role", FIRST)
def test_what_is_no_file_is_refused(site: Site, role: str) -> None:
    person = site.new_person(role)
    for answer in (
        person.post(AT, {"file": "x"}),
        person.request("POST", AT, files={"other": ("a.csv", b"x")}),
    ):
        refused(answer, "invalid")
    answer = person.request("POST", AT, files={"other": ("a.csv", b"x")})
    assert [error["field"] for error in answer.json()["errors"]] == ["file"]


@pytest.mark.parametrize("role", FIRST)
def test_the_name_of_a_file_is_one_plain_line(site: Site, role: str) -> None:
    person = site.new_person(role)
    found = accepted(person.upload(written([good(role)]), "../folder/a file.csv"))
    assert found["name"] == "a file.csv"
    found = accepted(person.upload(written([good(role)]), "é" * 150 + ".csv"))
    assert len(found["name"]) <= 200


# Who, and when


@pytest.mark.parametrize("role", [*FLOW.roles, ADMIN] if FIRST else [])
def test_only_people_who_create_import(site: Site, role: str) -> None:
    client = site.client_as(role)
    content = written([good(FIRST[0])])
    if role in FLOW.importers():
        accepted(client.upload(content))
        return
    refused(client.upload(content), "forbidden")
    answer = client.get(AT)
    if role == ADMIN:
        accepted(answer)
    else:
        refused(answer, "forbidden")


@pytest.mark.parametrize("role", FIRST)
def test_an_import_is_for_whoever_uploaded_it(site: Site, role: str) -> None:
    person, other = site.new_person(role), site.new_person(role)
    number = checked(person, written([good(role), ["=x"]]))["id"]
    for answer in (
        other.import_(number),
        other.get(f"{AT}/{number}/bad-rows.csv"),
        other.start(number),
    ):
        refused(answer, "not_found")
    assert accepted(other.get(AT))["total"] == 0
    mine = accepted(person.get(AT, size=1))
    assert [each["id"] for each in mine["items"]] == [number]
    assert number in [each["id"] for each in site.all_pages(site.admin, AT)]
    assert accepted(site.admin.import_(number))["by"] == person.actor.username
    header, row = bad_rows(site.admin, number)
    assert (header, len(row)) == (["row", "field", "reason"], 3), "an admin reads the cells"
    refused(site.admin.start(number), "forbidden")
    assert accepted(person.import_(number))["state"] == "checked"
    assert records_of(site, person) == []


@pytest.mark.parametrize("role", FIRST)
def test_an_administrator_who_imports_starts_no_others(site: Site, role: str) -> None:
    person, both = site.new_person(role), site.new_person(role, ADMIN)
    number = checked(person, written([good(role)]))["id"]
    refused(both.start(number), "forbidden")


@pytest.mark.parametrize("role", FIRST)
def test_imports_come_newest_first_a_page_at_a_time(site: Site, role: str) -> None:
    person = site.new_person(role)
    numbers = [accepted(person.upload(written([good(role)])))["id"] for _ in range(3)]
    page = accepted(person.get(AT, size=2))
    assert [each["id"] for each in page["items"]] == numbers[:0:-1]
    assert (page["total"], page["page"], page["size"]) == (3, 1, 2)
    assert [each["id"] for each in accepted(person.get(AT, size=2, page=2))["items"]] == numbers[:1]


@pytest.mark.parametrize("role", FIRST)
def test_an_import_is_started_once_and_not_before_it_is_checked(site: Site, role: str) -> None:
    person = site.new_person(role)
    early = accepted(person.upload(written([good(role)] * 400)))["id"]
    refused(person.start(early), "wrong_state")
    found = imported(person, written([good(role)]))
    refused(person.start(found["id"]), "wrong_state")
    refused(person.start(found["id"], again=True), "wrong_state")
    refused(person.post(f"{AT}/{found['id']}/start", {"nonsense": 1}), "invalid")
    assert len(records_of(site, person)) == 1
    settled(person, early)


@pytest.mark.parametrize("role", FIRST)
def test_the_same_file_is_noticed(site: Site, role: str) -> None:
    person, other = site.new_person(role), site.new_person(role)
    content = written([good(role)])
    unstarted = checked(person, content)
    first = checked(other, content)
    assert first["same_as"] is None, "an import that was not started counts"
    accepted(other.start(first["id"]))
    assert accepted(person.import_(unstarted["id"]))["same_as"] == first["id"]
    again = accepted(person.upload(content))
    assert again["same_as"] == first["id"], "the same file of somebody else is not noticed"
    settled(person, again["id"])
    refused(person.start(again["id"]), "already_imported")
    refused(person.start(unstarted["id"]), "already_imported")
    assert records_of(site, person) == []
    accepted(person.start(again["id"], again=True))
    assert settled(person, again["id"])["done"] == 1
    assert accepted(other.import_(first["id"]))["same_as"] == again["id"]
    settled(other, first["id"])
    assert [len(records_of(site, each)) for each in (person, other)] == [1, 1]


@pytest.mark.started
@pytest.mark.first  # while one worker runs, which is halted
@pytest.mark.parametrize("how", ["loses the role", "is disabled"] if FIRST else [])
def test_whoever_may_no_more_imports_no_more(site: Site, how: str) -> None:
    """After the start, while the worker has not come to the rows."""
    assert site.spike is not None
    role = FIRST[0]
    person = site.new_person(role)
    number = checked(person, written([good(role)] * 30))["id"]
    site.spike.halt("worker")
    try:
        accepted(person.start(number))
        at = f"/api/users/{person.actor.username}"
        accepted(site.admin.patch(at, {"roles": []} if "role" in how else {"active": False}))
    finally:
        site.spike.start("worker")
    found = settled(site.admin, number)
    assert (found["state"], found["done"]) == ("done", 0), f"whoever {how} goes on importing"
    assert (found["good"], found["bad"]) == (0, 30)
    assert set.union(*reasons(site.admin, number).values()) == {""}
    accepted(site.admin.patch(at, {"roles": [role], "active": True}))
    made = site.all_pages(site.admin, FLOW.path, sort="-id")
    assert person.actor.username not in {each["owner"] for each in made}
