"""The suite brings a record to every transition of a workflow, also of a large one or where several share a name."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from twinspike.workflow.check import check

SHARED_NAMES = """
name: purchase
plural: purchases
fields:
  - {name: total, type: money, required: true}
  - {name: technology, type: boolean, required: true}
  - {name: stocked, type: boolean, required: true}
  - {name: account, type: text, edited_by: [clerk]}
roles: [{name: asker, creates: true, sees: own}, {name: desk, creates: true}, {name: clerk}, {name: chief}]
states:
  - {name: new, edited_by: [owner]}
  - {name: it_review, edited_by: [clerk]}
  - {name: stock_review}
  - {name: waiting}
  - {name: half}
  - {name: done}
transitions:
  - {name: submit, from: [new], to: it_review, by: [owner], when: [{field: technology, equals: true}]}
  - {name: submit, from: [new], to: stock_review, by: [owner], when: [{field: stocked, equals: true}], follow_ups: [tell]}
  - {name: submit, from: [new, it_review, stock_review], to: waiting, by: [owner, clerk], follow_ups: [tell]}
  - {name: approve, from: [waiting], to: half, by: [clerk, chief], when: [{field: total, at_most: 100}]}
  - {name: approve, from: [waiting], to: half, by: [chief], when: [{field: total, at_most: 200}], follow_ups: [tell]}
  - {name: approve, from: [waiting], to: done, by: [chief], when: [{field: account, is_set: true}], follow_ups: [tell]}
  - {name: approve, from: [half], to: done, by: [clerk, chief], not_by: [approve], follow_ups: [tell]}
follow_ups: [{name: tell, sends: [total]}]
"""
# What nobody whom the suite can be could make, and the four eyes that it looks at.
LEFT_OUT = """
import json
from suite.matrix import four_eyes
from suite.plan import satisfying, way_to
from suite.planner import Planner, after
from suite.parts import ADMIN, OWNER, Actor, Record, Transition
from suite.workflow_file import workflow

flow = workflow()
wrong = []
for made in flow.transitions:
    for state in made.sources:
        plan = way_to(state, satisfying(made, state))
        if plan is None:
            wrong.append(f"{made.name} in {state}: no way")
            continue
        cast = Planner(flow, plan.creator).cast
        values = {name: field.empty for name, field in flow.fields.items()} | dict(plan.values)
        record = Record(0, 1, flow.first_state, OWNER, values)
        for step in plan.steps:
            record.values.update(step.changes)
            if step.name:
                found = flow.answer(cast[step.actor], record, step.name, comment="why")
                record = after(record, found, step.actor)
        actors = [Actor("other", frozenset({role})) for role in (*flow.roles, ADMIN)]
        actors += [Actor(OWNER, frozenset({role})) for role in flow.creators()]
        answers = [flow.answer(actor, record, made.name, comment="why") for actor in actors]
        if made not in [answer for answer in answers if isinstance(answer, Transition)]:
            wrong.append(f"{made.name} in {state}: {answers}")
print(json.dumps({"wrong": wrong, "four eyes": sorted({str(case) for case in four_eyes()})}))
"""


def large() -> dict[str, Any]:
    """Thirty states, forty fields and eighty transitions, most with conditions; some filled in early only."""
    kinds = ("text", "integer", "money", "date", "boolean", "choice", "email", "url")
    fields: list[dict[str, Any]] = []
    for number in range(40):
        field: dict[str, Any] = {"name": f"f{number}", "type": kinds[number % 8]}
        if field["type"] == "choice":
            field["choices"] = ["a", "b", "c"]
        if number % 7 == 3:
            field["edited_by"] = ["clerk"]
        fields.append(field)
    when: dict[str, dict[str, Any]] = {
        "integer": {"at_most": 100},
        "money": {"more_than": 500},
        "boolean": {"equals": True},
        "choice": {"equals": "b"},
    }
    states = [
        {"name": f"s{n}"} | ({"edited_by": ["owner", "clerk"]} if n % 2 == 0 else {})
        for n in range(30)
    ]
    transitions: list[dict[str, Any]] = []
    for number in range(29):
        field = fields[number * 3 % 40]
        guard = {"field": field["name"], **when.get(field["type"], {"is_set": True})}
        to = f"s{number + 1}"
        step = {
            "name": f"go{number}",
            "from": [f"s{number}"],
            "to": to,
            "by": ["clerk"],
            "when": [guard],
        }
        transitions += [step, {**step, "to": f"s{(number + 2) % 29 + 1}"}]
        del transitions[-1]["when"]
    for number in range(22):
        jump = {"name": f"jump{number}", "from": [f"s{number + 8}"], "to": f"s{number * 5 % 8}"}
        transitions.append({**jump, "by": ["desk"], "comment": "required"})
    roles = [{"name": "desk", "creates": True}, {"name": "clerk"}]
    parts = {"fields": fields, "roles": roles, "states": states, "transitions": transitions}
    return {"name": "large thing", "plural": "large things", **parts}


@pytest.fixture(scope="module")
def suite(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The acceptance suite of a copy."""
    return render(tmp_path_factory.mktemp("copy") / "copy") / "acceptance"


def planned(suite: Path, workflow: dict[str, Any]) -> dict[str, Any]:
    """What the suite's plans say of the workflow, within a minute."""
    assert check(workflow)[1] == []
    file = suite / "planned.yml"
    file.write_text(yaml.safe_dump(workflow), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LEFT_OUT],
        cwd=suite,
        env={**os.environ, "SUITE_WORKFLOW": str(file)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_transition_that_shares_its_name_is_made(suite: Path) -> None:
    found = planned(suite, yaml.safe_load(SHARED_NAMES))
    assert found["wrong"] == []
    assert found["four eyes"] == ["approve in half after approve"]


@pytest.mark.slow
def test_every_transition_of_a_large_workflow_is_made_and_soon(suite: Path) -> None:
    assert planned(suite, large())["wrong"] == []
