"""Running the tests of a change: which are its own, and what colour a run has."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinspike.day.folder import day_folder, write_whole
from twinspike.errors import UserError
from twinspike.run.suite import run_suite

RED, AMBER, GREEN = "red", "amber", "green"


@dataclass(frozen=True)
class Run:
    """One run of the suite against one spike: each test's outcome, and why there is none."""

    spike: str
    outcomes: dict[str, str] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""
    seconds: float = 0

    @property
    def light(self) -> str:
        """Red when a test failed, amber when the spike did not start or no test ran, else green."""
        if self.trouble or not self.outcomes:
            return AMBER
        return RED if self.failed else GREEN

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(outcome == "passed" for outcome in self.outcomes.values())

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(outcome == "failed" for outcome in self.outcomes.values())

    def of(self, tests: list[str]) -> "Run":
        """The part of the run that these tests are."""
        chosen = set(tests)
        return Run(
            self.spike,
            {test: outcome for test, outcome in self.outcomes.items() if test in chosen},
            [failure for failure in self.failures if failure[0] in chosen],
            self.trouble,
            self.seconds,
        )

    def with_failures(self) -> dict[str, Any]:
        """What a program is told of it: what the record keeps, and each failure."""
        failures = [{"test": test, "reason": reason} for test, reason in self.failures]
        return {**self.as_data(), "trouble": self.trouble, "failures": failures}

    def as_data(self) -> dict[str, Any]:
        """What the record keeps of it."""
        return {
            "light": self.light,
            "passed": self.passed,
            "failed": self.failed,
            "seconds": round(self.seconds, 1),
        }


def run(copy: Path, spike: str, *options: str, to_stderr: bool = False) -> Run:
    """Run the suite against the spike, with the options of `python -m suite check`."""
    file = day_folder(copy) / f"outcomes-{spike}.json"
    file.unlink(missing_ok=True)
    run_suite(copy, "check", [spike], "--outcomes", str(file), *options, to_stderr=to_stderr)
    told = told_in(file)
    if spike not in told:
        return Run(spike, trouble="The suite did not run to its end.")
    return read(spike, told[spike])


def told_in(file: Path) -> dict[str, dict[str, Any]]:
    """What the suite has told of each spike; empty when it did not come to its end."""
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def tests_of(copy: Path, spike: str, workflow: Path | None) -> list[str]:
    """The names of the tests that this workflow gives, the spike's present target when it is None."""
    file = day_folder(copy) / f"tests-{spike}.txt"
    named = [] if workflow is None else ["--workflow", str(workflow)]
    if run_suite(copy, "tests", [spike], "--into", str(file), *named) != 0:
        raise UserError("The suite could not list its tests; `twinspike check` says why.")
    return file.read_text(encoding="utf-8").split("\n")


def read(spike: str, told: dict[str, Any]) -> Run:
    """The run that the suite has told of."""
    tests: dict[str, dict[str, Any]] = told["tests"]
    return Run(
        spike,
        {name: test["outcome"] for name, test in tests.items()},
        [(name, test["reason"]) for name, test in tests.items() if test["outcome"] == "failed"],
        told["trouble"],
        told["seconds"],
    )


def own_tests(after: Run, before: list[str], red_before: list[str]) -> list[str]:
    """The change's own tests: those which the target before had not, and those answered differently.

    `after` is a run with the new target against the spike as it is: what is red now was green by the
    target before, unless it is in `red_before`. New ones come first.
    """
    known, red_known = set(before), set(red_before)
    new = [test for test in after.outcomes if test not in known]
    changed = [
        test
        for test, outcome in after.outcomes.items()
        if outcome == "failed" and test in known and test not in red_known
    ]
    return new + changed


def keep(copy: Path, name: str, tests: list[str]) -> Path:
    """Write a list of tests, one a line, as the suite reads it; gives its path."""
    return write_whole(day_folder(copy) / f"{name}.txt", "\n".join(tests))


def kept(copy: Path, name: str) -> list[str]:
    """A list of tests that was kept; empty where there is none."""
    path = day_folder(copy) / f"{name}.txt"
    if not path.is_file():
        return []
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


def red_in_results(copy: Path, spike: str) -> list[str]:
    """The tests that were red in the last whole run of the suite."""
    try:
        told = json.loads((copy / "results" / f"{spike}.json").read_text(encoding="utf-8"))
        areas = told["areas"].values()
        return [failure["test"] for area in areas for failure in area["failures"]]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return []
