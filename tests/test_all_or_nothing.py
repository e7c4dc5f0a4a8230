"""Whatever goes wrong while a copy is made, nothing is left half made and nothing is lost."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import copy_template, nothing_left, tree, twinspike

from twinspike.answers.collecting import Given
from twinspike.errors import UserError
from twinspike.render import by_copier, making


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        making.new(tmp_path / "copy", Given(), ask=False)
    assert tree(tmp_path) == {"copy/mine.txt": (b"mine", False)}


def test_an_empty_folder_is_filled_and_missing_parents_are_made(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_copier, "template_root", lambda: template)
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "a" / "b" / "copy"):
        making.new(folder, Given(), ask=False)
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
            making.new(tmp_path / name, Given(), ask=False)
    with pytest.raises(UserError, match="folder you are in"):
        making.new(Path(), Given(), ask=False)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "share of the disk"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not write"),
    ],
)
def test_what_the_disk_refuses_is_said_in_words(number: int, words: str) -> None:
    said = str(making.in_words(OSError(number, os.strerror(number)), Path("copy")))
    assert said.startswith("copy: ")
    assert words in said
    assert said.endswith("Nothing was made.")


def test_a_mistake_in_the_template_is_said_in_two_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    copy_template(broken)
    for late in ("README.md.jinja", "fastapi_spike/zz.md.jinja"):
        (broken / "templates" / late).write_text("{{ misspelt }}")
    monkeypatch.setattr(by_copier, "template_root", lambda: broken)
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="misspelt") as refused:
        making.new(tmp_path / "out" / "deep" / "copy", Given(), ask=False)
    assert len(str(refused.value).splitlines()) <= 2
    assert nothing_left(tmp_path / "out")


def test_a_disk_that_takes_no_more_leaves_nothing(template: Path, tmp_path: Path) -> None:
    program = (
        "import resource, sys; from pathlib import Path; from twinspike import cli; from twinspike.render import by_copier\n"
        f"by_copier.template_root = lambda: Path({str(template)!r})\n"
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
        "import sys; from pathlib import Path; from twinspike import cli; from twinspike.render import by_copier\n"
        f"by_copier.template_root = lambda: Path({str(template)!r})\n"
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
        assert making.leftovers(tmp_path) == list(tmp_path.glob(".twinspike-*"))
        assert len(making.leftovers(tmp_path)) == 1
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
