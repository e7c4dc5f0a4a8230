"""Running the acceptance suite of a copy, in an environment of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from twinspike.errors import UserError


def run_suite(copy: Path, verb: str, spikes: list[str], *options: str) -> int:
    """Run `python -m suite VERB SPIKES OPTIONS` in the copy; gives its exit code when it ends.

    Raises `UserError` when the copy has no suite, or not one of the spikes.
    """
    from uv import find_uv_bin

    if not (copy / "acceptance" / "suite").is_dir():
        raise UserError(f"{copy.name} has no acceptance suite; make the copy anew.")
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
