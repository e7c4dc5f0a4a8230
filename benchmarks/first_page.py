"""From a fresh copy to the first sign-in page of each spike, with a warm package cache."""

import time
from pathlib import Path
from urllib.request import urlopen

from copies import running
from results import table


def measure(copy: Path) -> str:
    """A table of seconds; environments are made anew."""
    rows, total = [], 0.0
    for spike in ("django", "fastapi"):
        begin = time.perf_counter()
        with running(copy, spike) as it:
            it.web()
            with urlopen(f"{it.spike.url}/") as page:  # noqa: S310
                if b"password" not in page.read():
                    raise RuntimeError("the first page asks for no password")
            taken = time.perf_counter() - begin
        total += taken
        rows.append((spike, f"{taken:.1f}"))
    return table(
        ["install, migrate, demo data, start, first page", "seconds"],
        [*rows, ("both", f"{total:.1f}")],
    )
