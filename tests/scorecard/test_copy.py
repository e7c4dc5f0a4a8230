"""What a copy receives: scorecards of its own workflow, and the file of areas that they follow."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from markdown_it import MarkdownIt

from twinspike.scorecard.areas import load_plan
from twinspike.scorecard.blank import blank_scorecard
from twinspike.scorecard.card import Kind
from twinspike.scorecard.collecting import collect

AREAS = [
    "sign_in_and_permissions",
    "data_model",
    "staff_screens",
    "approval_workflow",
    "follow_ups_and_api",
    "audit_and_export",
    "next_months",
]
SCENARIOS = sorted(file.parent.name for file in ROOT.glob("scenarios/*/workflow.yml"))
ODD = {
    "name": "access request",
    "plural": "access requests",
    "summary": "Nothing that anybody would expect.",
    "fields": [
        {"name": "cost", "type": "money", "label": 'Kosten: "100 %" 👩‍💻 {{ x }}'},
        {
            "name": "note",
            "type": "long_text",
            "label": "- Data model, Django",
            "edited_by": ["boss"],
        },
    ],
    "roles": [
        {"name": "clerk", "creates": True, "sees": "own", "label": "Sachbearbeiter*in"},
        {"name": "boss", "label": "部長 <b>"},
    ],
    "states": [{"name": "open", "edited_by": ["owner"]}, {"name": "done", "label": "# done"}],
    "transitions": [
        {
            "name": "close",
            "label": "Schließen & 'fertig'",
            "from": ["open"],
            "to": "done",
            "by": ["boss"],
            "when": [{"field": "cost", "at_most": 5}],
        }
    ],
}


def check_copy(root: Path, people: list[str]) -> None:
    """The copy's scorecards are the blank ones of its own scorecard.yml, and lack only the answers."""
    plan = load_plan(root / "scorecard.yml")
    assert [area.name for area in plan.areas] == AREAS
    assert all(len(area.scores) == 5 and len(area.questions) >= 2 for area in plan.areas)
    assert len(plan.checklist) == 4
    for person in people:
        text = (root / "scorecards" / f"{person}.md").read_text(encoding="utf-8")
        assert text == blank_scorecard(plan, person)
        assert text.endswith(":\n")
    for card in collect(root).cards:
        assert card.blank
        assert card.of_kind(Kind.UNREADABLE) == []
        assert card.of_kind(Kind.NOTE) == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, render: Callable[..., Path]) -> Path:
    """A copy of the default scenario, with weights from 0 to 6."""
    weights = {area: number for number, area in enumerate(AREAS)}
    return render(tmp_path_factory.mktemp("copy") / "copy", weights=weights, team=["anna", "李雷"])


def test_a_copy_has_the_scorecards_that_its_scorecard_yml_asks_for(copy: Path) -> None:
    check_copy(copy, ["anna", "李雷"])


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_has_scorecards_of_its_own(
    tmp_path: Path, render: Callable[..., Path], scenario: str
) -> None:
    root = render(tmp_path / "copy", scenario=scenario, team=["anna", "李雷", "Bo Li"])
    check_copy(root, ["anna", "李雷", "Bo Li"])
    workflow = yaml.safe_load((root / "workflow.yml").read_text(encoding="utf-8"))
    text = (root / "scorecards" / "anna.md").read_text(encoding="utf-8")
    assert workflow["name"] in text
    assert workflow["plural"] in text


def test_one_framework_alone_has_scorecards_with_one(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    root = render(tmp_path / "copy", frameworks=["fastapi"], team=["anna"])
    check_copy(root, ["anna"])
    assert "Django" not in (root / "scorecards" / "anna.md").read_text(encoding="utf-8")


def test_labels_that_nobody_expects_do_no_harm(tmp_path: Path, render: Callable[..., Path]) -> None:
    root = render(tmp_path / "copy", scenario="own", workflow=ODD, project_name='A "day" \\ 🎉')
    check_copy(root, ["team"])
    assert load_plan(root / "scorecard.yml").project == 'A "day" \\ 🎉'


def test_the_weights_are_those_that_were_asked_for(copy: Path) -> None:
    weights = load_plan(copy / "scorecard.yml").weights
    assert weights == {area: number for number, area in enumerate(AREAS)}


def test_a_scorecard_renders_as_lists_under_headings(copy: Path) -> None:
    html = MarkdownIt().render((copy / "scorecards" / "anna.md").read_text(encoding="utf-8"))
    assert html.count("<h2>") == 7 + 4
    assert html.count("<ol>") == 7
    assert "<li>Data model, Django:</li>\n<li>Data model, Django, why:</li>" in html
