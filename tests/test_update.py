"""A copy is taken to a newer template and keeps what its team has written, or says why it cannot be."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, copier, copy_template, git, tree, twinspike


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The template in a repository of its own."""
    folder = tmp_path / "source"
    copy_template(folder)
    commit_all(folder, "one")
    return folder


def commit_all(folder: Path, message: str) -> None:
    """Commit everything in the folder, in a repository that is made where there is none."""
    git("init", "-q", cwd=folder)
    git("add", "-A", "-f", cwd=folder)
    git("commit", "-qm", message, cwd=folder)


def newer(source: Path) -> None:
    """Commit a change to the README, to a scorecard and to the first migrations of the template."""
    readme = source / "templates" / "README.md.jinja"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(text.replace("## When to stop", "## When it is time to stop"))
    migration = source / "templates/django_spike/spike/migrations/0001_initial.py.jinja"
    migration.write_text(migration.read_text(encoding="utf-8") + "# newer\n", encoding="utf-8")
    card = source / "scorecard" / "scorecard.md.jinja"
    card.write_text(card.read_text(encoding="utf-8").replace("## How it felt", "## How was it"))
    git("commit", "-qam", "two", cwd=source)


def by_copier(source: Path, copy: Path, *options: object) -> None:
    """Make a copy as the README says: a bare command, with a path that is relative."""
    done = copier("copy", "--defaults", *options, ".", copy, cwd=source)
    assert done.returncode == 0, done.stderr


def by_twinspike(source: Path, copy: Path, *options: object) -> None:
    """Make a copy with the command, as it is installed from that repository."""
    program = (
        "import sys; from pathlib import Path; from twinspike import cli\n"
        "from twinspike.render import by_copier\n"
        f"by_copier.template_root = lambda: Path({str(source)!r})\n"
        "cli.main()\n"
    )
    arguments = ["new", copy, "--defaults", *options]
    subprocess.run([sys.executable, "-c", program, *map(str, arguments)], check=True)


@pytest.mark.parametrize(
    ("make", "tagged"),
    [
        pytest.param(by_copier, True, id="copier", marks=pytest.mark.slow),
        pytest.param(by_twinspike, False, id="twinspike", marks=pytest.mark.slow),
    ],
)
def test_an_update_keeps_what_a_team_has_written(
    make: Callable[..., None], tagged: bool, source: Path, tmp_path: Path
) -> None:
    if tagged:
        git("tag", "v1.0.0", cwd=source)
    copy = tmp_path / "copies" / "copy"
    workflow = ROOT / "scenarios" / "account_reopen" / "workflow.yml"
    data = tmp_path / "answers.yml"
    data.write_text(yaml.safe_dump({"workflow": yaml.safe_load(workflow.read_text())}))
    make(source, copy, "--data-file", data)
    written = {
        "README.md": "\nOur own notes.\n",
        "django_spike/spike/workflow.py": "\n\nOURS = True\n",
        "scorecards/team.md": "\nWhat we think.\n",
    }
    for name, text in written.items():
        with (copy / name).open("a", encoding="utf-8") as file:
            file.write(text)
    kept = [copy / "django_spike/spike/migrations/0001_initial.py", copy / "scorecards/team.md"]
    before = [path.read_text(encoding="utf-8") for path in kept]
    commit_all(copy, "ours")
    newer(source)
    if tagged:
        git("tag", "v2.0.0", cwd=source)
    done = copier("update", "--defaults", cwd=copy)
    assert done.returncode == 0, done.stderr
    assert "## When it is time to stop" in (copy / "README.md").read_text(encoding="utf-8")
    for name, text in written.items():
        assert (copy / name).read_text(encoding="utf-8").endswith(text)
    assert [path.read_text(encoding="utf-8") for path in kept] == before
    assert not list(copy.rglob("*.rej"))


def test_a_copy_of_a_plain_folder_says_why_it_cannot_be_updated(
    template: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    by_copier(template, copy)
    commit_all(copy, "ours")
    done = copier("update", "--defaults", cwd=copy)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "old template references from `.copier-answers.yml`" in done.stderr
    answers = (copy / ".copier-answers.yml").read_text(encoding="utf-8")
    assert "where there is none, the template was not in git" in answers.replace("\n# ", " ")


@pytest.mark.slow
def test_the_command_says_at_once_when_there_will_be_no_update(
    source: Path, template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    by_twinspike(source, tmp_path / "one")
    assert "copier update" not in capfd.readouterr().out
    by_twinspike(template, tmp_path / "two")
    assert "later: the template is not in git here." in capfd.readouterr().out
    (source / "copier.yml").open("a").write("\n")
    by_twinspike(source, tmp_path / "three")
    assert "later: the template has changes that are not committed." in capfd.readouterr().out


@pytest.mark.slow
def test_answers_that_yaml_likes_to_bend_survive_an_update(source: Path, tmp_path: Path) -> None:
    hard: dict[str, Any] = {
        "project_name": "yes",
        "team": ["no", "2026-01-01", "Zoë", "1e3", "0x10", "null"],
        "date": "2026-03-31",
        "weights": dict.fromkeys(
            ["sign_in_and_permissions", "data_model", "staff_screens", "approval_workflow"], 2
        )
        | dict.fromkeys(["follow_ups_and_api", "audit_and_export", "next_months"], 0),
    }
    data = tmp_path / "answers.yml"
    data.write_text(yaml.safe_dump(hard, allow_unicode=True), encoding="utf-8")
    copy = tmp_path / "copy"
    by_copier(source, copy, "--data-file", data)
    commit_all(copy, "ours")
    newer(source)
    assert copier("update", "--defaults", cwd=copy).returncode == 0
    answers = yaml.safe_load((copy / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert {question: answers[question] for question in hard} == hard


@pytest.mark.slow
@pytest.mark.parametrize("version", ["==9.15.*", "<10"], ids=["smallest", "newest"])
def test_the_smallest_copier_and_the_newest_make_the_same_copy(
    version: str, template: Path, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    packages = [f"copier{version}", "jinja2-ansible-filters"]
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    for made_by, folder in ((python, "theirs"), (sys.executable, "ours")):
        command = [made_by, "-m", "copier", "copy", "--defaults", "-q", "-d", "date=2026-03-31"]
        subprocess.run([*command, template, tmp_path / folder], check=True)
    assert tree(tmp_path / "theirs") == tree(tmp_path / "ours")


def test_a_copier_that_is_too_old_is_named_in_both_places() -> None:
    smallest = yaml.safe_load((ROOT / "copier.yml").read_text())["_min_copier_version"]
    assert f'"copier>={smallest.removesuffix(".0")},' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("team", "words"),
    [
        ("Strauß,STRAUSS", "'STRAUSS' is there twice"),
        ("Ｚoe,Zoe", "'Zoe' is there twice"),
        ("Zoë,Zoe\u0308", "'Zoë' is there twice"),
    ],
)
def test_names_that_would_be_one_file_somewhere_are_refused(
    team: str, words: str, tmp_path: Path
) -> None:
    done = twinspike("new", tmp_path / "copy", "--defaults", "--team", team)
    assert done.returncode == 1
    assert words in done.stderr


def test_a_bare_copy_refuses_a_letter_whose_mark_is_a_character_of_its_own(
    template: Path, tmp_path: Path
) -> None:
    data = tmp_path / "answers.yml"
    data.write_text(yaml.safe_dump({"team": ["Zoë", "Zoe\u0308"]}), encoding="utf-8")
    done = copier("copy", "--defaults", "--data-file", data, template, tmp_path / "copy")
    assert done.returncode == 1
    assert "type it as one" in done.stderr
    assert not (tmp_path / "copy").exists()
