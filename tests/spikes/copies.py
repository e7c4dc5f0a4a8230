"""A rendered copy with its environments, and what is run in it.

Environments are made once for each set of requirements, under `build/`, and shared by all copies,
of every run.
"""

import fcntl
import json
import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from uv import find_uv_bin

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / "build" / "environments"
SPIKES = ("django", "fastapi")
DATABASES = ("sqlite", "postgresql")
NO_SERVER = (
    "no PostgreSQL server; name one in TWINSPIKE_POSTGRES=postgresql://user:password@host:port"
)
UV = find_uv_bin()  # once: it is not made for threads
DEFAULT = "access_request"
EVERY_WORD = "every_word"
PARTS = ("acceptance", "django_spike", "fastapi_spike")


@dataclass(frozen=True)
class Copy:
    """What a team gets, with its environments installed."""

    home: Path

    def run(
        self, part: str, *command: str, seconds: float = 600, typed: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder of a spike or of the suite, as if its environment were active.

        `typed` is what it reads from the keyboard.
        """
        return subprocess.run(
            command,
            cwd=self.home / part,
            env={**self.environment(part), **environment},
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def environment(self, part: str) -> dict[str, str]:
        """The variables of a command in the folder of a part, whose environment is active."""
        path = f"{self.home / part / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        kept = {
            n: x for n, x in os.environ.items() if not n.startswith(("PYTEST", "PYTHON", "VIRTUAL"))
        }
        return {**kept, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def suite(
        self, spike: str, *options: str, seconds: float = 1200
    ) -> subprocess.CompletedProcess[str]:
        """Run the acceptance suite, or a part of it, against a spike."""
        command = ("python", "-m", "pytest", "-q", "--tb=short", "--spike", spike, *options)
        return self.run("acceptance", *command, seconds=seconds)

    def twin(self, home: Path) -> "Copy":
        """The same once more, to be changed; the environments are shared."""
        shutil.copytree(self.home, home, symlinks=True, ignore=shutil.ignore_patterns("results"))
        return Copy(home)


class SuiteServer:
    """The acceptance suite of a copy, ready to run tests again and again; see `suite_server.py`."""

    def __init__(self, copy: Copy, spike: str) -> None:
        self.copy = copy
        self.spike = spike
        self.process = subprocess.Popen(
            ["python", str(HERE / "suite_server.py"), spike],
            cwd=copy.home / "acceptance",
            env={**copy.environment("acceptance"), "UV": UV, "SUITE_PATIENCE": "6"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End it."""
        self.process.communicate()

    def run(self, *options: str) -> tuple[int, str]:
        """Run tests against the spike as it is now: pytest's exit code, and what was printed."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(["--spike", self.spike, *options]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["code"], answer["text"]


def answers_for(workflow: str) -> dict[str, Any]:
    """The answers that give a copy of a scenario, or of `every_word.yml`."""
    if workflow != EVERY_WORD:
        return {"scenario": workflow}
    text = (HERE / f"{EVERY_WORD}.yml").read_text(encoding="utf-8")
    return {"scenario": "own", "workflow": yaml.safe_load(text)}


def with_server(copy: Copy, server: str) -> Copy:
    """The copy for PostgreSQL, with the address of the server in its settings, and two web processes."""
    for spike in SPIKES:
        set_example(copy, spike, "DATABASE_URL", f"{server}/{spike}_spike")
        set_example(copy, spike, "WEB_CONCURRENCY", "2")
    return copy


def with_broker(copy: Copy, broker: str) -> Copy:
    """The copy with Celery, with the address of the broker in its settings."""
    for spike in SPIKES:
        set_example(copy, spike, "BROKER_URL", broker)
    return copy


def set_example(copy: Copy, spike: str, name: str, value: str) -> None:
    """Write another value of a variable into the spike's `.env.example`."""
    example = copy.home / f"{spike}_spike" / ".env.example"
    lines = example.read_text(encoding="utf-8").splitlines(keepends=True)
    example.write_text(
        "".join(f"{name}={value}\n" if line.startswith(f"{name}=") else line for line in lines),
        encoding="utf-8",
    )


def passed(done: subprocess.CompletedProcess[str]) -> str:
    """Assert that the command succeeded, and give what it printed."""
    print(done.stdout)
    assert done.returncode == 0, f"{' '.join(done.args)} ended with {done.returncode}, see below"
    return done.stdout


def install(folder: Path) -> None:
    """Give the folder the environment that its requirements ask for."""
    wanted = (folder / "pyproject.toml").read_bytes()
    project = tomllib.loads(wanted.decode())
    needs = [project["project"]["dependencies"], project["dependency-groups"]]
    shared = ENVIRONMENTS / f"{folder.name}-{sha256(json.dumps(needs).encode()).hexdigest()[:8]}"
    stamp = shared / ".venv" / ".synced"
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / ".making").open("w") as making:
        fcntl.flock(making, fcntl.LOCK_EX)  # another process may want the same
        if not stamp.exists():
            (shared / "pyproject.toml").write_bytes(wanted)
            environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
            environment.pop("VIRTUAL_ENV", None)
            subprocess.run([UV, "sync", "--quiet"], cwd=shared, env=environment, check=True)
            stamp.touch()
    (folder / ".venv").symlink_to(shared / ".venv")
    os.utime(folder / "pyproject.toml", (0, 0))  # older than the stamp: the suite has nothing to do
