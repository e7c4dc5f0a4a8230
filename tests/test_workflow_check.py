"""Which workflow files are refused, with place, value and remedy, and that good ones are not."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from mistakes import BARE, CASES, TEXTS, Case

from twinspike.errors import UserError
from twinspike.files import yaml_file
from twinspike.paths import scenarios, template_root
from twinspike.templating import macro
from twinspike.workflow import commands
from twinspike.workflow.check import check
from twinspike.workflow.model import json_schema

GOOD = template_root() / "scenarios" / "access_request" / "workflow.yml"


@pytest.fixture
def good() -> dict[str, Any]:
    return yaml_file.read(GOOD).data


@pytest.mark.parametrize("scenario", scenarios())
def test_every_scenario_is_good_for_both_checks(scenario: str) -> None:
    data = yaml_file.read(template_root() / "scenarios" / scenario / "workflow.yml").data
    assert check(data)[1] == []
    assert macro("check_workflow.jinja", "check_workflow", data) == ""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mistake_is_refused_with_place_value_and_remedy(case: Case, good: dict[str, Any]) -> None:
    case.change(good)
    workflow, mistakes = check(good)
    assert workflow is None
    at_place = [mistake for mistake in mistakes if mistake.place == case.place]
    assert at_place, [str(mistake) for mistake in mistakes]
    for word in case.words:
        assert any(word in mistake.message for mistake in at_place), at_place


@pytest.mark.parametrize("case", BARE.values(), ids=BARE.keys())
def test_a_bare_copier_copy_refuses_wrong_shapes_and_unknown_names(
    case: Case, good: dict[str, Any]
) -> None:
    case.change(good)
    said = macro("check_workflow.jinja", "check_workflow", good)
    part = case.place.split("[")[0].split(".")[0]
    assert any(line.startswith(part) for line in said.splitlines()), said


@pytest.mark.parametrize(("text", "words"), TEXTS.values(), ids=TEXTS.keys())
def test_a_file_that_cannot_be_read_is_refused(
    text: str | bytes, words: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "workflow.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as refused:
        commands.check(file, as_json=False)
    for word in ("workflow.yml", *words):
        assert word in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        yaml_file.read(tmp_path / "none.yml")
    with pytest.raises(UserError, match="is a folder"):
        yaml_file.read(tmp_path)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "workflow.yml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.read_bytes().replace(b"\n", b"\r\n"))
    assert check(yaml_file.read(file).data)[1] == []


def test_all_mistakes_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "workflow.yml"
    text = (
        GOOD.read_text().replace("to: submitted", "to: submited").replace("type: date", "type: day")
    )
    file.write_text(text.replace("by: [identity_provider]", "by: [identity]"))
    with pytest.raises(UserError) as refused:
        commands.check(file, as_json=False)
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    for name, written, line in zip(
        ("'day'", "'submited'", "'identity'"), ("day", "submited", "[identity]"), lines, strict=True
    ):
        number = next(n for n, t in enumerate(file.read_text().splitlines(), 1) if written in t)
        assert f"line {number}: " in line
        assert name in line


def test_the_answer_for_programs_has_line_place_and_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "workflow.yml"
    file.write_text(GOOD.read_text().replace("to: submitted", "to: submited"))
    assert commands.check(file, as_json=True) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["good"] is False
    assert {"line", "place", "message"} == answer["mistakes"][0].keys()


def test_words_that_look_like_keywords_but_harm_nothing_are_fine(good: dict[str, Any]) -> None:
    for name in ("order", "group", "user", "end", "limit", "table", "value", "status", "name"):
        good["fields"].append({"name": name, "type": "text"})
    good["transitions"][0]["name"] = "return"
    good["states"][5]["name"] = "no"
    text = yaml.safe_dump(good).replace("rejected", "'no'")
    data = yaml.safe_load(text)
    assert check(data)[1] == []
    assert macro("check_workflow.jinja", "check_workflow", data) == ""


def test_stages_that_share_a_name_may_need_two_people(good: dict[str, Any]) -> None:
    good["states"].append({"name": "half_approved"})
    good["transitions"][1] |= {"to": "half_approved", "follow_ups": []}
    del good["transitions"][1]["follow_ups"]
    good["transitions"].append(
        {"name": "approve", "from": ["half_approved"], "to": "approved", "by": ["manager"]}
        | {"not_by": ["owner", "approve"]}
    )
    assert check(good)[1] == []


def test_a_field_may_be_filled_in_on_a_way_back(good: dict[str, Any]) -> None:
    """What security writes during the review counts when the record is submitted once more."""
    when = {"field": "risk_note", "is_set": True}
    good["transitions"][1]["when"].append(when)
    good["transitions"][0]["from"].append("security_review")
    assert check(good)[1] == []


@pytest.mark.parametrize(("index", "to"), [(0, "rejected"), (1, "submitted"), (2, "approved")])
def test_one_wrong_goal_is_one_mistake(good: dict[str, Any], index: int, to: str) -> None:
    good["transitions"][index]["to"] = to
    assert len(check(good)[1]) == 1
    assert "take it away" not in check(good)[1][0].message


def test_labels_may_be_in_any_script(good: dict[str, Any]) -> None:
    labels = [
        "Äöü ß",
        "日本語",
        "عربي",
        "हिन्दी",
        "👩‍💻 {{ x }}",
        "{% raw %}",
        "100% \\ \"'",
        "а" * 200,
    ]
    for number, label in enumerate(labels):
        good["fields"].append({"name": f"f{number}", "type": "text", "label": label})
    assert check(good)[1] == []
    assert macro("check_workflow.jinja", "check_workflow", good) == ""


def test_the_published_schema_is_the_models() -> None:
    published = json.loads((template_root() / "templates" / "workflow.schema.json").read_text())
    assert published == json_schema()


def test_a_mistake_does_not_hide_the_others(good: dict[str, Any]) -> None:
    data = deepcopy(good)
    for change in ("unknown field type", "unknown state reached", "unknown role of a state"):
        CASES[change].change(data)
    places = {mistake.place for mistake in check(data)[1]}
    assert {CASES[c].place for c in ("unknown field type", "unknown state reached")} <= places
    assert CASES["unknown role of a state"].place in places
