"""Wherever and however the command is called, it makes the same copy and harms nothing of the user's."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import git, tree, twinspike

from twinspike.environment import clean_environment

# What a developer's shell, a proxy, another project or a git hook may have left in the environment.
HOSTILE = {
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "ascii",
    "LC_ALL": "C",
    "DJANGO_SETTINGS_MODULE": "another.settings",
    "VIRTUAL_ENV": "/nowhere",
    "CONDA_PREFIX": "/nowhere",
    "UV_PROJECT_ENVIRONMENT": "/nowhere",
    "UV_PYTHON": "2.7",
    "UV_FROZEN": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "GIT_DIR": "/nowhere/.git",
    "GIT_WORK_TREE": "/nowhere",
    "GIT_INDEX_FILE": "/nowhere/index",
    "GIT_EXEC_PATH": "/nowhere",
}
ODD = '100% Tom\'s "copy" Größe 部長 עברית $HOME;{{ x }}'


@pytest.mark.slow
def test_a_hostile_environment_and_an_odd_folder_give_the_same_copy(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    there = tmp_path / ODD
    there.mkdir()
    options = ("--defaults", "--date", "2026-03-31")
    done = twinspike("new", there / ODD, *options, cwd=there, env={**os.environ, **HOSTILE})
    assert done.returncode == 0, done.stderr
    assert tree(there / ODD) == tree(render(tmp_path / "plain", date="2026-03-31"))
    assert [path.name for path in there.iterdir()] == [ODD]


def test_a_git_hook_in_a_linked_worktree_makes_a_copy_and_leaves_the_commit_alone(
    tmp_path: Path,
) -> None:
    mine, linked = tmp_path / "mine", tmp_path / "linked"
    mine.mkdir()
    git("init", "-q", cwd=mine)
    (mine / "mine.txt").write_text("1\n")
    git("add", "-A", cwd=mine)
    git("commit", "-qm", "one", cwd=mine)
    hook = mine / ".git" / "hooks" / "pre-commit"
    command = f'"{sys.executable}" -m twinspike new "{tmp_path}/copy" --defaults'
    hook.write_text(f"#!/bin/sh\n{command}\n")
    hook.chmod(0o755)
    git("worktree", "add", "-q", linked, "-b", "side", cwd=mine)
    (linked / "mine.txt").write_text("2\n")
    git("add", "-A", cwd=linked)
    git("commit", "-qm", "two", cwd=linked)
    assert (tmp_path / "copy" / "README.md").is_file()
    assert git("status", "--short", cwd=linked) == ""
    assert git("log", "--format=%s", cwd=linked).split() == ["two", "one"]
    assert git("ls-files", cwd=linked).split() == ["mine.txt"]


def test_what_the_command_starts_gets_the_way_to_the_index_and_nothing_that_redirects_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {"UV_INDEX_URL": "a", "UV_OFFLINE": "1", "SSL_CERT_FILE": "b", "HTTPS_PROXY": "c"}
    for name, value in (HOSTILE | kept).items():
        monkeypatch.setenv(name, value)
    found = clean_environment()
    assert found.items() >= kept.items()
    dropped = ("GIT_", "PYTHON", "UV_P", "UV_FROZEN", "DJANGO_", "VIRTUAL_ENV", "CONDA_")
    assert [name for name in found if name.startswith(dropped)] == []


def test_without_a_network_one_line_names_the_cause(
    tmp_path: Path, render: Callable[..., Path]
) -> None:
    copy = render(tmp_path / "copy")
    nowhere = {
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/",
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_HTTP_RETRIES": "0",
    }
    done = twinspike("check", copy, env={**os.environ, **nowhere})
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "the package index does not answer" in done.stderr
