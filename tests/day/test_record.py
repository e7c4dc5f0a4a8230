"""The record of the day: one event a line, whatever is killed and however many write at once."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from twinspike.day import record
from twinspike.errors import UserError

WRITER = """
import sys
from pathlib import Path
from twinspike.day import record
copy, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(count):
    record.add(copy, "light", framework=name, number=number, text="x" * 3000)
"""


def writer(copy: Path, name: str, count: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(copy), name, str(count)])


def test_what_was_written_is_read_in_its_order(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
    record.add(tmp_path, "start", moment, change="02", framework="django")
    record.add(tmp_path, "done", change="02", framework="django", minutes=31.5)
    events, troubles = record.read(tmp_path)
    assert [(event.kind, event.key) for event in events] == [
        ("start", ("02", "django")),
        ("done", ("02", "django")),
    ]
    assert events[0].at == moment
    assert events[1].data["minutes"] == 31.5
    assert troubles == []


def test_two_terminals_write_at_the_same_time_without_loss(tmp_path: Path) -> None:
    writers = [writer(tmp_path, name, 60) for name in ("django", "fastapi")]
    assert [each.wait(60) for each in writers] == [0, 0]
    events, troubles = record.read(tmp_path)
    assert troubles == []
    for name in ("django", "fastapi"):
        numbers = [event.data["number"] for event in events if event.data["framework"] == name]
        assert numbers == list(range(60))


def test_a_kill_loses_at_most_the_line_being_written(tmp_path: Path) -> None:
    running = writer(tmp_path, "django", 100_000)
    while not (tmp_path / record.FILE).exists():
        time.sleep(0.01)
    time.sleep(0.3)
    running.send_signal(signal.SIGKILL)
    running.wait()
    events, troubles = record.read(tmp_path)
    assert [event.data["number"] for event in events] == list(range(len(events)))
    assert len(troubles) <= 1
    record.add(tmp_path, "pause", framework="django")
    assert record.read(tmp_path)[0][-1].kind == "pause"


def test_a_broken_last_line_is_left_out_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    record.add(tmp_path, "start", change="01", framework="django")
    with (tmp_path / record.FILE).open("a") as file:
        file.write('{"event": "li')
    record.add(tmp_path, "pause", change="01", framework="django")
    events, troubles = record.read(tmp_path)
    assert [event.kind for event in events] == ["start", "pause"]
    assert troubles == ["evidence.jsonl, line 2 is not an event and is left out."]


@pytest.mark.parametrize(
    "line",
    [
        "5",
        "[]",
        "{}",
        '{"event": 5}',
        '{"event": "start"}',
        '{"event": "start", "at": "yesterday"}',
        '{"event": "start", "at": "2026-03-31T09:00:00"}',
        "\x00\x00",
    ],
)
def test_a_line_that_is_no_event_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / record.FILE).write_text(f"{line}\n")
    events, troubles = record.read(tmp_path)
    assert events == []
    assert len(troubles) == 1


def test_a_line_is_json_that_people_can_read(tmp_path: Path) -> None:
    record.add(tmp_path, "skip", change="03", framework="django", why="Keine Zeit für Köln.")
    line = (tmp_path / record.FILE).read_text(encoding="utf-8")
    assert "für Köln" in line
    assert json.loads(line)["event"] == "skip"


def test_a_record_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / record.FILE).mkdir()
    with pytest.raises(UserError, match=r"evidence\.jsonl cannot be written"):
        record.add(tmp_path, "start")
