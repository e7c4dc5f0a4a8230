"""What the processes of a spike use, with all that they have started: processor, memory, threads, connections."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import psutil  # pyright: ignore[reportMissingImports] - only `load` has it

EVERY = 0.5  # seconds between two looks
SHELLS = ("sh", "bash", "dash", "sleep")


@dataclass
class Use:
    """What one kind of process used: seconds of processor, megabytes at the end, and the most of the others."""

    processor: float = 0
    memory: float = 0
    processes: int = 0
    threads: int = 0
    connections: int = 0


@dataclass
class Family:
    """A process that was started through a shell, with its children; `database` is what they connect to."""

    leader: int
    database: str
    most: Use = field(default_factory=Use)

    def members(self) -> list[psutil.Process]:
        """The processes that do the work: without shells, the one that started it and the one that watches."""
        leader = psutil.Process(self.leader)
        found = [leader, *leader.children(recursive=True)]
        return [each for each in found if each.name() not in SHELLS]

    def processor(self) -> float:
        """The seconds of processor so far."""
        times = [each.cpu_times() for each in self.members()]
        return sum(time.user + time.system for time in times)

    def memory(self) -> float:
        """The megabytes that are theirs alone."""
        return sum(each.memory_full_info().uss for each in self.members()) / 1_000_000

    def look(self) -> None:
        """Remember the most of what there is at one time."""
        members = self.members()
        self.most.processes = max(self.most.processes, len(members))
        self.most.threads = max(self.most.threads, sum(each.num_threads() for each in members))
        self.most.connections = max(self.most.connections, sum(map(self._connections, members)))

    def _connections(self, process: psutil.Process) -> int:
        """How many connections to the database the process has open."""
        if self.database.startswith("sqlite"):
            path = str(Path(self.database.removeprefix("sqlite:///")).resolve())
            return sum(each.path == path for each in process.open_files())
        port = urlsplit(self.database).port or 5432
        peers = [each.raddr for each in process.net_connections()]
        return sum(bool(peer) and peer.port == port for peer in peers)


@contextmanager
def watched(leaders: dict[str, int], database: str) -> Iterator[dict[str, Use]]:
    """What the processes of each kind use while the block runs; whole when it has ended."""
    families = {kind: Family(leader, database) for kind, leader in leaders.items()}
    used = {kind: family.most for kind, family in families.items()}
    before = {kind: family.processor() for kind, family in families.items()}
    ended = Event()

    def look() -> None:
        while not ended.wait(EVERY):
            for family in families.values():
                with suppress(psutil.Error):  # one has ended just now
                    family.look()

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield used
    finally:
        ended.set()
        watcher.join()
    for kind, family in families.items():
        used[kind].processor = family.processor() - before[kind]
        used[kind].memory = family.memory()


def database_named(address: str) -> str:
    """What database it is, in a few words."""
    if not address.startswith("sqlite"):
        return address.partition(":")[0].partition("+")[0].replace("postgresql", "PostgreSQL")
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return f"SQLite {sqlite3.sqlite_version}, journal {mode}"
