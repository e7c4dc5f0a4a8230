"""Requests per second of the server's processor time, against bare endpoints; and memory."""

from pathlib import Path

from copies import running
from load import Call, headers_of, per_processor_second
from processes import megabytes
from results import middle, ratio, table
from rows import copies_of, fill

ROUNDS = 3
COUNT = 400
APPROVALS = 100
RECORDS = 1_000


def measure(copy: Path) -> tuple[str, str]:
    """The table of requests, and that of memory."""
    requests, memory = [], []
    for name in ("django", "fastapi"):
        with running(copy, name) as it:
            it.web()
            (web, url), (bare, bare_url) = it.beside("web"), it.beside("bare")
            worker, site = it.spike.start("worker", DEBUG="0"), it.site()
            record = site.record_in("submitted")
            version = site.admin.read(record).json()["version"]
            fill(it.database, RECORDS)
            ids = copies_of(it.database, record.id, ROUNDS * APPROVALS)
            admin, manager = headers_of(site.admin), headers_of(site.client_as("manager"))
            one, path = f"{site.flow.path}/{record.id}", site.flow.path
            kinds: dict[str, tuple[object, str, list[Call], dict[str, str]]] = {
                "bare endpoint": (bare, bare_url, [Call("GET", "/bare")], {}),
                "bare ORM list": (bare, bare_url, [Call("GET", "/bare/records")], {}),
                "list": (web, url, [Call("GET", path)], admin),
                "record": (web, url, [Call("GET", one)], admin),
            }
            found: dict[str, list[float]] = {kind: [] for kind in [*kinds, "approve"]}
            for number in range(-1, ROUNDS):
                for kind, (process, at, call, headers) in kinds.items():
                    rate = per_processor_second(process, at, call * COUNT, headers)
                    if number >= 0:  # the first round only warms up
                        found[kind].append(rate)
                if number >= 0:
                    body = {"version": version}
                    part = ids[number * APPROVALS : (number + 1) * APPROVALS]
                    calls = [Call("POST", f"{path}/{id}/transitions/approve", body) for id in part]
                    found["approve"].append(per_processor_second(web, url, calls, manager))
            floor = found["bare ORM list"]
            requests += [
                (f"{name}: {kind}", middle(rates), f"{ratio(rates, floor):.0%}")
                for kind, rates in found.items()
            ]
            memory += [(name, f"{megabytes(web):.0f}", f"{megabytes(worker):.0f}")]
    return (
        table(["", "requests per processor second", "of the bare ORM list"], requests),
        table(["megabytes after the load", "web", "worker"], memory),
    )
