"""The day's own folder in a copy, `.twinspike/`; nothing in it goes into the team's git."""

import os
from pathlib import Path
from tempfile import mkstemp

NAME = ".twinspike"


def day_folder(copy: Path) -> Path:
    """The folder, made when it is not there."""
    folder = copy / NAME
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def write_whole(path: Path, text: str) -> Path:
    """Write the file whole or not at all, whatever stops this process; gives its path."""
    handle, beside = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(beside).replace(path)
    return path
