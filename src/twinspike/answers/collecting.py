"""What was given on the command line and in a data file, put together; an option wins over the file."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from twinspike.errors import UserError
from twinspike.files import yaml_file


@dataclass(frozen=True)
class Options:
    """What was given on the command line; None or empty where nothing was."""

    project_name: str | None = None
    frameworks: list[str] = field(default_factory=list)
    scenario: str | None = None
    workflow: Path | None = None
    database: str | None = None
    queue: str | None = None
    ci: str | None = None
    containers: bool | None = None
    team: list[str] = field(default_factory=list)
    weights: list[str] = field(default_factory=list)
    day: str | None = None
    data_file: Path | None = None


@dataclass
class Given:
    """The answers as they were given, and for the workflow its file and the line of each place."""

    answers: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    lines: dict[str, int] = field(default_factory=dict)


def collect(options: Options) -> Given:
    """The answers that were given. Raises `UserError` when a file or an option cannot be read."""
    given = Given()
    if options.data_file is not None:
        document = yaml_file.read(options.data_file)
        if not isinstance(document.data, dict):
            raise UserError(f"{options.data_file}: must have `question: answer` on each line.")
        if {"states", "transitions"} <= document.data.keys():
            raise UserError(
                f"{options.data_file} is a workflow, not a file of answers; "
                f"use --workflow {options.data_file}."
            )
        answers = {str(key): value for key, value in document.data.items()}
        given = Given(answers, str(options.data_file), document.lines)
    given.answers |= _from_options(options)
    if options.workflow is not None:
        if options.scenario not in (None, "own"):
            raise UserError(
                f"--workflow and --scenario {options.scenario} cannot be used together; leave one out."
            )
        add_workflow(given, options.workflow)
    if isinstance(given.answers.get("date"), date):
        given.answers["date"] = given.answers["date"].isoformat()
    team = given.answers.get("team")
    if isinstance(team, list):
        given.answers["team"] = [_composed(name) for name in team]
    elif isinstance(team, str):
        given.answers["team"] = _composed(team)
    if "workflow" in given.answers:
        given.answers.setdefault("scenario", "own")
    return given


def add_workflow(given: Given, file: Path) -> None:
    """Take the workflow from the file. Raises `UserError` when it cannot be read."""
    document = yaml_file.read(file)
    given.answers |= {"workflow": document.data, "scenario": "own"}
    given.source = str(file)
    given.lines = {f"workflow.{place}": line for place, line in document.lines.items()}


def _from_options(options: Options) -> dict[str, Any]:
    found = {
        "project_name": options.project_name,
        "frameworks": _split(options.frameworks),
        "scenario": options.scenario,
        "database": options.database,
        "queue": options.queue,
        "ci": options.ci,
        "containers": options.containers,
        "team": _split(options.team),
        "weights": _weights(options.weights),
        "date": options.day,
    }
    return {question: answer for question, answer in found.items() if answer not in (None, [], {})}


def _composed(name: object) -> object:
    """A name with each letter and its marks as one character, as most keyboards type it."""
    return unicodedata.normalize("NFC", name) if isinstance(name, str) else name


def _split(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _weights(values: list[str]) -> dict[str, Any]:
    weights: dict[str, Any] = {}
    for pair in _split(values):
        area, equals, number = pair.partition("=")
        if not equals:
            raise UserError(f"--weights {pair}: write area=number, as in data_model=2.")
        if area.strip() in weights:
            raise UserError(f"--weights: {area.strip()} is there twice; give it once.")
        weights[area.strip()] = int(number) if number.strip().isdecimal() else number.strip()
    return weights
