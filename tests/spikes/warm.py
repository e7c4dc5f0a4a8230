"""Starts a spike's processes quickly: as forks of this one, which has its libraries imported.

Run by the spike's Python with an address to listen at. Each connection brings a line of JSON with the
command, the folder, the environment and the log; it gets the process id and, at the end, the exit code.
When the other side closes the connection first, the process and its group are killed.
"""

import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

LOADED = """
import os, sys
from contextlib import suppress
before = set(sys.modules)
for name in sys.argv[1:]:
    with suppress(ImportError):
        __import__(name)
home = os.getcwd() + os.sep
for name, module in list(sys.modules.items()):
    file = getattr(module, "__file__", None) or ""
    if name not in before and ("-packages" in file or not file.startswith(home)):
        print(name)
"""
CELERY = (
    "celery.bin.celery",
    "celery.worker",
    "celery.concurrency.thread",
    "kombu.transport.redis",
)
ENTRY = {
    "django_spike": (
        "config.wsgi",
        "spike.management.commands.deliver",
        "gunicorn.app.wsgiapp",
        *CELERY,
    ),
    "fastapi_spike": ("spike.app", "spike.__main__", "uvicorn.main", *CELERY),
}


def import_libraries() -> None:
    """Import what the spike imports, its own modules and what needs its settings excepted."""
    names = subprocess.run(
        [sys.executable, "-c", LOADED, *ENTRY[Path.cwd().name]],
        env={**os.environ, "DEBUG": "1", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for name in names:
        with suppress(Exception):
            import_module(name)


def watch(connection: socket.socket) -> None:
    """Start the process and stay with it until one side ends. Returns in the process alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        connection.close()
        return
    connection.sendall(f"{child}\n".encode())
    ends = os.pidfd_open(child)
    if ends not in select.select([ends, connection], [], [])[0]:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def become(order: dict[str, Any]) -> None:
    """Be the process that is ordered."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(order["environment"])
    random.seed()
    for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        beginning = Path(folder) / "sitecustomize.py"  # which Python imports at its start
        if folder and beginning.is_file():
            runpy.run_path(str(beginning))
    name, *arguments = order["command"]
    if name == "python" and arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments if name == "python" else [f".venv/bin/{name}", *arguments]
        runpy.run_path(sys.argv[0], run_name="__main__")


def main() -> None:
    """Serve until the input ends."""
    sys.path[0] = os.getcwd()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    import_libraries()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener.listen()
    print("ready", flush=True)
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            order = json.loads(connection.makefile().readline())
            watch(connection)
            become(order)
            return
        connection.close()


if __name__ == "__main__":
    main()
