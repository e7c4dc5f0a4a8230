"""Processor time per request: list and record against plain peers, approval against an earlier commit; and memory."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from copies import copy_of_commit, running
from load import Call, headers_of, per_processor_second
from processes import megabytes
from results import middle, table
from rows import copies_of, fill

ROUNDS = 5
COUNT = 400
APPROVALS = 100
RECORDS = 1_000
MOST_TO_PEER = 1.15  # times the processor time
PEERS = """\
A peer is a plain list and record of the same fields for whoever has signed in, as the framework's documentation
writes them. It reads no roles, nor who made which transition, and does not say which transitions and fields are
open to the caller. The contract asks for that of every implementation, so its cost is part of the ratio."""


class Approvals(NamedTuple):
    """Records of a spike that wait for a manager."""

    process: Any
    url: str
    path: str
    version: int
    ids: list[int]
    headers: dict[str, str]

    def measure(self, number: int) -> float:
        """Approve the records of a round."""
        part = self.ids[number * APPROVALS : (number + 1) * APPROVALS]
        body = {"version": self.version}
        calls = [Call("POST", f"{self.path}/{id}/transitions/approve", body) for id in part]
        return per_processor_second(self.process, self.url, calls, self.headers)


def prepare(it: Any) -> tuple[Approvals, Any, int]:
    """Start a spike as in production, with many records; what waits, its people, and one record."""
    it.web()
    web, url = it.beside("web")
    site = it.site()
    record = site.record_in("submitted")
    version = site.admin.read(record).json()["version"]
    fill(it.database, RECORDS)
    ids = copies_of(it.database, record.id, (ROUNDS + 1) * APPROVALS)
    manager = headers_of(site.client_as("manager"))
    return Approvals(web, url, site.flow.path, version, ids, manager), site, record.id


def measure(copy: Path, commit: str) -> tuple[str, str]:
    """The table of requests, and that of memory. Without a commit nothing is compared with earlier."""
    requests, memory = [], []
    before = copy_of_commit(commit) if commit else None
    for name in ("django", "fastapi"):
        with ExitStack() as stack:
            it = stack.enter_context(running(copy, name))
            approvals, site, record = prepare(it)
            worker = it.spike.start("worker", DEBUG="0")
            peer, peer_url = it.beside("peer")
            approve = {"approve": approvals}
            admin, path = headers_of(site.admin), site.flow.path
            if before:
                earlier = stack.enter_context(running(before, name))
                approve["approve, before"], *_ = prepare(earlier)
            kinds = {
                "list": Call("GET", path),
                "record": Call("GET", f"{path}/{record}"),
            }
            web, url = approvals.process, approvals.url
            found: dict[str, list[float]] = {}
            for number in range(ROUNDS + 1):
                rates = {}
                for kind, call in kinds.items():
                    calls = [call] * COUNT
                    rates[kind] = per_processor_second(web, url, calls, admin)
                    rates[f"{kind}, peer"] = per_processor_second(peer, peer_url, calls, admin)
                rates |= {kind: each.measure(number) for kind, each in approve.items()}
                if number > 0:  # the first round only warms up
                    for kind, rate in rates.items():
                        found.setdefault(kind, []).append(rate)
            for kind, other, most in (
                ("list", "list, peer", MOST_TO_PEER),
                ("record", "record, peer", MOST_TO_PEER),
                ("approve", "approve, before", 1.0),
            ):
                if other in found:
                    requests.append((f"{name}: {other}", middle(found[other]), "", ""))
                    times = sorted(
                        theirs / ours
                        for ours, theirs in zip(found[kind], found[other], strict=True)
                    )
                    ratio = middle(times, 2)
                    requests.append((f"{name}: {kind}", middle(found[kind]), ratio, f"{most:.2f}"))
                else:
                    requests.append((f"{name}: {kind}", middle(found[kind]), "", ""))
            memory += [(name, f"{megabytes(web):.0f}", f"{megabytes(worker):.0f}")]
    head = ["", "requests per processor second", "times the processor time", "at most"]
    return table(head, requests), table(["megabytes after the load", "web", "worker"], memory)
