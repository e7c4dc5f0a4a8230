"""What is done with a copy: its acceptance suite starts the spikes and judges them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from twinspike.errors import UserError


def find(folder: Path) -> Path:
    """The root of the copy that the folder is in. Raises `UserError` when it is in none."""
    start = folder.resolve()
    for candidate in (start, *start.parents):
        if (candidate / "acceptance" / "suite").is_dir() and (candidate / "workflow.yml").is_file():
            return candidate
    raise UserError(
        f"{folder} is no copy: it has no workflow.yml with an acceptance suite beside it.\n"
        "Name the folder that `twinspike new` has made, or go into it."
    )


def run_suite(copy: Path, verb: str, spikes: list[str], *options: str) -> int:
    """Run `python -m suite VERB SPIKES OPTIONS` in the copy; gives its exit code when it ends."""
    from uv import find_uv_bin

    for spike in spikes:
        if not (copy / f"{spike}_spike").is_dir():
            there = sorted(path.name.removesuffix("_spike") for path in copy.glob("*_spike"))
            raise UserError(f"{copy.name} has no {spike} spike; it has {' and '.join(there)}.")
    environment = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PYTHON": getattr(sys, "_base_executable", sys.executable),
    }
    environment.pop("VIRTUAL_ENV", None)
    suite = ["python", "-m", "suite", verb, *spikes, *options]
    command = [find_uv_bin(), "run", "--project", ".", *suite]
    process = subprocess.Popen(command, cwd=copy / "acceptance", env=environment)  # noqa: S603

    def forward(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the terminal has told the suite too; it tidies up and ends
            continue
