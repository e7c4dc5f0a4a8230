"""`twinspike load`: both spikes under a planned load, in turns; a page with the curves, and an event in the record."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinspike.console import counted, say
from twinspike.day import curves, record
from twinspike.day.folder import day_folder, write_whole
from twinspike.run.suite import run_suite
from twinspike.scorecard.areas import FILE_NAME, load_plan
from twinspike.templating import render

PAGE = "load.html"


@dataclass(frozen=True)
class Wanted:
    """How much is asked: so many users, each once a second, for so many seconds, so often for each spike."""

    users: int
    seconds: int
    turns: int
    spawn_rate: float
    workers: int

    def options(self) -> list[str]:
        """The same as options of `python -m suite load`."""
        named = {
            "--users": self.users,
            "--seconds": self.seconds,
            "--turns": self.turns,
            "--spawn-rate": self.spawn_rate,
            "--workers": self.workers,
        }
        return [part for name, value in named.items() for part in (name, str(value))]


def load(
    copy: Path, spikes: list[str], wanted: Wanted, *, to_stderr: bool = False
) -> tuple[bool, dict[str, Any]]:
    """Put the spikes under load, all when none is named: whether all was answered and valid, and what was found.

    Writes the page and an event for each spike. What was found is empty when the suite said why there is nothing.
    """
    plan = load_plan(copy / FILE_NAME)
    file = day_folder(copy) / "load.json"
    file.unlink(missing_ok=True)
    options = [*wanted.options(), "--into", str(file)]
    code = run_suite(copy, "load", spikes, *options, to_stderr=to_stderr, group="load")
    if not file.is_file():
        return False, {}
    told = json.loads(file.read_text(encoding="utf-8"))
    for name, spike in told["spikes"].items():
        record.add(copy, "load", **event(name, spike, told))
    titles = {framework.name: framework.title for framework in plan.frameworks}
    path = write_whole(copy / PAGE, html(plan.project, titles, told))
    path.chmod(0o644)
    if not to_stderr:
        say(f"Wrote {path.name}, with the curves; the review shows the figures.")
    return code == 0, told


def event(name: str, spike: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """What the record keeps of a spike under load: the figures, without the curves and the turns."""
    wanted = {key: told[key] for key in ("users", "seconds", "workers", "processors")}
    found = {key: value for key, value in spike.items() if key not in ("turns", "web", "worker")}
    return {"framework": name, **wanted, "turns": len(spike["turns"]), **found}


def html(project: str, titles: dict[str, str], told: dict[str, Any]) -> str:
    """The page: figures, and the curves of the spikes beside each other on the same scales."""
    return render(
        "day/templates/load.html.jinja",
        project=project,
        told=told,
        titles=titles,
        charts=[
            (heading, why, {name: draw(told, name) for name in told["spikes"]})
            for heading, why, draw in curves.CHARTS
        ],
        milliseconds=curves.milliseconds,
        parts=parts,
    )


def parts(used: dict[str, Any]) -> str:
    """How many processes, threads and connections there were at the most."""
    each = [(used[f"{name}s"], name) for name in ("thread", "connection")]
    processes = f"{used['processes']} process{'' if used['processes'] == 1 else 'es'}"
    return ", ".join([processes, *(counted(number, name) for number, name in each)])
