"""`python -m suite check`: the tests against each spike, side by side, and what came of it by area."""

import json
import os
import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from suite.errors import UserError
from suite.fixtures import OWN_KEYWORD
from suite.running import RUNNING, kept_spike
from suite.spike import LIFELINE, RESULTS, python
from suite.workflow_file import workflow as read_workflow
from suite.workflow_language import AREAS

HERE = Path(__file__).parents[1]
SHOWN_FAILURES = 12


@dataclass
class Run:
    """The tests against one spike, and how far they are."""

    spike: str
    began: float = field(default_factory=time.monotonic)
    stage: str = "starting"
    total: int = 0
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: str = ""
    code: int | None = None
    seconds: float = 0

    def take(self, event: dict[str, Any]) -> None:
        """Take an event of the plugin in `fixtures.py` into account."""
        match event["event"]:
            case "stage":
                self.stage = event["text"]
            case "collected":
                self.total = event["count"]
            case "trouble":
                self.trouble = event["text"]
            case "test":
                known = self.outcomes.get(event["test"])
                if known is None or known["outcome"] != "failed":
                    self.outcomes[event["test"]] = event

    def count(self, outcome: str, area: str | None = None) -> int:
        """How many tests had the outcome, in one area or in all."""
        return sum(
            each["outcome"] == outcome and area in (None, each["area"])
            for each in list(self.outcomes.values())  # more may arrive meanwhile
        )

    @property
    def green(self) -> bool:
        """Whether every test was run and passed."""
        return self.code == 0 and not self.trouble and self.count("passed") > 0

    def results(self) -> dict[str, Any]:
        """What is written to `results/<spike>.json`."""
        failures = [each for each in self.outcomes.values() if each["outcome"] == "failed"]
        return {
            "spike": self.spike,
            "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "seconds": round(self.seconds, 1),
            "green": self.green,
            "trouble": self.trouble,
            "passed": self.count("passed"),
            "failed": self.count("failed"),
            "areas": {
                area: {
                    "passed": self.count("passed", area),
                    "failed": self.count("failed", area),
                    "failures": [
                        {"test": each["test"], "reason": each["reason"]}
                        for each in failures
                        if each["area"] == area
                    ],
                }
                for area in areas([self])
            },
        }


def areas(runs: list[Run]) -> list[str]:
    """The areas that have tests, in the scorecard's order; a team's own tests come last."""
    found = {each["area"] for run in runs for each in run.outcomes.values()}
    return [area for area in (*AREAS, "own") if area in found]


def check(
    spikes: list[str],
    only: str,
    base_url: str,
    password: str,
    workflow: str,
    console: Console,
    *,
    tests: str = "",
    outcomes: str = "",
    running: bool = False,
) -> bool:
    """Test the spikes, show progress and the table by area; whether all is green.

    `only` is pytest's expression for -k, in which `own` means the team's tests; `tests` is a file with the
    tests to run, one a line. With `running` a spike that `watch` keeps is tested as it is. Writes
    `results/<spike>.json` of a complete run, and each test's outcome to the file `outcomes`, if named.
    """
    runs = [Run(spike) for spike in spikes]
    arguments = ["-k", re.sub(r"\bown\b", OWN_KEYWORD, only)] if only else []
    if tests:
        # As one word: pytest would take a path that stands alone for a folder of tests.
        arguments.append(f"--tests={Path(tests).resolve()}")
    if base_url:
        arguments += ["--base-url", base_url, "--password", password]
    if workflow:
        if not Path(workflow).is_file():
            raise UserError(f"--workflow {workflow}: there is no such file.")
        os.environ["SUITE_WORKFLOW"] = str(Path(workflow).resolve())
    read_workflow()  # says at once what is wrong with the file
    processes: list[subprocess.Popen[bytes]] = []
    try:
        threads = [
            _start(run, arguments, processes, kept_spike(run.spike) if running else "")
            for run in runs
        ]
        with Live(console=console, refresh_per_second=8, transient=True) as live:
            while any(thread.is_alive() for thread in threads):
                live.update(_progress(runs))
                time.sleep(0.12)
    except BaseException:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
        raise
    for run in runs:
        if not only and not tests:
            write(run)
    if outcomes:
        told = {run.spike: {**run.results(), "tests": run.outcomes} for run in runs}
        Path(outcomes).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    show(runs, console)
    return all(run.green for run in runs)


def _start(
    run: Run, arguments: list[str], processes: list[subprocess.Popen[bytes]], running: str
) -> threading.Thread:
    reading, writing = os.pipe()
    lifeline, ours = os.pipe()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603
            [python(), "-m", "pytest", "-q", "--tb=short", "--spike", run.spike, *arguments],
            cwd=HERE,
            env=_environment()
            | {"SUITE_EVENTS": str(writing), LIFELINE: str(lifeline)}
            | ({RUNNING: running} if running else {}),
            pass_fds=[writing, lifeline],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        kept = os.dup(output.fileno())
    os.close(writing)
    os.close(lifeline)
    processes.append(process)

    def follow() -> None:
        with os.fdopen(reading, encoding="utf-8") as events:
            for line in events:
                run.take(json.loads(line))
        run.code = process.wait()
        os.close(ours)
        run.seconds = time.monotonic() - run.began
        with os.fdopen(kept, "rb") as said:
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{run.spike}.txt").write_text(text, encoding="utf-8")
        if run.code not in (0, 1) and not run.trouble:
            ended = {5: "No test fits.", 2: "The run was interrupted."}
            run.trouble = ended.get(run.code) or "\n".join(text.strip().splitlines()[-6:])

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    return thread


def _environment() -> dict[str, str]:
    """The environment without what would make pytest or Python judge otherwise."""
    return {n: x for n, x in os.environ.items() if not n.startswith(("PYTHON", "PYTEST"))}


def write(run: Run) -> None:
    """Write the results of a run, whole or not at all."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{run.spike}.json"
    beside = path.with_suffix(".json.new")
    beside.write_text(
        json.dumps(run.results(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    beside.replace(path)


def _progress(runs: list[Run]) -> Table:
    table = Table.grid(padding=(0, 2))
    for run in runs:
        done = len(run.outcomes)
        failed = run.count("failed")
        stage = run.stage if run.stage != "testing" else f"{done} of {run.total}"
        seconds = (run.seconds or time.monotonic() - run.began) if run.code is None else run.seconds
        width = 24
        filled = width * done // run.total if run.total and run.stage == "testing" else 0
        table.add_row(
            run.spike,
            Text("━" * filled, "red" if failed else "green") + Text("━" * (width - filled), "dim"),
            stage,
            Text(f"{failed} failed", "red") if failed else Text(""),
            Text(f"{seconds:.0f} s", "dim"),
        )
    return table


def show(runs: list[Run], console: Console) -> None:
    """Print the areas side by side, and below them the failures in a line each."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("Area")
    for run in runs:
        table.add_column(run.spike, justify="right")
    for area in areas(runs):
        cells = [_cell(run.count("passed", area), run.count("failed", area)) for run in runs]
        table.add_row(area.replace("_", " "), *cells)
    table.add_row("all", *(_cell(run.count("passed"), run.count("failed")) for run in runs))
    table.add_row("seconds", *(f"{run.seconds:.0f}" for run in runs))
    console.print(Group(Text(""), table))
    for run in runs:
        failures = [each for each in run.outcomes.values() if each["outcome"] == "failed"]
        if run.trouble or failures:
            console.print(f"\n[bold]{run.spike}[/bold]")
        if run.trouble:
            console.print(escape(run.trouble), style="red", highlight=False)
        for each in failures[:SHOWN_FAILURES]:
            name = each["test"].rpartition("::")[2]
            console.print(f"[red]✗[/red] {escape(name)}", highlight=False)
            console.print(f"  {escape(each['reason'])}", highlight=False, style="dim")
        if len(failures) > SHOWN_FAILURES:
            console.print(f"  and {len(failures) - SHOWN_FAILURES} more")
        if run.trouble or failures:
            console.print(
                f"  Everything: results/{run.spike}.txt; the spike's log: results/{run.spike}.log",
                highlight=False,
                style="dim",
            )


def _cell(passed: int, failed: int) -> Text:
    if not passed and not failed:
        return Text("–", "dim")
    if failed:
        return Text(f"{failed} of {passed + failed} red", "bold red")
    return Text(f"{passed} green", "green")
