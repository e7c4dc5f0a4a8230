"""A spike's database after its migrations and with its first people, kept from one run to the next.

Kept for the sources that made it: whoever changes a file of the spike gets a new one. SQLite only.
"""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from suite.spike import HOME, folder

FOLDER = HOME / ".twinspike" / "prepared"
MOST_SECONDS = 6 * 3600  # the sessions in it end
LEFT_OUT = {".venv", "__pycache__", "node_modules", "staticfiles", "tests"}
FOR_EYES = {".css", ".eml", ".html", ".js", ".md", ".svg"}  # no migration and no command reads them


def _path(spike: str) -> Path:
    digest = sha256()
    for path in sorted(_sources(folder(spike))):
        name = path.relative_to(folder(spike))
        digest.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return FOLDER / f"{spike}-{digest.hexdigest()[:16]}.sqlite3"


def _sources(root: Path) -> Iterator[Path]:
    """The files of a spike from which its database follows; what is installed is never walked through."""
    for here, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for path in (Path(here) / name for name in names):
            known = ".sqlite3" not in path.name and path.suffix not in FOR_EYES
            if known and path.name != ".env" and path.is_file():
                yield path


def put(spike: str, address: str) -> dict[str, Any] | None:
    """Put the kept database at the address; gives what was kept with it, or None where there is none."""
    path = _path(spike)
    try:
        kept = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if time.time() - kept["at"] > MOST_SECONDS:
            return None
        _copy(path, Path(address.removeprefix("sqlite:///")))
    except (OSError, ValueError, KeyError, sqlite3.Error):
        return None
    return kept


def keep(spike: str, address: str, secrets: dict[str, str], people: list[dict[str, Any]]) -> None:
    """Keep the database at the address for the next run, readable for this user alone, and no older one.

    With it are kept the secrets that it was made with, and the sessions of those who had signed in.
    """
    path = _path(spike)
    with suppress(OSError, sqlite3.Error):
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        for old in FOLDER.glob(f"{spike}-*"):
            old.unlink(missing_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        _copy(Path(address.removeprefix("sqlite:///")), beside)
        beside.chmod(0o600)
        beside.replace(path)
        handle = os.open(path.with_suffix(".json"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"at": time.time(), "secrets": secrets, "people": people}, file)


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise FileNotFoundError(source)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
