"""`python -m suite load`: many people at once, at a planned rate, on each spike in turns.

What is planned does not wait for what is answered, so that a slow spike is asked as much as a fast one.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from suite.client import Client, accepted
from suite.errors import UserError
from suite.figures import Figures, Sample, curve, figures, invalid, spread
from suite.fixtures import start
from suite.load_table import notes, table, warnings
from suite.mixture import Mixture
from suite.moments import moments
from suite.plan import satisfying, way_to, ways
from suite.processes import Use, database_named, watched
from suite.seed import seed
from suite.site import Site
from suite.spike import Spike, procfile, surroundings
from suite.target import VARIABLE, target_of
from suite.workflow_file import workflow

HERE = Path(__file__).parents[1]
PATIENCE = 10  # seconds after which nobody waits for an answer any more
WARM_UP = 30  # requests before those that count


@dataclass(frozen=True)
class Load:
    """How much is asked: so many users, each once a second, for so long, so often for each spike."""

    users: int
    seconds: int
    turns: int
    spawn_rate: float
    workers: int


@dataclass(frozen=True)
class Turn:
    """One spike under load, once; `invalid` says why its figures say nothing of the spike."""

    framework: str
    number: int
    samples: list[Sample]
    invalid: list[str]
    busy: float
    used: dict[str, Use]
    database: str


def load(names: list[str], wanted: Load, into: str, console: Console) -> bool:
    """Ask the spikes in turns, and say what came of it; whether all was answered and all runs say something.

    With `into` the figures and the curves are written there.
    """
    if min(wanted.users, wanted.seconds, wanted.turns, wanted.workers, wanted.spawn_rate) <= 0:
        raise UserError("Users, seconds, turns, workers and the spawn rate are numbers above 0.")
    began = {"processors": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    turns = []
    for number in range(1, wanted.turns + 1):
        for name in names:
            turns.append(one_turn(name, number, wanted, console))
    told = as_data(names, wanted, turns) | began
    if into:
        Path(into).write_text(json.dumps(told), encoding="utf-8")
    console.print(table(told))
    for line in notes(told):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    for line in warnings(told):
        console.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
    return not any(turn.invalid or any(x.failure for x in turn.samples) for turn in turns)


def one_turn(name: str, number: int, wanted: Load, console: Console) -> Turn:
    """Start a spike as for the suite, make what will be asked for, and ask."""
    with ExitStack() as stack:
        status = stack.enter_context(console.status(""))

        def say(what: str) -> None:
            status.update(f"{name}, turn {number} of {wanted.turns}: {what}")

        say("starting")
        aim_at(name)
        site = start(name, stack, many=True)
        stack.callback(site.close)
        try:
            planned = prepare(site, wanted, say)
            spike = as_in_production(site, wanted.workers)
            warm_up(site)
        except (AssertionError, httpx.HTTPError) as error:
            raise UserError(
                f"{name} could not be prepared: {error}\nMake `twinspike check {name}` green first."
            ) from None
        say(f"{wanted.users} users for {wanted.seconds} s")
        leaders = {kind: spike.running[kind].pid for kind in ("web", "worker")}
        address = spike.environment["DATABASE_URL"]
        with watched(leaders, address) as used:
            answer = generate(planned)
        samples = [Sample(**sample) for sample in answer["samples"]]
        busy = answer["busy"]
        found = invalid(samples, busy)
        return Turn(name, number, samples, found, busy, used, database_named(address))


def aim_at(name: str) -> None:
    """Let the workflow be what this spike has to do by now; what was remembered of another one is forgotten."""
    os.environ[VARIABLE] = str(target_of(name))
    for remembered in (workflow, satisfying, ways, way_to):
        remembered.cache_clear()


def prepare(site: Site, wanted: Load, say: Callable[[str], None]) -> dict[str, Any]:
    """Sign people in and make the records; the plan for the generator: who asks what at which moment."""
    say("making the demo records")
    site.add_named()
    seed(site.flow, site.url, site.password, say)
    mixture = Mixture(site)
    planned = moments(wanted.users, wanted.seconds, wanted.spawn_rate, mixture.kinds)
    asks = mixture.asks(Counter(moment.kind for moment in planned), say)
    callers: dict[Client, int] = {}
    requests = []
    for moment in planned:
        client, method, path, body = next(asks[moment.kind])
        caller = callers.setdefault(client, len(callers))
        sent = None if body is None else json.dumps(body)
        told = {"caller": caller, "method": method, "path": path, "body": sent}
        requests.append({**asdict(moment), **told})
    return {
        "url": site.url,
        "users": wanted.users,
        "spawn_rate": wanted.spawn_rate,
        "seconds": wanted.seconds,
        "patience": PATIENCE,
        "callers": [headers(client) for client in callers],
        "requests": requests,
    }


def as_in_production(site: Site, workers: int) -> Spike:
    """Start the spike's processes once more, outside debug, with fresh memory and so many web processes."""
    spike = site.spike
    if spike is None:
        raise UserError("The load needs a spike that the suite has started.")
    for kind in ("web", "worker"):
        spike.restart(kind, DEBUG="0", WEB_CONCURRENCY=str(workers))
    spike.wait(spike.running["web"])
    return spike


def warm_up(site: Site) -> None:
    """Let the new processes read and open what they need; what everybody pays once is not measured."""
    for _ in range(WARM_UP):
        accepted(site.admin.records())


def headers(client: Client) -> dict[str, str]:
    """What a person's or a service's requests have in common."""
    found = {"Content-Type": "application/json"}
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.http.cookies.jar)
    if cookies:
        found |= {"Cookie": cookies, "X-CSRF-Token": client.csrf or ""}
    if "Authorization" in client.http.headers:
        found["Authorization"] = client.http.headers["Authorization"]
    return found


def generate(planned: dict[str, Any]) -> dict[str, Any]:
    """Let the generator ask as planned; its samples, and the share of a processor that it used."""
    with tempfile.TemporaryDirectory(prefix="load-") as home:
        told, found = Path(home) / "plan.json", Path(home) / "found.json"
        told.write_text(json.dumps(planned), encoding="utf-8")
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "suite.generator", str(told), str(found)],
            cwd=HERE,
            env=surroundings(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not found.exists():
            last = [line for line in done.stderr.splitlines() if line.strip()][-2:]
            raise UserError("Locust did not run:\n" + "\n".join(last))
        return dict(json.loads(found.read_text(encoding="utf-8")))


def as_data(names: list[str], wanted: Load, turns: list[Turn]) -> dict[str, Any]:
    """All that was found, for programs: the figures of each spike and of each turn, and the curves."""
    mixture = Counter(sample.kind for sample in turns[0].samples)
    spikes = {}
    for name in names:
        own = [turn for turn in turns if turn.framework == name]
        valid = [turn for turn in own if not turn.invalid]
        spikes[name] = {
            **summary(valid or own, wanted),
            "valid": len(valid),
            "web": procfile(name).get("web", ""),
            "worker": procfile(name).get("worker", ""),
            "database": own[0].database,
            "turns": [
                {
                    "number": turn.number,
                    **summary([turn], wanted),
                    "invalid": turn.invalid,
                    "busy": round(turn.busy, 2),
                    "curve": curve(turn.samples, wanted.seconds),
                    "spread": spread(turn.samples),
                }
                for turn in own
            ],
        }
    shares = {kind: round(n / mixture.total(), 3) for kind, n in mixture.most_common()}
    return {**asdict(wanted), "patience": PATIENCE, "mixture": shares, "spikes": spikes}


def summary(turns: list[Turn], wanted: Load) -> dict[str, Any]:
    """The figures of some turns of a spike together, with what its processes used."""
    found: Figures = figures([turn.samples for turn in turns], wanted.seconds)
    used = {}
    for kind in ("web", "worker"):
        of_kind = [turn.used[kind] for turn in turns]
        used[kind] = {
            "processor_ms": round(1000 * sum(x.processor for x in of_kind) / found.requests, 2),
            "memory_mb": round(max(use.memory for use in of_kind)),
            "processes": max(use.processes for use in of_kind),
            "threads": max(use.threads for use in of_kind),
            "connections": max(use.connections for use in of_kind),
        }
    return {**asdict(found), "failed": found.failed, "used": used}
