"""What was measured: the acceptance results by area, and the day's record of changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

RESULTS = ("acceptance/results", "results")
RECORD = "evidence.jsonl"


@dataclass(frozen=True, slots=True)
class Result:
    """How many acceptance tests of one area passed and failed."""

    passed: int
    failed: int


@dataclass(frozen=True, slots=True)
class Done:
    """One change in one framework that has ended: what the day's record says, None where it does not.

    `minutes` is worked time, `lines` those added and deleted together, `lights` how many runs had each
    colour. `skipped` says why it was left out, where it was; `answered` whether the answer key was used.
    """

    change: str
    framework: str
    title: str = ""
    by: str = ""
    minutes: float | None = None
    lines: int | None = None
    files: int | None = None
    green: bool | None = None
    area: str = ""
    lights: str = ""
    first: bool = False
    answered: bool = False
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How a framework's spike did under load the last time: requests a second, milliseconds, megabytes.

    A percentile is None where that many requests were not answered. Without a `valid` turn nothing counts.
    """

    framework: str
    users: int
    seconds: int
    valid: int
    planned: float | None
    achieved: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    failed: int | None
    processor: float | None
    memory: float | None


@dataclass(slots=True)
class Evidence:
    """All that was measured, and a sentence for whatever could not be read."""

    results: dict[str, dict[str, Result]] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)
    loads: dict[str, Loaded] = field(default_factory=dict)

    def size(self, framework: str, area: str) -> int | None:
        """The lines that the spike needed for the area before any change, None where nobody measured."""
        return self.sizes.get(framework, {}).get(area)

    def of_area(self, area: str) -> list[Done]:
        """The changes that exercised the area."""
        return [done for done in self.done if done.area == area]

    def result(self, framework: str, area: str) -> Result | None:
        """The acceptance result of an area; None where nothing was measured."""
        return self.results.get(framework, {}).get(area)


def gather(root: Path, frameworks: list[str]) -> Evidence:
    """What was measured in this copy; never fails, and says what it could not read."""
    changes = sorted(root.glob("changes/[0-9][0-9]-*"))
    evidence = Evidence(planned=[path.stem for path in changes if path.suffix in (".yml", ".md")])
    for framework in frameworks:
        paths = [root / folder / f"{framework}.json" for folder in RESULTS]
        path = next((path for path in paths if path.is_file()), None)
        if path is not None:
            read_results(path, framework, evidence)
    path = root / RECORD
    if path.is_file():
        read_record(path, evidence)
    return evidence


def read_results(path: Path, framework: str, evidence: Evidence) -> None:
    """Add the acceptance results of one framework."""
    try:
        data = json.loads(path.read_bytes())
        if isinstance(data, dict) and data.get("trouble"):
            evidence.troubles.append(f"The suite says of {framework}: {data['trouble']}")
        evidence.results[framework] = results_in(data)
    except (OSError, ValueError, RecursionError) as error:
        evidence.troubles.append(f"{path.parent.name}/{path.name} could not be read: {error}")


def results_in(data: Any) -> dict[str, Result]:
    """The counts by area; raises `ValueError` for anything else."""
    if isinstance(data, dict) and isinstance(data.get("areas"), dict):
        data = data["areas"]
    if not isinstance(data, dict):
        raise ValueError("expected counts by area")
    found = {}
    for area, counts in data.items():
        if isinstance(counts, dict) and {"passed", "failed"} <= counts.keys():
            found[area] = Result(count(counts["passed"]), count(counts["failed"]))
    if not found:
        raise ValueError("expected `passed` and `failed` for at least one area")
    return found


def count(value: Any) -> int:
    """The value as a number of tests; raises `ValueError` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a number of tests")
    return value


def read_record(path: Path, evidence: Evidence) -> None:
    """Add the changes of the day's record, one JSON object a line; for each change the last line counts."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        evidence.troubles.append(f"{path.name} could not be read: {error}")
        return
    latest: dict[tuple[str, str], Done] = {}
    answered: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            done = done_in(data)
            note_size(data, evidence)
            note_answer(data, answered)
            note_load(data, evidence)
        except (ValueError, RecursionError) as error:
            evidence.troubles.append(f"{path.name}, line {number}: left out, {error}")
            continue
        if done is not None:
            latest.pop((done.change, done.framework), None)
            latest[done.change, done.framework] = done
    evidence.done = [
        replace(done, answered=True) if (done.change, done.framework) in answered else done
        for done in sorted(latest.values(), key=lambda done: (done.change, done.framework))
    ]


def note_size(data: dict[str, Any], evidence: Evidence) -> None:
    """Add the lines by area that a spike had in the morning, if the line tells them."""
    lines, framework = data.get("lines"), data.get("framework")
    if data.get("event") == "morning" and isinstance(lines, dict) and isinstance(framework, str):
        known = {str(a): n for a, n in lines.items() if isinstance(n, int)}
        evidence.sizes.setdefault(framework, known)


def note_answer(data: dict[str, Any], answered: set[tuple[str, str]]) -> None:
    """Add the change and framework whose answer key went into the code, if the line tells of one."""
    if data.get("event") == "answer" and data.get("applied") is True:
        answered.add((str(data.get("change")), str(data.get("framework"))))


def note_load(data: dict[str, Any], evidence: Evidence) -> None:
    """Take the line for how a spike did under load, if it tells that; the last one counts."""
    framework = data.get("framework")
    if data.get("event") != "load" or not isinstance(framework, str):
        return
    used = data.get("used")
    kinds = (
        [each for each in used.values() if isinstance(each, dict)] if isinstance(used, dict) else []
    )
    evidence.loads[framework] = Loaded(
        framework=framework,
        users=whole(number_in(data, "users")) or 0,
        seconds=whole(number_in(data, "seconds")) or 0,
        valid=whole(number_in(data, "valid")) or 0,
        planned=number_in(data, "planned"),
        achieved=number_in(data, "achieved"),
        p50=number_in(data, "p50"),
        p95=number_in(data, "p95"),
        p99=number_in(data, "p99"),
        failed=whole(number_in(data, "failed")),
        processor=_sum(kinds, "processor_ms"),
        memory=_sum(kinds, "memory_mb"),
    )


def _sum(kinds: list[dict[str, Any]], name: str) -> float | None:
    """The sum over the kinds of processes; None where one does not tell it."""
    known = [value for each in kinds if (value := number_in(each, name)) is not None]
    return sum(known) if known and len(known) == len(kinds) else None


def done_in(data: Any) -> Done | None:
    """One finished change, None for a line about something else; raises `ValueError` if it is neither."""
    if not isinstance(data, dict):
        raise ValueError("it is not an object")
    event = data.get("event", "done")
    if event not in ("done", "skip"):
        return None
    change, framework = data.get("change"), data.get("framework", data.get("spike"))
    if not isinstance(change, str | int) or not isinstance(framework, str):
        raise ValueError("it does not name a change and a framework")
    by = data.get("by", "")
    return Done(
        change=str(change),
        framework=framework,
        title=str(data.get("title") or ""),
        by=", ".join(map(str, by)) if isinstance(by, list) else str(by or ""),
        minutes=number_in(data, "minutes"),
        lines=whole(number_in(data, "lines")),
        files=whole(number_in(data, "files")),
        green=data["green"] if isinstance(data.get("green"), bool) else None,
        area=str(data.get("area") or ""),
        lights=lights_in(data.get("lights")),
        first=data.get("first") is True,
        answered=data.get("answered") is True,
        skipped=(str(data.get("why") or "") or "no reason given") if event == "skip" else "",
    )


def lights_in(value: Any) -> str:
    """How many runs had each colour, as in `3 red, 1 green`."""
    if not isinstance(value, dict):
        return ""
    return ", ".join(
        f"{value[colour]} {colour}"
        for colour in ("red", "amber", "green")
        if isinstance(value.get(colour), int) and value[colour] > 0
    )


def number_in(data: Mapping[str, Any], name: str) -> float | None:
    """A number that is not negative; a mapping or list of numbers is summed or counted."""
    value = data.get(name)
    if isinstance(value, dict):
        value = sum(v for v in value.values() if isinstance(v, int) and not isinstance(v, bool))
    if isinstance(value, list):
        value = len(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        return None
    return float(value)


def whole(value: float | None) -> int | None:
    """The number without a fraction."""
    return None if value is None else round(value)
