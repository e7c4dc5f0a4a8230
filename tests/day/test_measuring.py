"""Lines and files of a change, counted apart from the team's own git and in any surroundings."""

import difflib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import git, tree

from twinspike.day import measuring, sizes


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy with a few files of one spike."""
    home = tmp_path / "copy"
    for name, text in {
        "spike/models.py": "one\ntwo\nthree\n",
        "spike/api.py": "get\n",
        "spike/pages/list.html": "<p>\n",
        "spike/migrations/0001_initial.py": "table\n",
        "tests/test_api.py": "test\n",
        "README.md": "words\n",
    }.items():
        write(home, name, text)
    return home


def write(copy: Path, name: str, text: str) -> None:
    path = copy / "django_spike" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


@pytest.fixture
def measured(copy: Path) -> Callable[[], measuring.Measured]:
    """What has changed since the test began."""
    before = measuring.picture(copy, "django")
    return lambda: measuring.between(copy, "django", before, measuring.picture(copy, "django"))


def test_nothing_changed_is_nothing(measured: Callable[[], measuring.Measured]) -> None:
    assert measured() == measuring.Measured()


def test_lines_count_by_area_tests_and_migrations_apart(
    copy: Path, measured: Callable[[], measuring.Measured]
) -> None:
    write(copy, "spike/models.py", "one\n2\nthree\nfour\n")
    write(copy, "spike/pages/record.html", "<p>\n<b>\n")
    (copy / "django_spike/spike/api.py").unlink()
    write(copy, "spike/migrations/0002_more.py", "add\nadd\n")
    write(copy, "tests/test_api.py", "test\ntest\n")
    assert measured() == measuring.Measured(
        lines={"data_model": 3, "staff_screens": 2, "follow_ups_and_api": 1},
        files=3,
        tests={"lines": 1, "files": 1},
        migrations={"lines": 2, "files": 1},
    )


@pytest.mark.parametrize(
    "name",
    [
        "uv.lock",
        ".venv/lib/module.py",
        "spike/__pycache__/api.cpython-311.pyc",
        "db.sqlite3",
        "staticfiles/app.css",
        ".env",
        "results/django.json",
    ],
)
def test_what_nobody_writes_does_not_count(
    copy: Path, measured: Callable[[], measuring.Measured], name: str
) -> None:
    write(copy, name, "line\n" * 50)
    assert measured() == measuring.Measured()


def test_a_large_file_that_nobody_tracks_does_not_count(
    copy: Path, measured: Callable[[], measuring.Measured]
) -> None:
    with (copy / "django_spike/dump.sql").open("wb") as file:
        file.truncate(5_000_000_000)
    assert measured() == measuring.Measured()


def test_a_file_saved_with_other_line_ends_has_not_changed(
    copy: Path, measured: Callable[[], measuring.Measured]
) -> None:
    write(copy, "spike/models.py", "one\r\ntwo\r\nthree\r\n")
    assert measured().total == 0
    write(copy, "spike/models.py", "one\r\ntwo\r\n3\r\n")
    assert measured().total == 2


def test_a_file_of_bytes_counts_as_a_file(
    copy: Path, measured: Callable[[], measuring.Measured]
) -> None:
    (copy / "django_spike/spike/icon.dat").write_bytes(bytes(range(256)))
    assert (measured().files, measured().total) == (1, 0)


@pytest.mark.parametrize("name", ["spike/späße und mehr.py", "spike/-x.py", "spike/a\tb.py"])
def test_names_of_any_kind(
    copy: Path, measured: Callable[[], measuring.Measured], name: str
) -> None:
    write(copy, name, "line\n")
    assert (measured().files, measured().total) == (1, 1)


def test_the_figures_are_those_of_an_independent_count(copy: Path) -> None:
    before = [f"line {number}" for number in range(200)]
    write(copy, "spike/queries.py", "\n".join(before) + "\n")
    start = measuring.picture(copy, "django")
    after = [line for number, line in enumerate(before) if number % 11]
    for number in range(12):
        after.insert(number * 13, f"new {number}")
    write(copy, "spike/queries.py", "\n".join(after) + "\n")
    expected = sum(line[:1] in "+-" for line in difflib.ndiff(before, after))
    found = measuring.between(copy, "django", start, measuring.picture(copy, "django"))
    assert found.lines == {"data_model": expected}


def test_the_teams_git_is_left_alone(
    copy: Path, measured: Callable[[], measuring.Measured]
) -> None:
    git("init", "-q", cwd=copy)
    git("add", ".", cwd=copy)
    git("commit", "-qm", "morning", cwd=copy)
    write(copy, "spike/models.py", "one\n")
    git("add", "django_spike/spike/models.py", cwd=copy)
    write(copy, "spike/api.py", "get\npost\n")
    before = (git("status", "--porcelain", cwd=copy), tree(copy / ".git"))
    assert measured().total == 3
    assert (git("status", "--porcelain", cwd=copy), tree(copy / ".git")) == before
    assert ".twinspike" not in before[0]


def test_it_works_in_a_linked_worktree_and_from_a_hook(copy: Path, tmp_path: Path) -> None:
    git("init", "-q", cwd=copy)
    git("add", ".", cwd=copy)
    git("commit", "-qm", "morning", cwd=copy)
    linked = tmp_path / "linked"
    git("worktree", "add", "-q", linked, cwd=copy)
    code = (
        "import sys; from pathlib import Path; from twinspike.day import measuring;"
        "print(measuring.picture(Path(sys.argv[1]), 'django'))"
    )
    hostile = {
        **os.environ,
        "GIT_DIR": str(copy / ".git"),
        "GIT_INDEX_FILE": str(copy / ".git" / "index"),
        "GIT_WORK_TREE": str(copy),
    }
    index = (copy / ".git" / "index").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", code, str(linked)], env=hostile, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == measuring.picture(copy, "django")
    assert (copy / ".git" / "index").read_bytes() == index


def test_a_spike_that_is_a_repository_of_its_own_is_measured(
    copy: Path, measured: Callable[[], measuring.Measured]
) -> None:
    git("init", "-q", cwd=copy / "django_spike")
    write(copy, "spike/api.py", "get\npost\n")
    assert measured().total == 1


def test_settings_of_the_team_do_not_count(
    copy: Path, measured: Callable[[], measuring.Measured]
) -> None:
    write(copy, ".gitattributes", "*.py binary\n*.html filter=lfs\n")
    write(copy, ".gitignore", "*.py\n")
    write(copy, "spike/api.py", "get\npost\n")
    assert measured().total == 1


def test_lines_of_code_are_those_without_words() -> None:
    text = '"""Module."""\n\nimport os  # here\n\n\ndef f():\n    """Doc\n    string."""\n    # why\n    return (\n        1\n    )\n'
    assert sizes.lines_of_python(text) == 5


def test_lines_by_area_leave_tests_and_migrations_out(copy: Path) -> None:
    assert sizes.lines_by_area(copy, "django") == {
        "data_model": 3,
        "follow_ups_and_api": 1,
        "staff_screens": 1,
    }
