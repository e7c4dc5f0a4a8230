"""The rules of a workflow whose transitions share names, as both spikes have them in `workflow.py`."""

from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
import yaml

from twinspike.templating import render
from twinspike.workflow.check import check
from twinspike.workflow.flow import flow_of

OWNER, CLERK, CHIEF = 1, 2, 3
PURCHASE = """
name: purchase
plural: purchases
fields:
  - {name: total, type: money, required: true}
  - {name: technology, type: boolean, required: true}
  - {name: stocked, type: boolean, required: true, label: The warehouse keeps it}
  - {name: account, type: text}
roles: [{name: asker, creates: true}, {name: clerk}, {name: chief}]
states: [{name: new, edited_by: [owner]}, {name: it_review}, {name: stock_review}, {name: waiting}, {name: half}, {name: done}]
transitions:
  - {name: submit, from: [new], to: it_review, by: [owner], when: [{field: technology, equals: true}]}
  - {name: submit, from: [new], to: stock_review, by: [owner], when: [{field: stocked, equals: true}]}
  - {name: submit, from: [new, it_review, stock_review], to: waiting, by: [owner, clerk]}
  - {name: approve, from: [waiting], to: half, by: [clerk, chief], when: [{field: total, at_most: 100}, {field: account, is_set: true}]}
  - {name: approve, from: [waiting], to: half, by: [clerk, chief], when: [{field: total, at_most: 200}]}
  - {name: approve, from: [waiting], to: half, by: [chief], when: [{field: total, at_most: 900}]}
  - {name: approve, from: [half], to: done, by: [clerk, chief], not_by: [approve]}
"""


@dataclass
class Record:
    state: str
    total: Decimal = Decimal(0)
    technology: bool = False
    stocked: bool = False
    account: str = ""
    owner_id: int = OWNER
    version: int = 1


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The `workflow.py` of the purchases."""
    workflow = yaml.safe_load(PURCHASE)
    assert check(workflow)[1] == []
    file = tmp_path_factory.mktemp("rules") / "rules_of_purchases.py"
    file.write_text(render("macros/workflow.py.jinja", flow=flow_of(workflow)), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(file.parent)
        return import_module(file.stem)


@pytest.mark.parametrize(
    ("who", "total", "missing"),
    [
        (CLERK, 5000, "Total must be at most 200.00."),
        (CHIEF, 5000, "Total must be at most 900.00."),
        (CHIEF, 300, None),
    ],
)
def test_a_refusal_names_what_is_missing_for_the_nearest(
    rules: Any, who: int, total: int, missing: str | None
) -> None:
    actor = rules.Actor(who, frozenset({"clerk" if who == CLERK else "chief"}))
    record = Record("waiting", Decimal(total))
    if missing is None:
        assert rules.choose("approve", record, actor, {}).to_state == "half"
        return
    with pytest.raises(rules.Refused) as refused:
        rules.choose("approve", record, actor, {})
    assert (refused.value.code, refused.value.detail) == ("guard", missing)


def test_the_record_page_says_what_the_order_has_decided(rules: Any) -> None:
    owner = rules.Actor(OWNER, frozenset({"asker"}))
    assert ("Submit", "To “It review”: Technology must be yes. Otherwise to “Stock review”.") in (
        rules.blocked(Record("new", stocked=True), owner, {})
    )
    assert (
        "Submit",
        "To “It review”: Technology must be yes. To “Stock review”: The warehouse keeps it must be yes. "
        "Otherwise to “Waiting”.",
    ) in rules.blocked(Record("new"), owner, {})
    assert rules.blocked(Record("new", technology=True), owner, {}) == []


def test_the_record_page_says_nothing_where_the_order_decides_nothing(rules: Any) -> None:
    clerk = rules.Actor(CLERK, frozenset({"clerk"}))
    assert rules.blocked(Record("it_review"), clerk, {}) == []
    assert rules.blocked(Record("waiting", account="", total=Decimal(150)), clerk, {}) == []


def test_the_second_stage_of_one_name_is_somebody_elses(rules: Any) -> None:
    clerk = rules.Actor(CLERK, frozenset({"clerk"}))
    chief = rules.Actor(CHIEF, frozenset({"chief"}))
    record = Record("half")
    with pytest.raises(rules.Refused, match="You made “Approve” before") as refused:
        rules.choose("approve", record, clerk, {"approve": CLERK})
    assert refused.value.code == "forbidden"
    assert rules.choose("approve", record, chief, {"approve": CLERK}).to_state == "done"
