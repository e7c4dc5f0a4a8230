"""How many SQL statements each screen and endpoint takes, counted in SQLite itself."""

from pathlib import Path
from typing import Any

from places import endpoints, screens
from rows import fill

TRACE = Path(__file__).parent / "trace"


def counted(site: Any, database: Path, log: Path, sizes: tuple[int, ...]) -> dict[str, list[int]]:
    """The number of statements by page, for each number of records.

    `site` is a `suite.site.Site` whose web process runs with `traced(log)` in its environment.
    """
    admin = site.admin
    record = site.record_in("submitted").id
    pages = endpoints(record) | screens(site.spike.name, record)
    found: dict[str, list[int]] = {page: [] for page in pages}
    for size in sizes:
        fill(database, size)
        for page, path in pages.items():
            admin.get(path).raise_for_status()  # what is made once is made now
            found[page].append(min(asked(admin, path, log) for _ in range(3)))
    return found


def asked(client: Any, path: str, log: Path) -> int:
    """The statements of one request; the server may begin them in a thread that first makes a connection."""
    before = log.stat().st_size
    client.get(path).raise_for_status()
    with log.open("rb") as lines:
        lines.seek(before)
        return sum(1 for _ in lines)


def traced(log: Path) -> dict[str, str]:
    """The environment of a process whose statements are written to the log."""
    return {"PYTHONPATH": str(TRACE), "SQL_LOG": str(log)}
