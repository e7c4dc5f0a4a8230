"""Measure everything and print it as Markdown: `python benchmarks/run.py > benchmarks/RESULTS.md`.

Ratios are of one run, of things measured in turns; figures of another machine say little. Name a commit
of this repository, and approving is compared with its spikes. Name some parts, and only they are measured.
"""

import argparse
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import first_minute
import first_page
import generation
import judging
import psutil
import sizes
import statements
import throughput
import watching
from copies import BUILD, render, running, template, with_peers
from results import table

FEW, MANY = 25, 2_500


def count_statements(copy: Path) -> str:
    """A table of SQL statements by page."""
    found: dict[str, dict[str, list[int]]] = {}
    for name in ("django", "fastapi"):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "statements"
            with running(copy, name) as it:
                it.spike.wait(it.spike.start("web", **statements.traced(log)))
                found[name] = statements.counted(it.site(), it.database, log, (FEW, MANY))
    rows = [
        (page, *(count for name in found for count in found[name][page]))
        for page in found["django"]
    ]
    head = [f"{name}, {size:,} records" for name in found for size in (FEW, MANY)]
    return table(["SQL statements", *head], rows)


def main() -> None:
    """Print the results; how far it is goes to the standard error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--against", default="", metavar="COMMIT")
    parser.add_argument("parts", nargs="*", help="the first words of titles, as in `requests`")
    options = parser.parse_args()
    copy = BUILD / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    print("# Benchmarks\n")
    print("Made by `make bench`. Medians, with the range in brackets.\n")
    busy = psutil.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, {platform.system()}, {psutil.cpu_count()} processors, "
        f"load {busy:.1f} at the start.\n"
    )
    parts: dict[str, Callable[[], str]] = {
        "Generation": lambda: generation.measure(copy),
        "First minute": first_minute.measure,
        "Set-up": lambda: first_page.measure(copy),
        "The whole suite": lambda: judging.measure(copy),
        "From save to verdict": lambda: watching.measure(copy),
        "SQL statements": lambda: count_statements(copy),
        "Requests and memory": lambda: "\n\n".join(
            [throughput.PEERS, *throughput.measure(copy, options.against)]
        ),
        "Many records": lambda: sizes.measure(copy),
    }
    wanted = tuple(part.lower() for part in options.parts)
    if wanted:
        render(template(), copy)
        parts = {title: parts[title] for title in parts if title.lower().startswith(wanted)}
    for title, measure in parts.items():
        print(f"{title} …", file=sys.stderr, flush=True)
        if title == "Requests and memory":
            with_peers(copy)
        print(f"## {title}\n\n{measure()}\n", flush=True)


if __name__ == "__main__":
    main()
