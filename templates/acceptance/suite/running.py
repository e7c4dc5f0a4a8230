"""How to talk to a spike that runs, written down while it does: for the board, and for other runs of the suite."""

import json
import os
from pathlib import Path
from typing import Any

from suite.target import HOME

RUNNING = "SUITE_RUNNING"


def _path(name: str) -> Path:
    return HOME / ".twinspike" / "running" / f"{name}.json"


def tell(name: str, told: dict[str, Any]) -> None:
    """Write down how to talk to what runs by this name, for this user alone."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    (HOME / ".twinspike" / ".gitignore").write_text("*\n", encoding="utf-8")
    path.touch(mode=0o600)
    path.write_text(json.dumps({**told, "process": os.getpid()}), encoding="utf-8")


def forget(*names: str) -> None:
    """They run no more."""
    for name in names:
        _path(name).unlink(missing_ok=True)


def tell_people(spike: str, url: str, users: list[str], password: str, mails: str = "") -> None:
    """Write down where people can sign in, and as whom, and the folder of its mails."""
    told = {"url": url, "users": users, "password": password}
    tell(f"up-{spike}", told | ({"mails": mails} if mails else {}))


def kept_spike(spike: str) -> str:
    """How to talk to the spike that `watch` keeps, as JSON; empty when none is kept."""
    try:
        text = _path(spike).read_text(encoding="utf-8")
        os.kill(int(json.loads(text)["process"]), 0)
    except (OSError, ValueError, KeyError):
        return ""
    return text
