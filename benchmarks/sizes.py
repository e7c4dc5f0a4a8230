"""The list and the search with few and with many records."""

import statistics
from contextlib import ExitStack
from pathlib import Path

from copies import running
from load import Call, headers_of, send
from places import LIST
from results import table
from rows import fill

SIZES = (1_000, 200_000)
ROUNDS = 3
COUNT = 8


def measure(copy: Path) -> str:
    """A table of milliseconds for each request, one at a time."""
    rows = []
    for name in ("django", "fastapi"):
        with ExitStack() as stack:
            sites = []
            for size in SIZES:
                it = stack.enter_context(running(copy, name))
                it.web()
                it.seed()
                fill(it.database, size)
                site = it.site()
                sites.append((headers_of(site.admin), it.beside("web")[1]))
            path = site.flow.path
            pages = {
                "list": path,
                "list, one state": f"{path}?state=submitted",
                "list, by a field": f"{path}?sort=employee",
                "search, one hit": f"{path}?q=employee%20777",
                "search, many hits": f"{path}?q=number",
                "list on the screens": LIST[name],
            }
            for kind, page in pages.items():
                times: list[list[float]] = [[], []]
                for _ in range(ROUNDS):
                    for place, (headers, url) in zip(times, sites, strict=True):
                        place += send(url, [Call("GET", page)] * COUNT, headers)[1:]
                few, many = (statistics.median(place) * 1000 for place in times)
                rows.append((f"{name}: {kind}", f"{few:.1f}", f"{many:.1f}", f"{many / few:.1f} ×"))
    return table(["milliseconds", *(f"{size:,} records" for size in SIZES), "ratio"], rows)
