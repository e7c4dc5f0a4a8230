"""Runs tests of a copy's acceptance suite again and again, quickly; started in its folder, with its Python.

Reads a line of JSON with pytest's arguments, runs them in a process of its own that has everything
imported, and writes a line with the exit code and what was printed. The spike starts from a database
that is kept from its first run, with people who are signed in, and its processes are forks of one that
has its libraries (`warm.py`).
"""

import json
import os
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, ".")
sys.dont_write_bytecode = False  # the tests stay as they are; the code under test does not

from suite import fixtures, prepared, spike  # noqa: E402 - found by the path above

QUIETLY = ("-q", "--tb=short", "-W", "ignore::pytest.PytestAssertRewriteWarning")
MOST_SECONDS = 180
VARIABLE = re.compile(r"\$\{?(\w+)(?::-([^}]*))?\}?")


class Started:
    """A process that `warm.py` has started, with what the suite asks of one."""

    stdin = None

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.returncode: int | None = None
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(WARM)
        order = {"command": command, "environment": environment, "log": str(log)}
        self.connection.sendall(json.dumps(order).encode() + b"\n")
        self.lines = self.connection.makefile()
        self.args = command
        self.pid = int(self.lines.readline())

    def poll(self) -> int | None:
        """The exit code, if it has ended."""
        return self.ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended."""
        code = self.ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def ended(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self.connection], [], [], seconds)[0]:
            self.returncode = int(self.lines.readline())
        return self.returncode


def start(self: spike.Spike, kind: str, **changed: str) -> Started:
    """Take `Spike.start`'s place."""
    environment = self.environment | changed
    line = VARIABLE.sub(
        lambda found: environment.get(found[1], found[2] or ""), spike.procfile(self.name)[kind]
    )
    process = Started(shlex.split(line), environment, self.log.absolute())
    self._started.append(process)
    self.running.setdefault(kind, process)
    return process


spike.Spike.start = start
spike.Spike.end = spike.Spike.kill
prepared._path = lambda name: prepared.FOLDER / f"{name}.sqlite3"
fixtures.MANY_TESTS = 0  # the first run signs its people in for all others


def serve() -> None:
    """Run what the input asks for, until it ends."""
    for line in sys.stdin:
        with tempfile.TemporaryFile() as said:
            child = os.fork()
            if child == 0:
                signal.alarm(MOST_SECONDS)
                for stream in (1, 2):
                    os.dup2(said.fileno(), stream)
                code = int(pytest.main([*json.loads(line), *QUIETLY]))
                sys.stdout.flush()
                os._exit(code)
            _, status = os.waitpid(child, 0)
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        answer = {"code": os.waitstatus_to_exitcode(status), "text": text}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="warm-") as home:
        WARM = f"{home}/socket"
        warm = Path(__file__).with_name("warm.py")
        folder = spike.folder(sys.argv[1])
        environment = {**spike.surroundings(), "PYTHONDONTWRITEBYTECODE": ""}
        with subprocess.Popen(
            [folder / ".venv/bin/python", warm, WARM],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            process.stdout.readline()
            serve()
            process.stdin.close()
