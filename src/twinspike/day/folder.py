"""The day's own folder in a copy, `.twinspike/`; nothing in it goes into the team's git."""

from pathlib import Path

NAME = ".twinspike"


def day_folder(copy: Path) -> Path:
    """The folder, made when it is not there."""
    folder = copy / NAME
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder
