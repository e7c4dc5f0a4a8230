"""Where a spike can be signed in to while it runs, written down for the board."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from suite.target import HOME
from suite.workflow import ADMIN, workflow


def _path(spike: str) -> Path:
    return HOME / ".twinspike" / "running" / f"up-{spike}.json"


def tell_address(spike: str, url: str, password: str) -> None:
    """Write down the spike's address, its demo people and their password."""
    path = _path(spike)
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parents[1] / ".gitignore").write_text("*\n", encoding="utf-8")
    users = [ADMIN, *workflow().person_roles]
    told = {"url": url, "users": users, "password": password, "process": os.getpid()}
    path.touch(mode=0o600)
    path.write_text(json.dumps(told), encoding="utf-8")


def forget_address(spikes: Iterable[str]) -> None:
    """The spikes run no more."""
    for spike in spikes:
        _path(spike).unlink(missing_ok=True)
