"""Making a copy: every way gives the same tree, with what was asked for and nothing else."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
import yaml
from conftest import JUNK, PARTS, ROOT, copier, copy_template, git, tree, twinspike

from twinspike.answers.questions import choices
from twinspike.paths import scenarios

TODAY = "2026-03-31"
FRAMEWORKS = choices("frameworks")
DATABASES = choices("database")


@pytest.mark.slow
def test_every_way_gives_the_same_tree(template: Path, tmp_path: Path) -> None:
    copier("copy", "--defaults", "--data", f"date={TODAY}", template, tmp_path / "plain")
    clone = tmp_path / "clone"
    copy_template(clone)
    git("init", "-q", cwd=clone)
    git("add", "-A", "-f", cwd=clone)
    git("commit", "-qm", "one", cwd=clone)
    copier("copy", "--defaults", "--data", f"date={TODAY}", clone, tmp_path / "untagged")
    git("tag", "v1.0.0", cwd=clone)
    copier("copy", "--defaults", "--data", f"date={TODAY}", clone, tmp_path / "tagged")
    done = twinspike("new", tmp_path / "ours", "--defaults", "--date", TODAY)
    assert done.returncode == 0, done.stderr
    plain = tree(tmp_path / "plain")
    assert "BRIEF.md" in plain
    for way in ("untagged", "tagged", "ours"):
        assert tree(tmp_path / way) == plain, way


def test_a_workflow_file_gives_what_a_data_file_gives(template: Path, tmp_path: Path) -> None:
    workflow = ROOT / "scenarios" / "budget_request" / "workflow.yml"
    answers = {"scenario": "own", "workflow": yaml.safe_load(workflow.read_text()), "date": TODAY}
    data = tmp_path / "answers.yml"
    data.write_text(yaml.safe_dump(answers, sort_keys=False))
    done = copier("copy", "--defaults", "--data-file", data, template, tmp_path / "theirs")
    assert done.returncode == 0, done.stderr
    done = twinspike(
        "new", tmp_path / "ours", "--defaults", "--workflow", workflow, "--date", TODAY
    )
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "ours") == tree(tmp_path / "theirs")


def test_the_template_needs_no_trust() -> None:
    config = yaml.safe_load((ROOT / "copier.yml").read_text())
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & config.keys()
    for name, question in config.items():
        if not name.startswith("_") and question.get("when") is not False:
            assert {"default", "help"} <= question.keys(), name
            assert "validator" in question or "choices" in question, name


def test_a_later_minute_and_another_order_on_the_disk_give_the_same_copy(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    render(tmp_path / "one", date=TODAY)
    backwards = tmp_path / "backwards"
    for path in sorted((ROOT / part for part in PARTS), reverse=True):
        _copy_backwards(path, backwards / path.name)
    done = copier("copy", "--defaults", "--data", f"date={TODAY}", backwards, tmp_path / "two")
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def _copy_backwards(source: Path, target: Path) -> None:
    """Copy the last name first, so that a disk which lists by age lists in another order."""
    target.parent.mkdir(exist_ok=True)
    if source.is_file():
        shutil.copy(source, target)
        return
    target.mkdir()
    names = sorted(path.name for path in source.iterdir())
    for name in sorted(set(names) - JUNK(str(source), names), reverse=True):
        _copy_backwards(source / name, target / name)


MATRIX = [
    *(
        (scenario, list(FRAMEWORKS), database)
        for scenario, database in zip(scenarios(), cycle(DATABASES), strict=False)
    ),
    *(
        (scenario, [alone], database)
        for scenario, alone, database in zip(scenarios(), FRAMEWORKS, DATABASES[::-1], strict=False)
    ),
]


@pytest.mark.parametrize(
    ("scenario", "frameworks", "database"),
    [pytest.param(*case, marks=() if case in MATRIX[:2] else pytest.mark.slow) for case in MATRIX],
    ids=[f"{scenario}-{'+'.join(names)}-{database}" for scenario, names, database in MATRIX],
)
def test_a_copy_has_what_was_asked_for_and_nothing_else(
    scenario: str,
    frameworks: list[str],
    database: str,
    tmp_path: Path,
    render: Callable[..., Path],
) -> None:
    from test_random_workflows import stands_up

    copy = render(
        tmp_path / "copy", scenario=scenario, frameworks=frameworks, database=database, date=TODAY
    )
    stands_up(copy, yaml.safe_load((ROOT / "scenarios" / scenario / "workflow.yml").read_text()))
    made = {path.name.removesuffix("_spike") for path in copy.glob("*_spike")}
    assert made == set(frameworks)
    source = (ROOT / "scenarios" / scenario / "workflow.yml").read_text()
    assert (copy / "workflow.yml").read_text().endswith(source)
    assert not [path for path in copy.rglob("*") if path.is_dir() and not any(path.iterdir())]
    answers = yaml.safe_load((copy / ".copier-answers.yml").read_text())
    assert answers["scenario"] == scenario
    assert "flow" not in answers
    said = twinspike("workflow", "explain", copy / "workflow.yml").stdout
    drawn = twinspike("workflow", "draw", copy / "workflow.yml").stdout
    brief = (copy / "BRIEF.md").read_text()
    assert said.split("\n\n", 2)[2].strip() in brief
    assert drawn.strip() in brief


@pytest.mark.slow
def test_an_installed_wheel_needs_no_checkout(tmp_path: Path) -> None:
    def run(*arguments: object) -> str:
        done = subprocess.run(
            [*map(str, arguments)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    source = tmp_path / "source"
    git("clone", "-q", ROOT, source, cwd=tmp_path)
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "-c", source / "constraints.txt", source)
    source.rename(tmp_path / "gone")
    run(python.parent / "twinspike", "new", "copy", "--defaults", "--date", TODAY)
    copier("copy", "--defaults", "--data", f"date={TODAY}", tmp_path / "gone", tmp_path / "other")
    assert tree(tmp_path / "copy") == tree(tmp_path / "other")
