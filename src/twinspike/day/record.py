"""The record of the day: `evidence.jsonl`, one event a line, only ever added to.

Two terminals write at the same time, and any of them can be killed: a line is written under a lock and by
one call, so at most the line that was being written is lost; the next writer begins on a new line.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from twinspike.errors import UserError

FILE = "evidence.jsonl"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record: what happened, when, and everything else that the line says."""

    kind: str
    at: datetime
    data: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """The change's number and the framework; empty where the event has none."""
        return str(self.data.get("change", "")), str(self.data.get("framework", ""))


def now() -> datetime:
    """This moment, with the zone of this machine."""
    return datetime.now().astimezone()


def add(copy: Path, kind: str, at: datetime | None = None, **data: Any) -> Event:
    """Write an event at the end of the record, safely on disk when this returns.

    Raises `UserError` when the file cannot be written.
    """
    event = Event(kind, at or now(), data)
    moment = event.at.isoformat(timespec="milliseconds")
    line = json.dumps({"event": kind, "at": moment, **data}, ensure_ascii=False)
    try:
        with _locked(copy / FILE) as file:
            end = os.lseek(file, 0, os.SEEK_END)
            broken = end > 0 and os.pread(file, 1, end - 1) != b"\n"
            _write(file, ("\n" * broken + line + "\n").encode())
            os.fsync(file)
    except OSError as error:
        raise UserError(f"{FILE} cannot be written: {error.strerror}.") from None
    return event


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            os.lseek(file, 0, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def read(copy: Path) -> tuple[list[Event], list[str]]:
    """The events in the order in which they were written, and a sentence for each line left out."""
    try:
        lines = (copy / FILE).read_bytes().split(b"\n")
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise UserError(f"{FILE} cannot be read: {error.strerror}.") from None
    events, troubles = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            events.append(_event(line.decode("utf-8-sig")))
        except (ValueError, RecursionError):
            troubles.append(f"{FILE}, line {number} is not an event and is left out.")
    return events, troubles


def _event(line: str) -> Event:
    """The event in the line; raises `ValueError` for anything else."""
    data = json.loads(line)
    if not isinstance(data, dict) or not isinstance(data.get("event"), str):
        raise ValueError("not an event")
    at = datetime.fromisoformat(str(data.pop("at")) if "at" in data else "")
    if at.tzinfo is None:
        raise ValueError("a moment without its zone")
    return Event(data.pop("event"), at, data)
