"""A copy to measure, and its spikes as they run."""

import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILD = ROOT / "build" / "benchmarks"
PARTS = ("copier.yml", "macros", "scenarios", "scorecard", "src", "templates")
JUNK = shutil.ignore_patterns("__pycache__", ".venv", ".*_cache", "*.sqlite3*", "results")
PEERS = {
    "django": "gunicorn peer_django:application --bind 127.0.0.1:$PORT --workers 1 --threads 8"
    " --keep-alive 75 --no-control-socket",
    "fastapi": "uvicorn peer_fastapi:app --host 127.0.0.1 --port $PORT --timeout-keep-alive 75"
    " --no-server-header",
}


def template() -> Path:
    """The template in a plain folder, as it is now."""
    folder = BUILD / "template"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=JUNK)
        else:
            shutil.copy(source, folder)
    return folder


def render(source: Path, copy: Path) -> None:
    """Make the copy that every default gives."""
    shutil.rmtree(copy, ignore_errors=True)
    command = ["copier", "copy", "--quiet", "--defaults", str(source), str(copy)]
    subprocess.run([sys.executable, "-m", *command], check=True)


def copy_of_commit(commit: str) -> Path:
    """The default copy as a commit of this repository made it."""
    source, copy = BUILD / "template-before", BUILD / "copy-before"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "archive", commit], cwd=ROOT, capture_output=True, check=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(source)], input=archive, check=True)
    render(source, copy)
    return copy


def suite(copy: Path, name: str) -> Any:
    """A module of the copy's acceptance suite."""
    home = str(copy / "acceptance")
    if home not in sys.path:
        sys.path[:] = [home, *(p for p in sys.path if not p.endswith("/acceptance"))]
        for loaded in [each for each in sys.modules if each.partition(".")[0] == "suite"]:
            del sys.modules[loaded]
    return importlib.import_module(f"suite.{name}")


def with_peers(copy: Path) -> None:
    """Teach the Procfiles to start the peers."""
    for spike, command in PEERS.items():
        with (copy / f"{spike}_spike" / "Procfile").open("a", encoding="utf-8") as file:
            file.write(f"peer: {command}\n")


@contextmanager
def running(copy: Path, name: str, **changed: str) -> Iterator["Running"]:
    """A spike with its demo data and a database of its own."""
    spikes, receivers = suite(copy, "spike"), suite(copy, "receiver")
    spikes.sync(name)
    fresh = spikes.fresh_secrets()
    log = BUILD / f"{copy.name}-{name}.log"
    with (
        receivers.Receiver({"/hook": fresh["WEBHOOK_SECRET"]}) as receiver,
        tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as home,
    ):
        database = Path(home) / "spike.sqlite3"
        environment = fresh | {
            "DEBUG": "1",
            "PORT": str(spikes.free_port()),
            "DATABASE_URL": f"sqlite:///{database}",
            "WEBHOOK_URL": f"{receiver.url}/hook",
            "PYTHONPATH": str(HERE / "peers"),
            **changed,
        }
        with spikes.Spike(name, environment, log) as spike:
            spike.must("release")
            spike.must("demo")
            yield Running(copy, spike, database)


class Running:
    """A spike, and the processes of it that have been started."""

    def __init__(self, copy: Path, spike: Any, database: Path) -> None:
        self.copy = copy
        self.spike = spike
        self.database = database

    def web(self) -> Any:
        """Start a web process in debug, to sign in to without TLS, and give it when it answers."""
        process = self.spike.start("web")
        self.spike.wait(process)
        return process

    def beside(self, name: str, **changed: str) -> tuple[Any, str]:
        """Start one more process of the Procfile as in production; it and its address."""
        spikes = suite(self.copy, "spike")
        port = str(spikes.free_port())
        changed = {"DEBUG": "0", "ALLOWED_HOSTS": "127.0.0.1", "PORT": port, **changed}
        environment = {**self.spike.environment, **changed}
        other = spikes.Spike(self.spike.name, environment, self.spike.log)
        process = self.spike.start(name, **changed)
        other.wait(process)
        return process, other.url

    def flow(self) -> Any:
        """The workflow of the copy."""
        reads = "workflow_file"
        if not (self.copy / "acceptance" / "suite" / f"{reads}.py").exists():
            reads = "workflow"  # an earlier commit reads it there
        return suite(self.copy, reads).workflow()

    def seed(self) -> None:
        """Make the demo records; the web process must answer."""
        password = self.spike.environment["DEMO_PASSWORD"]
        seed = suite(self.copy, "seed").seed
        lacking = seed(self.flow(), self.spike.url, password, lambda _: None, worker=False)
        if lacking:
            raise RuntimeError("; ".join(lacking))

    def site(self) -> Any:
        """People to talk to it."""
        password = self.spike.environment["DEMO_PASSWORD"]
        return suite(self.copy, "site").Site(
            self.flow(), self.spike.url, password, spike=self.spike
        )
