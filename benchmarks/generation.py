"""Making a copy, against Copier rendering as many plain files.

All of it from a plain folder, as an installed wheel has it; of a clone, Copier makes a clone first.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from copies import BUILD, render, template
from results import middle, ratio, table

ROUNDS = 5
PLAIN = "_subdirectory: files\n_exclude: []\nname: {type: str, default: x}\n"


def seconds(source: Path, *command: str) -> float:
    """How long the command takes, with the twinspike of the source."""
    environment = {**os.environ, "PYTHONPATH": str(source / "src")}
    whole = [sys.executable, "-m", *command]
    begin = time.perf_counter()
    subprocess.run(whole, check=True, capture_output=True, env=environment)
    return time.perf_counter() - begin


def measure(copy: Path) -> str:
    """A table; `copy` gets a copy, from which the plain files are taken."""
    source, plain = template(), BUILD / "plain"
    render(source, copy)
    shutil.rmtree(plain, ignore_errors=True)
    shutil.copytree(copy, plain / "files")
    (plain / "copier.yml").write_text(PLAIN, encoding="utf-8")
    files = sum(path.is_file() for path in copy.rglob("*"))
    copying = ("copier", "copy", "--quiet", "--defaults")
    commands = {
        "copier, plain files": (*copying, str(plain)),
        "copier, the template": (*copying, str(source)),
        "twinspike new": ("twinspike", "new", "--defaults"),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            target = BUILD / "made"
            shutil.rmtree(target, ignore_errors=True)
            times[name].append(seconds(source, *command, str(target)))
    floor = times["copier, plain files"]
    rows = [
        (name, middle(taken, 2), f"{ratio(taken, floor):.2f} ×") for name, taken in times.items()
    ]
    return table([f"{files} files", "seconds", "to the floor"], rows)
