"""By which workflow a spike is judged: the copy's own, or the target that the day has given the spike.

`twinspike start` writes a target for one spike, so that one side may be ahead of the other. It is a change's
workflow file; its `change:` block names the changes in words whose tests (in `own/`) count by now.
"""

import os
from pathlib import Path
from typing import Any

from suite import yaml_file

HOME = Path(__file__).parents[2]
VARIABLE = "SUITE_WORKFLOW"


def aim(spike: str) -> None:
    """Let the workflow of this spike be the one in use, unless another was named."""
    os.environ.setdefault(VARIABLE, str(target_of(spike)))


def target_of(spike: str) -> Path:
    """The file of the workflow that the spike has to do: the day's target for it, else the copy's own."""
    target = HOME / ".twinspike" / "targets" / f"{spike}.yml"
    return target if target.is_file() else HOME / "workflow.yml"


def target_before(spike: str) -> Path | None:
    """What the spike had to do before the change that its target leads to; None before the first."""
    number = _change(target_of(spike)).get("number")
    path = HOME / ".twinspike" / f"before-{number}-{spike}.yml"
    return path if path.is_file() else None


def in_use() -> Path:
    """The file of the workflow in use."""
    return Path(os.environ.get(VARIABLE) or HOME / "workflow.yml")


def taken() -> frozenset[str]:
    """The numbers of the changes in words whose tests count, as in `04`."""
    return frozenset(map(str, _change(in_use()).get("taken") or ()))


def _change(path: Path) -> dict[str, Any]:
    read = yaml_file.read(path).data
    return (read.get("change") or {}) if isinstance(read, dict) else {}


def without_change(read: Any) -> Any:
    """The workflow alone, without the block that says which change leads to it."""
    return {k: x for k, x in read.items() if k != "change"} if isinstance(read, dict) else read
