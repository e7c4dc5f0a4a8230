"""Where both spikes can be signed in to now: what `up` and `watch` have written down while they run."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinspike.day.folder import day_folder


@dataclass(frozen=True)
class Address:
    """A spike that runs, and who can sign in to it."""

    url: str
    users: tuple[str, ...]
    password: str
    mails: str = ""  # the folder of its mails, where they are files


def addresses(copy: Path, spikes: list[str]) -> dict[str, Address]:
    """The spikes that run at this moment; the one for people (`up`) before the one that is watched."""
    found = {}
    for spike in spikes:
        for name in (f"up-{spike}", spike):
            told = _read(day_folder(copy) / "running" / f"{name}.json")
            if told and spike not in found:
                users = tuple(map(str, told.get("users") or ()))
                mails = str(told.get("mails", ""))
                found[spike] = Address(str(told["url"]), users, str(told["password"]), mails)
    return found


def _read(path: Path) -> dict[str, Any]:
    """What the file says, if whoever wrote it still runs."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        os.kill(int(told["process"]), 0)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return told
