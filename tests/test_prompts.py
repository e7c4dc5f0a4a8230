"""What `twinspike new` asks can be read on a narrow terminal, and a workflow of one's own is a file."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from twinspike.templating import environment

ASKED = {
    name: question
    for name, question in yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8")).items()
    if not name.startswith("_") and question.get("when") is not False
}
DOWN, ENTER = "\x1b[B", "\r"
PLACE_OF_CURSOR = b"\x1b[6n"


@pytest.mark.parametrize("name", ASKED)
def test_a_question_fits_on_80_columns(name: str) -> None:
    said = environment().from_string(ASKED[name]["help"]).render()
    offered = ASKED[name].get("choices", [])
    for line in [f"🎤 {said}".splitlines(), [f" » {title}" for title in offered]]:
        assert [text for text in line if len(text) > 78] == []


def answer(command: list[str], answers: list[tuple[str, str]], seconds: float = 60) -> str:
    """Run a command on a terminal and type each answer once its question is there; gives what was said."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(command[0], command, {**os.environ, "TERM": "xterm"})  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    said, seen, until = b"", 0, time.monotonic() + seconds
    waiting = list(answers)
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.2)[0]:
            if waiting and waiting[0][0].encode() in said[seen:]:
                seen = len(said)
                os.write(terminal, waiting.pop(0)[1].encode())
            continue
        try:
            more = os.read(terminal, 4096)
        except OSError:  # the command has ended
            break
        if PLACE_OF_CURSOR in more:
            os.write(terminal, b"\x1b[1;1R")
        said += more
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    assert waiting == [], said.decode(errors="replace")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode(errors="replace"))


def test_a_workflow_of_ones_own_is_asked_for_as_a_file_and_checked_at_once(tmp_path: Path) -> None:
    good = (ROOT / "scenarios" / "budget_request" / "workflow.yml").read_text(encoding="utf-8")
    (tmp_path / "good.yml").write_text(good, encoding="utf-8")
    (tmp_path / "bad.yml").write_text(good.replace("type: money", "type: mony", 1))
    given = ["--project-name", "Day", "--framework", "django", "--database", "sqlite"]
    given += ["--queue", "embedded", "--ci", "none", "--no-containers"]
    given += ["--team", "anna", "--weights", "data_model=2", "--date", "2026-03-31"]
    command = [sys.executable, "-m", "twinspike", "new", str(tmp_path / "copy"), *given]
    clear = "\x15"
    said = answer(
        command,
        [
            ("Which workflow is built?", DOWN * (len(ASKED["scenario"]["choices"]) - 1) + ENTER),
            ("In which file is it?", f"{tmp_path}/none.yml{ENTER}"),
            ("there is no such file", f"{clear}{tmp_path}/bad.yml{ENTER}"),
            ("did you mean 'money'?", f"{clear}{tmp_path}/good.yml{ENTER}"),
        ],
    )
    assert "Now:" in said, said
    assert (tmp_path / "copy" / "workflow.yml").read_text(encoding="utf-8").count("money") > 0
