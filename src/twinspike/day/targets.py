"""What each spike is judged by: `.twinspike/targets/SPIKE.yml`, so that one side may be ahead of the other."""

from pathlib import Path
from typing import Any

import yaml

from twinspike.day.changes import workflow_at
from twinspike.day.folder import day_folder, write_whole
from twinspike.day.today import Today
from twinspike.errors import UserError
from twinspike.files import yaml_file
from twinspike.files.report import report
from twinspike.workflow.check import check

FOLDER = "targets"


def path_of(copy: Path, spike: str) -> Path:
    """Where the target of the spike is; it is there while a change is under way or built."""
    return day_folder(copy) / FOLDER / f"{spike}.yml"


def workflow_of(today: Today, number: str) -> dict[str, Any]:
    """The workflow after the change of this number; the copy's own before the first.

    Raises `UserError` with a line for each mistake in that one.
    """
    found = workflow_at(today.changes, number)
    if found is None:
        path = today.copy / "workflow.yml"
        document = yaml_file.read(path)
        found, mistakes = document.data, check(document.data)[1]
        if mistakes:
            raise UserError("\n".join(report(str(path), document.lines, mistakes)))
    return found


def follow(today: Today, spike: str) -> None:
    """Give the spike the target that the record asks for: the furthest change that was begun or built."""
    path = path_of(today.copy, spike)
    number = today.built(spike)
    if not number:
        path.unlink(missing_ok=True)
        return
    block = {"number": number, "taken": today.taken(spike)}
    data = {"change": block, **workflow_of(today, number)}
    path.parent.mkdir(exist_ok=True)
    write_whole(path, yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110))
