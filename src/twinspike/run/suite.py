"""Running the acceptance suite of a copy, in an environment of its own.

The suite ends with this command, whatever way that ends: its stdin is a pipe that ends then.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import IO

from twinspike.environment import clean_environment
from twinspike.errors import UserError

NO_NETWORK = re.compile(
    r"error sending request|dns error|failed to fetch|timed out|connection|network", re.IGNORECASE
)


def run_suite(
    copy: Path,
    verb: str,
    spikes: list[str],
    *options: str,
    to_stderr: bool = False,
    group: str = "",
) -> int:
    """Run `python -m suite VERB SPIKES OPTIONS` in the copy; gives its exit code when it ends.

    With `to_stderr` it leaves stdout to whoever answers in JSON; `group` is as for `start_suite`. Raises `UserError` when the copy has no
    suite, or not one of the spikes, or when its packages cannot be had; `KeyboardInterrupt` when it was
    stopped, but for `up`, which always ends so.
    """
    stdout = sys.stderr if to_stderr else None
    process = start_suite(copy, verb, spikes, *options, stdout=stdout, group=group)
    try:
        return process.wait()
    except KeyboardInterrupt:
        if end_suite(process) != 0:
            raise
        return 0


def end_suite(process: subprocess.Popen[str]) -> int:
    """Let the suite stop everything that it has started, and end; gives its exit code."""
    if process.stdin is not None:
        process.stdin.close()
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # it ends as it is
            continue


def start_suite(
    copy: Path,
    verb: str,
    spikes: list[str],
    *options: str,
    stdout: IO[str] | int | None = None,
    group: str = "",
) -> subprocess.Popen[str]:
    """Start the suite without waiting for it. Raises `UserError` as `run_suite` does.

    What one command alone needs is a `group` of the suite's dependencies; it gets an environment of its own,
    so that nobody else waits for it.
    """
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
        "SUITE_LIFELINE": "0",
    }
    if group:
        environment["UV_PROJECT_ENVIRONMENT"] = f".venv-{group}"
    _install(copy / "acceptance", environment, *(["--group", group] if group else []))
    suite = ["python", "-m", "suite", verb, *spikes, *options]
    command = [find_uv_bin(), "run", "--no-sync", "--project", ".", *suite]
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=copy / "acceptance",
        env=environment,
        stdin=subprocess.PIPE,
        stdout=stdout,
        text=True,
    )


def _install(folder: Path, environment: dict[str, str], *group: str) -> None:
    """Give the suite the packages that it needs; nothing is fetched when they are there."""
    from uv import find_uv_bin

    command = [find_uv_bin(), "sync", "--quiet", "--project", ".", *group]
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == 0:
        return
    said = done.stderr.strip()
    if NO_NETWORK.search(said):
        raise UserError(
            "The suite's packages could not be fetched: the package index does not answer. "
            "Connect to the network, or name an index that does in UV_DEFAULT_INDEX."
        )
    last = [line.strip() for line in said.splitlines() if line.strip()][:2]
    raise UserError(f"The suite's packages could not be installed: {' '.join(last)}")
