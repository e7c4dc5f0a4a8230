"""Making a copy: every way gives the same tree, and whatever goes wrong leaves nothing half made."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, copier, copy_template, git, tree, twinspike
from mistakes import CASES

from twinspike import generate
from twinspike.answers import FRAMEWORKS, Options, collect
from twinspike.errors import UserError
from twinspike.paths import scenarios
from twinspike.workflow import loading

TODAY = "2026-03-31"


def nothing_left(folder: Path) -> bool:
    """Whether neither a copy nor any of our working folders is there."""
    return list(folder.iterdir()) == []


# --- the same tree ---------------------------------------------------------------------------


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


def test_an_update_keeps_what_a_team_has_written(tmp_path: Path) -> None:
    source = tmp_path / "source"
    copy_template(source)
    git("init", "-q", cwd=source)
    git("add", "-A", "-f", cwd=source)
    git("commit", "-qm", "one", cwd=source)
    git("tag", "v1.0.0", cwd=source)
    copy = tmp_path / "copy"
    workflow = ROOT / "scenarios" / "account_reopen" / "workflow.yml"
    data = tmp_path / "answers.yml"
    data.write_text(yaml.safe_dump({"workflow": yaml.safe_load(workflow.read_text())}))
    assert copier("copy", "--defaults", "--data-file", data, source, copy).returncode == 0
    git("init", "-q", cwd=copy)
    git("add", "-A", cwd=copy)
    (copy / "README.md").write_text((copy / "README.md").read_text() + "\nOur own notes.\n")
    rules = copy / "django_spike" / "spike" / "workflow.py"
    rules.write_text(rules.read_text() + "\n\nOURS = True\n")
    git("add", "-A", cwd=copy)
    git("commit", "-qm", "ours", cwd=copy)
    readme = source / "templates" / "README.md.jinja"
    readme.write_text(readme.read_text().replace("## When to stop", "## When it is time to stop"))
    git("commit", "-qam", "two", cwd=source)
    git("tag", "v2.0.0", cwd=source)
    done = copier("update", "--defaults", cwd=copy)
    assert done.returncode == 0, done.stderr
    updated = (copy / "README.md").read_text()
    assert "## When it is time to stop" in updated
    assert "Our own notes." in updated
    assert rules.read_text().endswith("OURS = True\n")
    assert "_commit: v2.0.0" in (copy / ".copier-answers.yml").read_text()
    assert not list(copy.rglob("*.rej"))


def test_the_template_needs_no_trust() -> None:
    config = yaml.safe_load((ROOT / "copier.yml").read_text())
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & config.keys()
    for name, question in config.items():
        if not name.startswith("_") and question.get("when") is not False:
            assert {"default", "help"} <= question.keys(), name
            assert "validator" in question or "choices" in question, name


def test_a_later_minute_gives_the_same_copy_in_whatever_order_the_disk_lists(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, render: Callable[..., Path]
) -> None:
    render(tmp_path / "one", date=TODAY)
    listed = os.scandir

    class Backwards:
        def __init__(self, path: Any) -> None:
            with listed(path) as entries:
                self.entries = sorted(entries, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> Any:
            return iter(self.entries)

        def __iter__(self) -> Any:
            return iter(self.entries)

        def __exit__(self, *_: object) -> None:
            pass

        def close(self) -> None:
            pass

    monkeypatch.setattr(os, "scandir", Backwards)
    render(tmp_path / "two", date=TODAY)
    monkeypatch.undo()
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


# --- answers ---------------------------------------------------------------------------------

WRONG: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "framework": (["--framework", "djanggo"], ("'djanggo'", "django", "fastapi")),
    "scenario": (["--scenario", "acess_request"], ("'acess_request'", "access_request")),
    "database": (["--database", "mysql"], ("'mysql'", "sqlite", "postgresql")),
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
    "a word as team": ({"team": "anna"}, ("team", "[anna, ben]")),
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
        collect(Options(data_file=file))
    for word in words:
        assert word in str(refused.value)


BARE: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": ({"framworks": ["django"]}, "framworks"),
    "the inner workflow": ({"flow": {}}, "flow"),
    "an unknown framework": ({"frameworks": ["djanggo"]}, "djanggo"),
    "no framework": ({"frameworks": []}, "at least one"),
    "an unknown scenario": ({"scenario": "acess"}, "acess"),
    "a word as team": ({"team": "anna"}, "[anna, ben]"),
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


@pytest.mark.parametrize(("data", "words"), BARE.values(), ids=BARE.keys())
def test_a_bare_copier_copy_refuses_and_writes_nothing(
    data: dict[str, Any], words: str, tmp_path: Path, render: Callable[..., Path]
) -> None:
    if isinstance(data.get("workflow"), str):
        good = loading.read(ROOT / "scenarios" / "access_request" / "workflow.yml").data
        CASES[data["workflow"]].change(good)
        data = {**data, "workflow": good}
    with pytest.raises(ValueError, match=r"question|choice") as refused:
        render(tmp_path / "copy", **data)
    assert words in str(refused.value)
    assert nothing_left(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_copier_itself_refuses_each_mistake(
    name: str, tmp_path: Path, render: Callable[..., Path]
) -> None:
    good = loading.read(ROOT / "scenarios" / "access_request" / "workflow.yml").data
    CASES[name].change(good)
    with pytest.raises(ValueError, match="question 'workflow'"):
        render(tmp_path / "copy", scenario="own", workflow=good)
    assert nothing_left(tmp_path)


def test_without_a_terminal_it_says_what_is_missing(tmp_path: Path) -> None:
    done = twinspike("new", tmp_path / "copy")
    assert done.returncode == 1
    assert "--defaults" in done.stderr
    assert nothing_left(tmp_path)


# --- all or nothing --------------------------------------------------------------------------


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        generate.new(tmp_path / "copy", {}, ask=False)
    assert tree(tmp_path) == {"copy/mine.txt": (b"mine", False)}


def test_an_empty_folder_is_filled_and_missing_parents_are_made(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "template_root", lambda: template)
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "a" / "b" / "copy"):
        generate.new(folder, {}, ask=False)
        assert (folder / "README.md").is_file()
        assert folder.stat().st_mode & 0o777 == 0o777 & ~_umask()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "empty"]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_file_a_dead_link_and_the_current_folder_are_no_destinations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name, words in (("file", "is a file"), ("link", "link to nothing"), ("file/x", "file")):
        with pytest.raises(UserError, match=words):
            generate.new(tmp_path / name, {}, ask=False)
    with pytest.raises(UserError, match="folder you are in"):
        generate.new(Path(), {}, ask=False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "share of the disk"),
        (OSError(errno.EROFS, "Read-only file system"), "read-only"),
        (PermissionError(errno.EACCES, "Permission denied"), "may not write"),
        (KeyboardInterrupt(), "Stopped"),
        (RuntimeError("a mistake of ours"), "a mistake of ours"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_whatever_stops_it_halfway_nothing_is_left(
    error: BaseException,
    words: str,
    template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generate, "template_root", lambda: template)
    written = []
    write = Path.write_bytes

    def fail_at_the_tenth(self: Path, data: bytes) -> int:
        if ".twinspike-" in str(self):
            written.append(self)
            if len(written) == 10:
                raise error
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", fail_at_the_tenth)
    with pytest.raises((UserError, RuntimeError), match=words):
        generate.new(tmp_path / "deep" / "copy", {}, ask=False)
    assert len(written) == 10
    assert nothing_left(tmp_path)


def test_a_mistake_in_the_template_is_said_in_two_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    copy_template(broken)
    (broken / "templates" / "README.md.jinja").write_text("{{ misspelt }}")
    monkeypatch.setattr(generate, "template_root", lambda: broken)
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="misspelt") as refused:
        generate.new(tmp_path / "out" / "copy", {}, ask=False)
    assert len(str(refused.value).splitlines()) <= 2
    assert nothing_left(tmp_path / "out")


def test_a_disk_that_takes_no_more_leaves_nothing(template: Path, tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from twinspike import cli, generate\n"
        f"generate.template_root = lambda: Path({str(template)!r})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "sys.argv = ['twinspike', 'new', sys.argv[1], '--defaults']; cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "copy"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "raise the limit" in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert "Traceback" not in done.stderr
    assert nothing_left(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_leaves_no_half_copy(
    number: signal.Signals, template: Path, tmp_path: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from twinspike import cli, generate\n"
        f"generate.template_root = lambda: Path({str(template)!r})\n"
        "sys.argv = ['twinspike', 'new', sys.argv[1], '--defaults']; cli.main()\n"
    )
    copy = tmp_path / "copy"
    process = subprocess.Popen(
        [sys.executable, "-c", program, copy], stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 30
    while not list(tmp_path.glob(".twinspike-*/copy/*")):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(number)
    said = process.communicate(timeout=30)[1]
    assert not copy.exists()
    assert "Traceback" not in said
    if number is not signal.SIGKILL:
        assert process.returncode == 130
        assert "Stopped" in said
        assert nothing_left(tmp_path)
    else:
        assert generate.leftovers(tmp_path) == list(tmp_path.glob(".twinspike-*"))
        assert len(generate.leftovers(tmp_path)) == 1
        done = twinspike("new", copy, "--defaults")
        assert done.returncode == 0
        assert "was killed; delete it" in done.stderr


def test_two_runs_at_once_make_one_whole_copy(template: Path, tmp_path: Path) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "twinspike", "new", tmp_path / "copy", "--defaults"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    said = [run.communicate(timeout=60)[1] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 1], said
    assert (tmp_path / "copy" / "README.md").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


# --- what is made ----------------------------------------------------------------------------

MATRIX = [
    (scenario, frameworks, database)
    for number, scenario in enumerate(scenarios())
    for frameworks, database in (
        (list(FRAMEWORKS), ("sqlite", "postgresql")[number % 2]),
        ([FRAMEWORKS[number % 2]], ("postgresql", "sqlite")[number % 2]),
    )
]


@pytest.mark.parametrize(
    ("scenario", "frameworks", "database"),
    MATRIX,
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
