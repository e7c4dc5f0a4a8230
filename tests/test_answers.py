"""Wrong answers are refused by name, with what is allowed, and nothing is written."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, nothing_left, twinspike
from mistakes import BARE, CASES

from twinspike.answers.collecting import Options, collect
from twinspike.errors import UserError
from twinspike.files import yaml_file
from twinspike.render.accepting import accept

WRONG: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "framework": (["--framework", "djanggo"], ("'djanggo'", "django", "fastapi")),
    "scenario": (["--scenario", "acess_request"], ("'acess_request'", "access_request")),
    "database": (["--database", "mysql"], ("'mysql'", "sqlite", "postgresql")),
    "queue": (["--queue", "rq"], ("'rq'", "embedded", "celery")),
    "ci": (["--ci", "travis"], ("'travis'", "github", "gitlab")),
    "containers": (["--containers"], ("containers", "postgresql")),
    "date": (["--date", "31.3.2026"], ("'31.3.2026'", "2026-03-31")),
    "date that is in no calendar": (["--date", "2026-02-30"], ("2026-02-30",)),
    "team member twice": (["--team", "anna,Anna"], ("'Anna'", "twice")),
    "team member that is a path": (["--team", "../anna"], ("'../anna'",)),
    "area": (["--weights", "datamodel=2"], ("datamodel", "data_model")),
    "weight": (["--weights", "data_model=11"], ("11", "10")),
    "half a weight": (["--weights", "data_model"], ("data_model", "area=number")),
    "empty name": (["--project-name", " "], ("project_name", "empty")),
    "workflow that is not there": (["--workflow", "none.yml"], ("none.yml", "no such file")),
    "own without workflow": (["--scenario", "own"], ("--workflow FILE",)),
    "workflow and scenario": (
        ["--workflow", "x.yml", "--scenario", "access_request"],
        ("--workflow", "--scenario"),
    ),
}


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What `main` changes in its process is put back: git's variables and the signals."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.setenv(name, os.environ[name])
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_process")
@pytest.mark.parametrize(("options", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_option_is_refused_by_name(
    options: list[str],
    words: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from twinspike import cli

    arguments = ["twinspike", "new", str(tmp_path / "x"), "--defaults", *options]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "Traceback" not in said
    for word in words:
        assert word in said
    assert nothing_left(tmp_path)


DATA: dict[str, tuple[Any, tuple[str, ...]]] = {
    "an unknown key": ({"framworks": ["django"]}, ("framworks", "'frameworks'")),
    "a truth as name": ({"project_name": True}, ("project_name", "quotes")),
    "a truth as scenario": ({"scenario": True}, ("scenario", "'true'")),
    "a truth as database": ({"database": False}, ("database", "'false'")),
    "a word as frameworks": ({"frameworks": "fastapi"}, ("frameworks", "[django, fastapi]")),
    "no framework": ({"frameworks": []}, ("frameworks", "empty")),
    "a number as team": ({"team": 3}, ("team", "anna, ben")),
    "a team of nobody": ({"team": ","}, ("team", "1 to 30 names")),
    "a workflow": (
        {"name": "x", "states": [], "transitions": []},
        ("is a workflow", "use --workflow"),
    ),
    "a number as weights": ({"weights": 3}, ("weights",)),
    "a truth as weight": ({"weights": {"data_model": True}}, ("weights", "data_model")),
    "a workflow and a scenario": (
        {"workflow": {}, "scenario": "vendor_contract"},
        ("workflow", "scenario: own"),
    ),
    "the inner workflow": ({"flow": {}}, ("flow",)),
    "a list": ([1], ("question: answer",)),
}


@pytest.mark.parametrize(("data", "words"), DATA.values(), ids=DATA.keys())
def test_a_wrong_data_file_is_refused_by_name(
    data: Any, words: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "answers.yml"
    file.write_text(yaml.safe_dump(data))
    with pytest.raises(UserError) as refused:
        accept(collect(Options(data_file=file)))
    for word in words:
        assert word in str(refused.value)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": ({"framworks": ["django"]}, "framworks"),
    "the inner workflow": ({"flow": {}}, "flow"),
    "an unknown framework": ({"frameworks": ["djanggo"]}, "djanggo"),
    "no framework": ({"frameworks": []}, "at least one"),
    "an unknown scenario": ({"scenario": "acess"}, "acess"),
    "a number as team": ({"team": 3}, "anna, ben"),
    "half a weight": ({"weights": "data_model"}, "data_model=2"),
    "a workflow as answers": ({"states": [], "transitions": []}, "is a workflow"),
    "a weight too much": ({"weights": {"data_model": 11}}, "11"),
    "a date in no calendar": ({"date": "2026-02-30"}, "2026-02-30"),
    "own without workflow": ({"scenario": "own"}, "workflow"),
    "a workflow and a scenario": ({"scenario": "vendor_contract", "workflow": {"a": 1}}, "own"),
    "an unknown state": (
        {"scenario": "own", "workflow": "unknown state reached"},
        "transitions[1].to: 'aproved' is not a state",
    ),
    "a shape that is wrong": ({"workflow": "unknown field type"}, "fields[0].type: 'txt'"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bare_copier_copy_refuses_and_writes_nothing(
    data: dict[str, Any], words: str, tmp_path: Path, render: Callable[..., Path]
) -> None:
    if isinstance(data.get("workflow"), str):
        good = yaml_file.read(ROOT / "scenarios" / "access_request" / "workflow.yml").data
        CASES[data["workflow"]].change(good)
        data = {**data, "workflow": good}
    with pytest.raises(ValueError, match=r"question|choice") as refused:
        render(tmp_path / "copy", **data)
    assert words in str(refused.value)
    assert nothing_left(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", BARE)
def test_copier_itself_refuses_each_mistake(
    name: str, tmp_path: Path, render: Callable[..., Path]
) -> None:
    good = yaml_file.read(ROOT / "scenarios" / "access_request" / "workflow.yml").data
    CASES[name].change(good)
    with pytest.raises(ValueError, match="question 'workflow'"):
        render(tmp_path / "copy", scenario="own", workflow=good)
    assert nothing_left(tmp_path)


@pytest.mark.parametrize(
    ("team", "weights"),
    [("anna, ben", "data_model=2"), (["anna", "ben"], {"data_model": 2})],
    ids=["in words", "as YAML"],
)
def test_a_team_and_weights_may_be_given_in_words(
    team: Any, weights: Any, tmp_path: Path, render: Callable[..., Path]
) -> None:
    copy = render(tmp_path / "copy", team=team, weights=weights)
    assert {path.stem for path in (copy / "scorecards").iterdir()} == {"anna", "ben"}
    plan = yaml.safe_load((copy / "scorecard.yml").read_text(encoding="utf-8"))
    assert plan["team"] == ["anna", "ben"]
    assert [area["weight"] for area in plan["areas"]] == [1, 2, 1, 1, 1, 1, 1]


def test_without_a_terminal_it_says_what_is_missing(tmp_path: Path) -> None:
    done = twinspike("new", tmp_path / "copy")
    assert done.returncode == 1
    assert "--defaults" in done.stderr
    assert nothing_left(tmp_path)
