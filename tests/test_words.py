"""What people read of a workflow: the sentences of `explain` and BRIEF.md, the diagram, the words in the code."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from twinspike.files import yaml_file
from twinspike.paths import template_root
from twinspike.templating import macro
from twinspike.workflow import commands
from twinspike.workflow.flow import flow_of

GOOD = template_root() / "scenarios" / "access_request" / "workflow.yml"


@pytest.fixture
def good() -> dict[str, Any]:
    return yaml_file.read(GOOD).data


def said(workflow: dict[str, Any]) -> str:
    return macro("brief.jinja", "sentences", flow_of(workflow), True)


def drawn(workflow: dict[str, Any]) -> str:
    return macro("brief.jinja", "diagram", flow_of(workflow))


def two_rows(workflow: dict[str, Any], first: dict[str, Any], second: dict[str, Any]) -> str:
    """What is said of the second `approve` when the two have these conditions on one more field."""
    field = {"name": "extra", "type": "integer"}
    if isinstance(next(iter(first.values())), bool) and "is_set" not in first:
        field["type"] = "boolean"
    if "2026" in str(first):
        field["type"] = "date"
    workflow["fields"].append(field)
    workflow["transitions"][1]["when"] = [{"field": "extra", **first}]
    workflow["transitions"][2]["when"] = [{"field": "extra", **second}]
    lines = [line for line in said(workflow).splitlines() if line.startswith("- Approve: ")]
    assert len(lines) == 2
    assert lines[0].startswith("- Approve: Manager")
    return lines[1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"at_most": 5}, {"more_than": 3}),
        ({"at_most": 5}, {"at_least": 5}),
        ({"at_most": 3}, {"at_most": 5}),
        ({"equals": 5}, {"at_least": 5}),
        ({"equals": 5}, {"not_equals": 6}),
        ({"is_one_of": [1, 2]}, {"is_one_of": [2, 3]}),
        ({"is_set": True}, {"at_most": 5}),
        ({"is_set": False}, {"not_equals": 5}),
        ({"equals": True}, {"not_equals": False}),
        ({"at_most": "2026-03-01"}, {"more_than": "2026-02-01"}),
    ],
    ids=str,
)
def test_otherwise_is_said_where_the_order_decides(
    good: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert two_rows(good, first, second).startswith("- Approve: Otherwise Manager")
    assert "Approve (otherwise, Extra " in drawn(good)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"at_most": 5}, {"more_than": 5}),
        ({"more_than": 5}, {"less_than": 5}),
        ({"less_than": 5}, {"at_least": 5}),
        ({"equals": 5}, {"equals": 6}),
        ({"equals": 5}, {"not_equals": 5}),
        ({"equals": 5}, {"more_than": 5}),
        ({"is_one_of": [1, 2]}, {"is_one_of": [3]}),
        ({"is_set": False}, {"at_most": 5}),
        ({"is_set": True}, {"is_set": False}),
        ({"equals": True}, {"equals": False}),
        ({"not_equals": True}, {"not_equals": False}),
        ({"at_most": "2026-03-01"}, {"more_than": "2026-03-01"}),
    ],
    ids=str,
)
def test_otherwise_is_not_said_where_the_conditions_decide(
    good: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert two_rows(good, first, second).startswith("- Approve: Manager")
    assert "therwise" not in said(good) + drawn(good)


def test_otherwise_is_not_said_of_other_roles_and_other_states(good: dict[str, Any]) -> None:
    del good["transitions"][2]["when"]
    assert "- Approve: Otherwise Manager, but not the owner, may move it to “Security review”." in (
        said(good)
    )
    assert "Approve (otherwise)" in drawn(good)
    good["transitions"][2] |= {"by": ["security"]}
    assert "therwise" not in said(good) + drawn(good)


def test_states_stand_in_quotes_and_help_is_told(good: dict[str, Any]) -> None:
    good["fields"][3]["help"] = "For a year"
    good["fields"].append({"name": "letter", "type": "text", "max_length": 1})
    text = said(good)
    assert "It begins as “Draft”." in text
    assert "- Submit: The owner may move it to “Submitted”." in text
    assert "- Annual cost: money, required, from 0.00. For a year." in text
    assert "- Letter: text, at most 1 character." in text


def test_who_sees_a_field_is_told(good: dict[str, Any]) -> None:
    good["fields"][4]["seen_by"] = ["owner", "security", "admin"]
    good["fields"][5]["seen_by"] = ["owner", "security"]
    text = said(good)
    seen_by = "seen by the owner, Security officer and Administrator only"
    assert f"- Access until: date; {seen_by}." in text
    assert (
        "- Risk note: long text, at most 10,000 characters; seen by the owner and Security officer "
        "only; only Security officer may fill it in." in text
    )


def test_who_gets_a_mail_is_told(good: dict[str, Any]) -> None:
    good["transitions"][0]["notifies"] = ["manager"]
    good["transitions"][1]["notifies"] = ["owner", "security"]
    text = said(good)
    assert "may move it to “Submitted”. Every Manager gets a mail." in text
    assert "Then “Provision” is sent. The owner and every Security officer get a mail." in text


def test_what_a_record_is_called_is_its_label(good: dict[str, Any]) -> None:
    assert "The owner is whoever created the access request." in said(good)
    text = said(good | {"label": "Zugriffsantrag", "plural_label": "Zugriffsanträge"})
    assert "The owner is whoever created the Zugriffsantrag." in text
    assert "- Requester creates Zugriffsanträge and sees only their own." in text


def test_the_screens_are_counted_as_they_are(good: dict[str, Any]) -> None:
    outlets = template_root() / "templates" / "acceptance" / "outlets.yml"
    pages = yaml.safe_load(outlets.read_text(encoding="utf-8"))["screens"]["fastapi"]
    shown = [page for page in pages if page != "/" and not page.endswith(".csv")]
    acting = [page for page in shown if "impersonation" in page]
    importing = [page for page in shown if "/imports" in page]
    assert f"- screens: {len(shown) - len(acting) - len(importing)}" in said(good)
    assert f"- screens: {len(shown) - len(acting)}" in said({**good, "imports": ["employee"]})
    good["roles"][1]["impersonates"] = ["requester"]
    assert f"- screens: {len(shown) - len(importing)}" in said(good)


def test_for_whom_a_role_acts_is_told(good: dict[str, Any]) -> None:
    good["roles"][1]["impersonates"] = ["requester"]
    text = said(good)
    assert "- Manager sees all access requests. May act for whoever is Requester, for half" in text
    good["roles"][1]["impersonates"] = ["requester", "security"]
    assert "whoever is Requester or whoever is Security officer, for half an hour" in said(good)


def test_one_is_counted_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "workflow.yml"
    file.write_text(
        "name: note\nplural: notes\nfields: [{name: body, type: text}]\n"
        "roles: [{name: writer, creates: true}]\nstates: [{name: new}, {name: old}]\n"
        "transitions: [{name: age, from: [new], to: old, by: [writer]}]\n"
    )
    assert commands.check(file, as_json=False) == 0
    assert "good. 2 states, 1 transition, 1 role, 1 field." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"on": "access_until"}, "by itself when Access until is over"),
        ({True: "access_until"}, "by itself when Access until is over"),  # as YAML reads `on`
        ({"after": "7 days"}, "by itself after 7 days"),
        ({"at_once": True}, "by itself at once"),
    ],
    ids=str,
)
def test_what_happens_by_itself_is_said_and_drawn(
    good: dict[str, Any], when: dict[Any, Any], words: str
) -> None:
    good["states"].append({"name": "closed"})
    good["transitions"].append({"name": "close", "from": ["active"], "to": "closed", **when})
    sentence = f"- Close: {words[0].upper()}{words[1:]} it moves to “Closed”."
    assert sentence in said(good).splitlines()
    assert f"at_active --> at_closed: Close ({words})" in drawn(good)


def test_of_two_at_once_the_second_is_otherwise(good: dict[str, Any]) -> None:
    good["states"] += [{"name": "kept"}, {"name": "closed"}]
    costly = [{"field": "annual_cost", "more_than": 9}]
    good["transitions"] += [
        {"name": "keep", "from": ["active"], "to": "kept", "at_once": True, "when": costly},
        {"name": "close", "from": ["active"], "to": "closed", "at_once": True},
    ]
    assert "- Close: Otherwise by itself at once it moves to “Closed”." in said(good).splitlines()
