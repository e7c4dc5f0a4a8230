"""The figures of a load on the terminal."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

DASH = "–"


def table(told: dict[str, Any]) -> Table:
    """The figures, a row for each turn and one for all turns of a spike that say something."""
    found = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    found.title_justify = found.caption_justify = "left"
    found.title = f"{told['users']} users, each once a second, for {told['seconds']} s"
    found.caption = (
        "planned, achieved: requests a second; p50, p95, p99: milliseconds,\n"
        "where a request that failed is slower than any; processor: milliseconds\n"
        "a request, memory: megabytes, each of web + worker"
    )
    found.add_column()
    for name in ("planned", "achieved", "p50", "p95", "p99", "failed", "processor", "memory"):
        found.add_column(name, justify="right", no_wrap=True)
    for name, spike in told["spikes"].items():
        for number, turn in enumerate(spike["turns"], start=1):
            style = "dim strike" if turn["invalid"] else ""
            found.add_row(f"{name} {number}", *cells(turn), style=style)
        if len(spike["turns"]) > 1:
            style = "bold" if spike["valid"] else "dim strike"
            found.add_row(name, *cells(spike), style=style)
        found.add_section()
    return found


def cells(row: dict[str, Any]) -> list[str]:
    """A row of the table."""
    used = row["used"].values()
    return [
        f"{row['planned']:g}",
        f"{row['achieved']:g}",
        *(DASH if row[name] is None else f"{row[name]:.0f}" for name in ("p50", "p95", "p99")),
        str(row["failed"]),
        " + ".join(f"{each['processor_ms']:.1f}" for each in used),
        " + ".join(f"{each['memory_mb']:g}" for each in used),
    ]


def notes(told: dict[str, Any]) -> list[str]:
    """What one must know to read the table: what was asked, and of what."""
    shares = ", ".join(f"{kind} {100 * share:.0f} %" for kind, share in told["mixture"].items())
    machine = f"{told['processors']} processors, load {told['load']} at the start"
    found = [f"Asked: {shares}. The machine: {machine}."]
    for name, spike in told["spikes"].items():
        web, worker = spike["used"]["web"], spike["used"]["worker"]
        server = f"{spike['web'].split()[0]} with WEB_CONCURRENCY={told['workers']}"
        found.append(
            f"{name}: {server}, {parts(web)}; worker, {parts(worker)}; {spike['database']}."
        )
    return found


def warnings(told: dict[str, Any]) -> list[str]:
    """What failed, and which turns say nothing of the spike, and why."""
    found = []
    for name, spike in told["spikes"].items():
        for turn in spike["turns"]:
            failures = ", ".join(f"{count} {why}" for why, count in turn["failures"].items())
            if failures:
                found.append(f"{name} {turn['number']}: of {turn['requests']} requests {failures}.")
            if turn["invalid"]:
                found.append(
                    f"{name} {turn['number']} is invalid: {'; '.join(turn['invalid'])}. "
                    "Ask with fewer --users, or on a machine that has nothing else to do."
                )
    return found


def parts(used: dict[str, Any]) -> str:
    """How many processes, threads and connections to the database there were at the most."""
    names = {"processes": "processes", "threads": "threads", "connections": "database connections"}
    return ", ".join(f"{said} {used[name]}" for name, said in names.items())
