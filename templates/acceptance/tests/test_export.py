"""The export and the report."""

import csv
import io
from collections import Counter
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from suite import values as v
from suite.client import accepted, refused
from suite.creation import required_beside
from suite.fixtures import Cast
from suite.parts import ADMIN, Actor
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("audit_and_export")
FLOW = workflow()
HEADER = ["id", "state", "owner", *FLOW.fields, "created_at", "updated_at"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]


@pytest.fixture(scope="module")
def records(site: Site) -> None:
    """Two records with the same amounts in each state that a way leads to."""
    amount = Decimal("120.10")
    money = [field for field in FLOW.fields.values() if field.type == "money"]
    amounts = {field.name: amount for field in money if v.fits(field, amount)}
    for state in (*FLOW.states, *FLOW.states):
        try:
            site.record_with(state, amounts)
        except LookupError:
            with suppress(LookupError):
                site.record_in(state)


def table(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, f"the export → {answer.status_code}"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, f"the export → {answer.status_code}"
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def export(client: Any, **params: Any) -> httpx.Response:
    """The export with the API's names."""
    return client.get(f"{FLOW.path}/export.csv", header="names", **params)


def test_the_export_is_a_csv_file(site: Site) -> None:
    answer = export(site.admin)
    assert answer.headers["content-type"].replace(" ", "").lower() == "text/csv;charset=utf-8"
    name = f"{FLOW.path.rpartition('/')[2]}.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.content.startswith(b"\xef\xbb\xbf"), "the export lacks its byte order mark"
    assert "content-length" not in answer.headers, "the export is not streamed"
    reader = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert next(reader) == HEADER


@pytest.mark.usefixtures("records")
def test_the_export_for_people_has_labels_and_moments_that_spreadsheets_know(site: Site) -> None:
    """Everything else is as in the one for programs."""
    labels = [harmless(field.label) for field in FLOW.fields.values()]
    answers = [site.admin.get(f"{FLOW.path}/export.csv", header=wish) for wish in ("", "labels")]
    people, asked = (table(answer) for answer in answers)
    programs = table(export(site.admin))
    assert people == asked, "people get another export unless they ask for theirs"
    assert people[0] == ["No.", "State", "Owner", *labels, "Created (UTC)", "Last changed (UTC)"]
    assert len(people) == len(programs)
    users = {u["username"]: u["name"] for u in site.all_pages(site.admin, "/api/users")}
    places = [HEADER.index(name) for name in FLOW.person_fields]
    for told, exact in zip(people[1:], programs[1:], strict=True):
        for place in places:
            exact[place] = harmless(users.get(exact[place], ""))
        assert told[:-2] == exact[:-2]
        for short, moment in zip(told[-2:], exact[-2:], strict=True):
            assert short == moment[:19].replace("T", " "), "a moment that spreadsheets do not know"


def test_the_columns_of_an_export_have_two_kinds_of_names(site: Site) -> None:
    answer = site.admin.get(f"{FLOW.path}/export.csv", header="no_such_names")
    refused(answer, "invalid", "an export with unknown names")


def cell(record: dict[str, Any], name: str) -> str:
    value = record.get(name)  # not there for whoever does not see it
    if isinstance(value, bool):
        return str(value).lower()
    text = "" if value is None else str(value)
    is_text = name in FLOW.fields and FLOW.fields[name].empty == ""
    return harmless(text) if is_text else text


@pytest.mark.first
@pytest.mark.usefixtures("records")
def test_the_export_has_what_the_list_has(site: Site) -> None:
    listed = site.all_pages(site.admin, FLOW.path)
    exported = rows(export(site.admin))
    assert [row["id"] for row in exported] == [str(record["id"]) for record in listed]
    for row, record in zip(exported, listed, strict=True):
        shown = {n: x.lower() if x in ("True", "False") else x for n, x in row.items()}
        moments = ("created_at", "updated_at")
        expected = {name: cell(record, name) for name in HEADER if name not in moments}
        assert {n: shown[n] for n in expected} == expected, f"record {record['id']} in the export"
        told = [datetime.fromisoformat(row[name]) for name in moments]
        assert told == [datetime.fromisoformat(record[name]) for name in moments]
        assert all(row[name].endswith("Z") for name in moments), "moments are given in UTC"


@pytest.mark.first
@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("state", FLOW.states)
def test_the_export_has_the_filters_of_the_list(site: Site, state: str) -> None:
    params = {"state": state, "sort": "created_at"}
    listed = [str(r["id"]) for r in site.all_pages(site.admin, FLOW.path, **params)]
    assert [row["id"] for row in rows(export(site.admin, **params))] == listed
    words = {"q": next((c for f in FLOW.fields.values() for c in f.choices), "0"), "sort": "id"}
    listed = [str(r["id"]) for r in site.all_pages(site.admin, FLOW.path, **words)]
    assert [row["id"] for row in rows(export(site.admin, **words))] == listed


@pytest.mark.first
@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("role", [*FLOW.roles, ADMIN, "nobody"])
def test_the_export_and_the_report_have_only_what_may_be_seen(
    site: Site, cast: Cast, role: str
) -> None:
    if FLOW.creators():
        site.standing(FLOW.first_state, owner=cast.owner, key="export")
    if role in FLOW.service_roles:
        client = site.service(role)
    else:
        client = site.set_roles(cast.owner, *(() if role == "nobody" else (role,)))
    listed = site.all_pages(client, FLOW.path)
    exported = rows(export(client))
    assert [row["id"] for row in exported] == [str(record["id"]) for record in listed]
    report = accepted(client.get(f"{FLOW.path}/report"))
    counts = Counter(record["state"] for record in listed)
    assert {s["state"]: s["count"] for s in report["states"]} == {s: counts[s] for s in FLOW.states}


def formula_fields() -> list[str]:
    creators = [*FLOW.creators(), *FLOW.creators(service=True)]
    return [
        field.name
        for field in FLOW.fields.values()
        if field.type in ("text", "long_text")
        and field.max_length >= 10
        and any(field.name in FLOW.settable(Actor("", frozenset({role}))) for role in creators)
    ]


@pytest.mark.parametrize("name", formula_fields())
def test_no_cell_is_a_formula(site: Site, name: str) -> None:
    role = next(
        role
        for role in (*FLOW.creators(), *FLOW.creators(service=True))
        if name in FLOW.settable(Actor("", frozenset({role})))
    )
    client = site.client_as(role)
    made = {}
    for text in FORMULAS:
        # Blanks at the ends are stripped, so that a tab or a return can only come after a letter.
        created = accepted(client.post(FLOW.path, required_beside(name, text)))
        made[str(created["id"])] = created[name]
    exported = {row["id"]: row[name] for row in rows(export(client))}
    for number, text in made.items():
        assert exported[number] == harmless(text), f"{text!r} is exported as {exported[number]!r}"


def test_quotes_and_line_breaks_survive_the_export(site: Site) -> None:
    names = [name for name in formula_fields() if FLOW.fields[name].type == "long_text"]
    for name in names or formula_fields()[:1]:
        role = next(
            role
            for role in (*FLOW.creators(), *FLOW.creators(service=True))
            if name in FLOW.settable(Actor("", frozenset({role})))
        )
        client = site.client_as(role)
        text = 'a "b", c;\nd' if FLOW.fields[name].type == "long_text" else 'a "b", c'
        created = accepted(client.post(FLOW.path, required_beside(name, text)))
        exported = {row["id"]: row[name] for row in rows(export(client))}
        assert exported[str(created["id"])].replace("\r\n", "\n") == created[name]


@pytest.mark.first
@pytest.mark.usefixtures("records")
def test_the_report_counts_and_adds_up(site: Site) -> None:
    listed = site.all_pages(site.admin, FLOW.path)
    report = accepted(site.admin.get(f"{FLOW.path}/report"))
    assert [state["state"] for state in report["states"]] == list(FLOW.states)
    money = [field.name for field in FLOW.fields.values() if field.type == "money"]
    for state in report["states"]:
        records = [record for record in listed if record["state"] == state["state"]]
        assert state["count"] == len(records), f"the count of {state['state']}"
        totals = {
            name: f"{sum((Decimal(r[name]) for r in records if r.get(name)), Decimal(0)):.2f}"
            for name in money
        }
        assert state["totals"] == totals, f"the totals of {state['state']}"
