"""Starting and stopping a spike by its Procfile."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Self
from urllib.request import ProxyHandler, build_opener

from suite.broker import new_queue
from suite.errors import UserError

HOME = Path(__file__).parents[2]
RESULTS = HOME / "results"
SPIKES = ("django", "fastapi")
PLACEHOLDER = "change-me"
KEPT = frozenset(
    {
        "HOME",
        "LANG",
        "LANGUAGE",
        "LOGNAME",
        "PATH",
        "SHELL",
        "SYSTEMROOT",
        "TEMP",
        "TERM",
        "TMP",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
    }
)
# Where packages come from, for whoever installs them.
PACKAGES_FROM = frozenset(
    {
        "ALL_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "UV_CACHE_DIR",
        "UV_CONFIG_FILE",
        "UV_DEFAULT_INDEX",
        "UV_EXTRA_INDEX_URL",
        "UV_FIND_LINKS",
        "UV_INDEX",
        "UV_INDEX_URL",
        "UV_NATIVE_TLS",
        "UV_OFFLINE",
    }
)
LIFELINE = "SUITE_LIFELINE"  # the descriptor of a pipe that ends with whoever started this process
STRAIGHT = build_opener(ProxyHandler({}))  # past any proxy
START_SECONDS = 90
STOP_SECONDS = 8

# A process of a spike leads its own group. When the suite is gone, whatever way, the pipe on descriptor 0
# ends and the watcher takes the whole group down; it ends itself with the pipe when the process is done.
# The shell itself outlives the signals that it gets with the group, so that its end is the process's.
WATCHED = """
exec 3<&0 </dev/null
(trap '' TERM INT; read -r _ <&3; kill -s TERM -- -$$; sleep 5; kill -s KILL -- -$$) >/dev/null 2>&1 &
exec 3<&-
trap : TERM INT
{command}
"""


def spikes() -> list[str]:
    """The spikes of this copy."""
    return [name for name in SPIKES if folder(name).is_dir()]


def folder(name: str) -> Path:
    """Where a spike's files are."""
    return HOME / f"{name}_spike"


def procfile(name: str) -> dict[str, str]:
    """The commands of a spike by process type."""
    path = folder(name) / "Procfile"
    if not path.is_file():
        raise UserError(f"{path} is missing; it says how the spike is started.")
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split(":", 1) for line in lines if ":" in line and not line.startswith("#")]
    return {kind.strip(): command.strip() for kind, command in pairs}


def read_env(path: Path) -> dict[str, str]:
    """The variables of a file like `.env`: one NAME=value a line, with or without quotes."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$", line)
        if match:
            name, value = match.groups()
            quoted = re.match(r"(['\"])(.*?)\1", value)
            found[name] = quoted.group(2) if quoted else re.sub(r"(^|\s)#.*$", "", value).strip()
    return found


def example_env(name: str) -> dict[str, str]:
    """What the spike's `.env.example` sets."""
    path = folder(name) / ".env.example"
    return read_env(path) if path.is_file() else {}


def fresh_secrets() -> dict[str, str]:
    """A value for each placeholder; the password is short enough to type."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "WEBHOOK_SECRET": "whsec_" + b64encode(secrets.token_bytes(32)).decode(),
        "DEMO_PASSWORD": "-".join(
            "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(4))
            for _ in range(4)
        ),
    }


def write_env(name: str, password: str = "") -> dict[str, str]:
    """The variables in the spike's `.env`, written from `.env.example` when it is not there yet.

    Each `change-me` becomes a fresh secret; `password` is taken for the demo users, if given.
    """
    path = folder(name) / ".env"
    if not path.exists():
        fresh = fresh_secrets() | ({"DEMO_PASSWORD": password} if password else {})
        lines = (folder(name) / ".env.example").read_text(encoding="utf-8").splitlines()
        written = [
            re.sub(
                r"^(\s*(\w+)\s*=\s*)(['\"]?)change-me\3",
                lambda found: found[1] + fresh.get(found[2], secrets.token_urlsafe(48)),
                line,
            )
            for line in lines
        ]
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".env.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(written) + "\n")
        Path(beside).replace(path)
    return read_env(path)


def free_port(preferred: int = 0) -> int:
    """The preferred port if nobody listens there, else any free one.

    Taken at random below 32768: from there on systems give ports to outgoing connections, one of which
    could take this one before the spike does.
    """
    ports = secrets.SystemRandom().sample(range(20_000, 32_768), 100)
    for port in ([preferred] if preferred else []) + ports:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise UserError("No port is free on 127.0.0.1.")


def uv() -> str:
    """Where uv is."""
    found = os.environ.get("UV") or shutil.which("uv")
    if not found:
        with suppress(ImportError, FileNotFoundError):
            found = str(import_module("uv").find_uv_bin())
    if not found:
        raise UserError("uv is missing; install it (https://docs.astral.sh/uv) and try again.")
    return found


def sync(name: str) -> None:
    """Install what the spike needs into its `.venv`, unless that has been done since it changed.

    The mark of success is written last: where it is missing, an installation was cut short, and every
    package is put there anew.
    """
    home = folder(name)
    stamp = home / ".venv" / ".synced"
    wanted = [home / file for file in ("pyproject.toml", "uv.lock") if (home / file).exists()]
    if stamp.exists() and all(file.stat().st_mtime <= stamp.stat().st_mtime for file in wanted):
        return
    anew = ["--reinstall"] if (home / ".venv").exists() and not stamp.exists() else []
    stamp.unlink(missing_ok=True)
    done = _uv_sync(home, anew)
    if done.returncode and anew:  # not even an environment
        shutil.rmtree(home / ".venv", ignore_errors=True)
        done = _uv_sync(home, [])
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise UserError(f"uv sync failed in {home.name}:\n" + "\n".join(lines[-6:]))
    stamp.touch()


def _uv_sync(home: Path, more: list[str]) -> subprocess.CompletedProcess[str]:
    python = getattr(sys, "_base_executable", sys.executable)
    kept = {n: x for n, x in os.environ.items() if n.upper() in PACKAGES_FROM}
    return subprocess.run(  # noqa: S603
        [uv(), "sync", "--quiet", *more],
        cwd=home,
        env=surroundings() | kept | {"UV_PYTHON": python, "UV_PYTHON_DOWNLOADS": "never"},
        capture_output=True,
        text=True,
        check=False,
    )


def surroundings() -> dict[str, str]:
    """What of the environment everything gets that is started here, and nothing that redirects it.

    Another project's settings, interpreter, proxies or git folder do not reach it; what a spike needs
    besides stands in its `.env.example`.
    """
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    return kept | {"NO_PROXY": "*", "no_proxy": "*"}


class Spike:
    """One spike with its environment and its log; a context manager that surely stops what it started."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self.port = int(environment["PORT"])
        self.url = f"http://127.0.0.1:{self.port}"
        path = f"{folder(name) / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        given = {n: x for n, x in example_env(name).items() if x != PLACEHOLDER}
        given["QUEUE_NAME"] = new_queue()
        own = {**given, **environment, "PATH": path, "PYTHONUNBUFFERED": "1"}
        self.environment = surroundings() | own
        self.running: dict[str, subprocess.Popen[bytes]] = {}  # the first of each kind
        self._started: list[subprocess.Popen[bytes]] = []
        self._stopped = False

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, kind: str, **changed: str) -> subprocess.Popen[bytes]:
        """Start a process of the Procfile, with some variables changed; its output goes to the log."""
        if self._stopped:
            raise UserError(f"{self.name}_spike has been stopped.")
        command = procfile(self.name).get(kind)
        if command is None:
            raise UserError(f"The Procfile of {self.name}_spike has no line `{kind}:`.")
        with self.log.open("ab") as log:
            log.write(f"\n--- {kind}: {command}\n".encode())
            log.flush()
            process = subprocess.Popen(  # noqa: S603
                ["/bin/sh", "-c", WATCHED.format(command=command)],
                cwd=folder(self.name),
                env=self.environment | changed,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append(process)
        self.running.setdefault(kind, process)
        return process

    def start_workers(self) -> None:
        """Start what works beside the web: the worker, and what wakes it where the Procfile has that."""
        self.start("worker")
        if "beat" in procfile(self.name):
            self.start("beat")

    def run(self, kind: str, seconds: float = 120, **changed: str) -> int:
        """Run a process of the Procfile to its end and give its exit code."""
        process = self.start(kind, **changed)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise UserError(
                f"`{kind}` of {self.name}_spike took too long.\n{self.tail()}"
            ) from None
        finally:
            self._end([process])

    def must(self, kind: str) -> None:
        """Run a process that has to succeed."""
        if self.run(kind) != 0:
            raise UserError(f"`{kind}` of {self.name}_spike failed:\n{self.tail()}")

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the spike is healthy."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if process.poll() is not None:
                raise UserError(f"{self.name}_spike did not start:\n{self.tail()}")
            if healthy(self.url):
                return
            time.sleep(0.05)
        raise UserError(f"{self.name}_spike is not healthy after {START_SECONDS} s:\n{self.tail()}")

    def restart(self, kind: str, **changed: str) -> float:
        """End the process of a kind that runs and start another; gives how many seconds the end took."""
        seconds = self.halt(kind)
        self.start(kind, **changed)
        return seconds

    def halt(self, kind: str) -> float:
        """End the process of a kind that runs; gives how many seconds that took."""
        return self.end_one(self.running.pop(kind))

    def end_one(self, process: subprocess.Popen[bytes]) -> float:
        """End one process that was started here; gives how many seconds that took."""
        began = time.monotonic()
        self._end([process])
        self._started.remove(process)
        return time.monotonic() - began

    def tail(self, lines: int = 12) -> str:
        """The end of the log."""
        if not self.log.exists():
            return ""
        text = self.log.read_text(encoding="utf-8", errors="replace").rstrip()
        return "\n".join(text.splitlines()[-lines:])

    def end(self) -> None:
        """End everything that was started here; whatever lingers is killed."""
        self._end(self._started)
        self._started = []

    def kill(self) -> None:
        """End everything at once, without asking."""
        for process in self._started:
            _signal(process, signal.SIGKILL)
        self._end(self._started)
        self._started = []

    def stop(self) -> None:
        """End everything, and let nothing start again."""
        self._stopped = True
        self.end()

    def _end(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            _signal(process, signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
            _signal(process, signal.SIGKILL)
            process.wait()
            if process.stdin:
                process.stdin.close()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def healthy(url: str) -> bool:
    """Whether `/healthz` answers 200."""
    try:
        with STRAIGHT.open(f"{url}/healthz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def wait_for(url: str, seconds: float) -> None:
    """Wait until a spike that somebody else has started answers. Raises `UserError` when time is up."""
    end = time.monotonic() + seconds
    while not healthy(url):
        if time.monotonic() > end:
            raise UserError(f"No healthy spike answers at {url}/healthz.")
        time.sleep(0.02)


def stop_on_signals() -> None:
    """Let SIGTERM, SIGHUP and the end of whoever started this process end it the way Ctrl-C does.

    So everything that it has started is stopped; a second signal does not disturb that.
    """
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:  # not SIG_IGN: Python complains where another one has arrived by now
            signal.signal(number, lambda *_: None)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)
    lifeline = os.environ.pop(LIFELINE, "")
    if lifeline:
        threading.Thread(target=_end_with, args=[int(lifeline)], daemon=True).start()


def _end_with(lifeline: int) -> None:
    """Wait for the end of the pipe, and end this process with it."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(2 * STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def python() -> str:
    """The Python that runs the suite."""
    return sys.executable
