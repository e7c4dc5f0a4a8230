"""A rendered copy with its environments, and what is run in it.

Environments are made once for each set of requirements, under `build/`, and shared by all copies,
of every run.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from uv import find_uv_bin

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / "build" / "environments"
SPIKES = ("django", "fastapi")
DATABASES = ("sqlite", "postgresql")
NO_SERVER = (
    "no PostgreSQL server; name one in TWINSPIKE_POSTGRES=postgresql://user:password@host:port"
)
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
        folder = self.home / part
        path = f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        kept = {
            n: x for n, x in os.environ.items() if not n.startswith(("PYTEST", "PYTHON", "VIRTUAL"))
        }
        return subprocess.run(
            command,
            cwd=folder,
            env={**kept, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def suite(
        self, spike: str, *options: str, seconds: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run the acceptance suite, or a part of it, against a spike."""
        command = ("python", "-m", "pytest", "-q", "--tb=short", "--spike", spike, *options)
        return self.run("acceptance", *command, seconds=seconds)

    def twin(self, home: Path) -> "Copy":
        """The same once more, to be changed; the environments are shared."""
        shutil.copytree(self.home, home, symlinks=True, ignore=shutil.ignore_patterns("results"))
        return Copy(home)


def passed(done: subprocess.CompletedProcess[str]) -> str:
    """Assert that the command succeeded, and give what it printed."""
    print(done.stdout)
    assert done.returncode == 0, f"{' '.join(done.args)} ended with {done.returncode}, see below"
    return done.stdout


def install(folder: Path) -> None:
    """Give the folder the environment that its requirements ask for."""
    wanted = (folder / "pyproject.toml").read_bytes()
    shared = ENVIRONMENTS / f"{folder.name}-{sha256(wanted).hexdigest()[:8]}"
    stamp = shared / ".venv" / ".synced"
    if not stamp.exists():
        shared.mkdir(parents=True, exist_ok=True)
        (shared / "pyproject.toml").write_bytes(wanted)
        environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        environment.pop("VIRTUAL_ENV", None)
        subprocess.run([find_uv_bin(), "sync", "--quiet"], cwd=shared, env=environment, check=True)
        stamp.touch()
    (folder / ".venv").symlink_to(shared / ".venv")
    os.utime(folder / "pyproject.toml", (0, 0))  # older than the stamp: the suite has nothing to do
