"""The change files: what they may say, and those that every scenario ships."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from twinspike.day import changes
from twinspike.errors import UserError

SCENARIOS = sorted(path.name for path in (ROOT / "scenarios").iterdir())
AREAS = json.loads((ROOT / "macros" / "lists.json").read_text(encoding="utf-8"))["areas"]
LEAST = {"access_request": 8}
BLOCK = """\
title: A cost centre
asked_by: Priya, finance
why: I have to guess it.
area: data_model
minutes: 30
"""
WORKFLOW = (ROOT / "scenarios" / "access_request" / "workflow.yml").read_text(encoding="utf-8")


def shipped(scenario: str) -> list[changes.Change]:
    return changes.read_all(ROOT / "scenarios" / scenario, AREAS, leave_out=("index.yml",))


def in_a_file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def indented(block: str) -> str:
    return "change:\n" + "".join(f"  {line}\n" for line in block.splitlines())


def test_a_change_is_a_block_and_a_workflow(tmp_path: Path) -> None:
    path = in_a_file(tmp_path, "01-cost-centre.yml", f"{indented(BLOCK)}\n{WORKFLOW}")
    change = changes.read(path, AREAS)
    assert (change.number, change.title, change.area) == ("01", "A cost centre", "data_model")
    assert change.workflow == yaml.safe_load(WORKFLOW)


def test_a_change_in_words_is_a_block_and_words(tmp_path: Path) -> None:
    path = in_a_file(tmp_path, "04-bulk.md", f"---\n{BLOCK}---\n\nWhat has to be true.\n")
    change = changes.read(path, AREAS)
    assert (change.number, change.workflow, change.words) == ("04", None, "What has to be true.")


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path, ending: str) -> None:
    text = f"\ufeff---\n{BLOCK}---\nWords.\n".replace("\n", ending)
    path = tmp_path / "04-bulk.md"
    path.write_bytes(text.encode())
    assert changes.read(path, AREAS).words == "Words."


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("1-x.yml", "", "is called as in 01-cost-centre.yml"),
        ("01-Big.yml", "", "is called as in 01-cost-centre.yml"),
        ("01-x.yml", WORKFLOW, "change: is missing"),
        ("01-x.yml", indented(BLOCK), "name: is missing"),
        ("01-x.yml", indented(BLOCK.replace("title", "tilte")) + WORKFLOW, "did you mean 'title'?"),
        (
            "01-x.yml",
            indented(BLOCK.replace("data_model", "data")) + WORKFLOW,
            "change.area: 'data'",
        ),
        ("01-x.yml", indented(BLOCK.replace("30", "90")) + WORKFLOW, "change.minutes: is 90"),
        (
            "01-x.yml",
            indented(BLOCK) + WORKFLOW.replace("to: approved", "to: aproved", 1),
            "'aproved'",
        ),
        ("01-x.yml", "- a list\n", "begin with `change:`"),
        ("01-x.md", f"---\n{BLOCK}Words.\n", "begin with a line `---`"),
        ("01-x.md", BLOCK, "begin with a line `---`"),
        ("01-x.md", f"---\n{BLOCK}---\n\n", "says nothing below"),
        ("01-x.md", f"---\n{BLOCK.replace('30', 'an hour')}---\nWords.\n", "line 6: minutes"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = in_a_file(tmp_path, name, text)
    with pytest.raises(UserError) as caught:
        changes.read(path, AREAS)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_two_changes_of_one_number_are_refused(tmp_path: Path) -> None:
    (tmp_path / "changes").mkdir()
    for name in ("01-a.md", "01-b.md"):
        in_a_file(tmp_path / "changes", name, f"---\n{BLOCK}---\nWords.\n")
    with pytest.raises(UserError, match=r"01-a\.md has the number 01 already"):
        changes.read_all(tmp_path, AREAS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_has_a_day_of_changes(scenario: str) -> None:
    found = shipped(scenario)
    assert len(found) >= LEAST.get(scenario, 6)
    assert [change.number for change in found] == [f"{n:02}" for n in range(1, len(found) + 1)]
    assert all(change.block.minutes <= 60 for change in found)


def test_together_they_touch_every_area() -> None:
    assert {change.area for name in SCENARIOS for change in shipped(name)} == set(AREAS)
    assert {change.area for change in shipped("access_request")} == set(AREAS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_stands_on_the_one_before(scenario: str) -> None:
    """What a file does not ask for is as the file before it has it, name for name."""
    before = yaml.safe_load((ROOT / "scenarios" / scenario / "workflow.yml").read_text())
    for change in shipped(scenario):
        if change.workflow is None:
            continue
        for part in ("fields", "roles", "states", "follow_ups"):
            assert names(before, part) <= names(change.workflow, part), f"{change.path}: {part}"
        assert change.workflow != before
        before = change.workflow


def names(workflow: dict[str, Any], part: str) -> set[str]:
    return {each["name"] for each in workflow.get(part, ())}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_index_lists_the_files(scenario: str) -> None:
    folder = ROOT / "scenarios" / scenario / "changes"
    there = sorted(p.name for p in folder.iterdir() if p.suffix in (".yml", ".md"))
    listed = yaml.safe_load((folder / "index.yml").read_text(encoding="utf-8"))
    assert listed == [name for name in there if name != "index.yml"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_change_in_words_has_tests_with_its_number(scenario: str) -> None:
    for change in shipped(scenario):
        if change.workflow is None:
            tests = change.path.with_suffix(".py").read_text(encoding="utf-8")
            marks = re.search(r"pytestmark = \[(.*?)\]", tests, re.S)
            assert marks is not None
            assert f'pytest.mark.change("{change.number}")' in marks[1]
            assert f'pytest.mark.area("{change.area}")' in marks[1]


@pytest.mark.slow
def test_a_copy_has_the_changes_of_its_scenario_alone(render: Any, tmp_path: Path) -> None:
    for scenario in SCENARIOS:
        home = render(tmp_path / scenario, scenario=scenario)
        folder = ROOT / "scenarios" / scenario / "changes"
        for change in shipped(scenario):
            given = home / "changes" / change.path.name
            assert given.read_bytes() == (folder / change.path.name).read_bytes()
        assert len(changes.read_all(home, AREAS)) == len(shipped(scenario))
        own = {path.name for path in (home / "acceptance" / "own").glob("test_change_*.py")}
        words = [change for change in shipped(scenario) if change.workflow is None]
        assert own == {f"test_change_{change.number}.py" for change in words}


def test_a_workflow_of_ones_own_begins_without_changes(render: Any, tmp_path: Path) -> None:
    home = render(tmp_path / "copy", scenario="own", workflow=yaml.safe_load(WORKFLOW))
    assert [path.name for path in (home / "changes").iterdir()] == ["README.md"]
    assert changes.read_all(home, AREAS) == []


@pytest.mark.parametrize("wanted", ["2", "02", "02-two-managers", "02-two-managers.yml"])
def test_a_change_is_found_by_its_number_or_file(wanted: str) -> None:
    assert changes.find(shipped("access_request"), wanted).number == "02"


@pytest.mark.parametrize("wanted", ["9", "02-other", "x"])
def test_another_is_not(wanted: str) -> None:
    with pytest.raises(UserError, match=f"There is no change {wanted}; there are 01, 02"):
        changes.find(shipped("access_request"), wanted)
