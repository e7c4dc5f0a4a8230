"""Running the acceptance suite of a copy, in an environment of its own."""

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import IO

from twinspike.environment import clean_environment
from twinspike.errors import UserError


def run_suite(
    copy: Path, verb: str, spikes: list[str], *options: str, to_stderr: bool = False
) -> int:
    """Run `python -m suite VERB SPIKES OPTIONS` in the copy; gives its exit code when it ends.

    With `to_stderr` it leaves stdout to whoever answers in JSON. Raises `UserError` when the copy has no
    suite, or not one of the spikes.
    """
    process = start_suite(copy, verb, spikes, *options, stdout=sys.stderr if to_stderr else None)

    def forward(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the terminal has told the suite too; it tidies up and ends
            continue


def start_suite(
    copy: Path,
    verb: str,
    spikes: list[str],
    *options: str,
    stdout: IO[str] | int | None = None,
) -> subprocess.Popen[str]:
    """Start the suite without waiting for it. Raises `UserError` as `run_suite` does."""
    from uv import find_uv_bin

    if not (copy / "acceptance" / "suite").is_dir():
        raise UserError(f"{copy.name} has no acceptance suite; make the copy anew.")
    for spike in spikes:
        if not (copy / f"{spike}_spike").is_dir():
            there = sorted(path.name.removesuffix("_spike") for path in copy.glob("*_spike"))
            raise UserError(f"{copy.name} has no {spike} spike; it has {' and '.join(there)}.")
    environment = {
        **clean_environment(),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PYTHON": getattr(sys, "_base_executable", sys.executable),
    }
    suite = ["python", "-m", "suite", verb, *spikes, *options]
    command = [find_uv_bin(), "run", "--project", ".", *suite]
    return subprocess.Popen(  # noqa: S603
        command, cwd=copy / "acceptance", env=environment, stdout=stdout, text=True
    )
