"""The answers that a copy is made from: from options and a file, refused by name when they are wrong."""

from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from twinspike.errors import UserError
from twinspike.paths import scenarios
from twinspike.rendering import macro
from twinspike.workflow import loading
from twinspike.workflow.check import check
from twinspike.workflow.mistakes import Mistake, suggestion

QUESTIONS = (
    "project_name",
    "frameworks",
    "scenario",
    "workflow",
    "database",
    "team",
    "weights",
    "date",
)
FRAMEWORKS = ("django", "fastapi")
DATABASES = ("sqlite", "postgresql")
AREAS = (
    "sign_in_and_permissions",
    "data_model",
    "staff_screens",
    "approval_workflow",
    "follow_ups_and_api",
    "audit_and_export",
    "next_months",
)


@dataclass(frozen=True)
class Options:
    """What was given on the command line; None or empty where nothing was."""

    project_name: str | None = None
    frameworks: list[str] = field(default_factory=list)
    scenario: str | None = None
    workflow: Path | None = None
    database: str | None = None
    team: list[str] = field(default_factory=list)
    weights: list[str] = field(default_factory=list)
    date: str | None = None
    data_file: Path | None = None


def collect(options: Options) -> dict[str, Any]:
    """The answers that were given, all of them good; an option wins over the data file.

    Raises `UserError` that names each wrong answer and what is allowed.
    """
    answers: dict[str, Any] = {}
    lines: dict[str, int] = {}
    if options.data_file is not None:
        document = loading.read(options.data_file)
        if not isinstance(document.data, dict):
            raise UserError(f"{options.data_file}: must have `question: answer` on each line.")
        answers = {str(key): value for key, value in document.data.items()}
        lines = document.lines
    source = str(options.data_file or "")
    if options.project_name is not None:
        answers["project_name"] = options.project_name
    if options.frameworks:
        answers["frameworks"] = _split(options.frameworks)
    if options.scenario is not None:
        answers["scenario"] = options.scenario
    if options.database is not None:
        answers["database"] = options.database
    if options.team:
        answers["team"] = _split(options.team)
    if options.weights:
        answers["weights"] = _weights(options.weights)
    if options.date is not None:
        answers["date"] = options.date
    if options.workflow is not None:
        if options.scenario not in (None, "own"):
            raise UserError(
                f"--workflow and --scenario {options.scenario} exclude each other; give one of them."
            )
        document = loading.read(options.workflow)
        answers |= {"workflow": document.data, "scenario": "own"}
        source = str(options.workflow)
        lines = {f"workflow.{place}": line for place, line in document.lines.items()}
    mistakes = [*_wrong(answers), *_wrong_workflow(answers, source, lines)]
    if mistakes:
        raise UserError("\n".join(mistakes))
    if isinstance(answers.get("weights"), dict):
        answers["weights"] = {area: answers["weights"].get(area, 1) for area in AREAS}
    if "workflow" in answers:
        answers["scenario"] = "own"
    return answers


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


def _wrong(answers: dict[str, Any]) -> list[str]:
    mistakes = [
        f"{key}: is no question; {suggestion(key, QUESTIONS, 'questions')}."
        for key in answers
        if key not in QUESTIONS and not key.startswith("_")
    ]
    if "project_name" in answers:
        name = answers["project_name"]
        problem = (
            macro("check_answers.jinja", "check_line", name, 80)
            if isinstance(name, str)
            else f"{_yaml(name)} is no text; put it in quotes"
        )
        mistakes += [f"project_name: {problem}."] if problem else []
    if "frameworks" in answers:
        mistakes += _wrong_frameworks(answers["frameworks"])
    if "scenario" in answers:
        mistakes += _not_among("scenario", answers["scenario"], [*scenarios(), "own"])
    if "database" in answers:
        mistakes += _not_among("database", answers["database"], DATABASES)
    if "team" in answers:
        mistakes += _by_macro("team", "check_team", answers["team"])
    if "weights" in answers:
        weights = answers["weights"]
        if isinstance(weights, dict):
            weights = {**dict.fromkeys(AREAS, 1), **weights}
        mistakes += _by_macro("weights", "check_weights", weights)
    if "date" in answers:
        mistakes += _by_macro("date", "check_date", _yaml(answers["date"]))
        answers["date"] = _yaml(answers["date"])
    return mistakes


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _by_macro(question: str, check_name: str, value: Any) -> list[str]:
    problem = macro("check_answers.jinja", check_name, value)
    return [f"{question}: {problem.rstrip('. ')}."] if problem else []


def _not_among(question: str, value: Any, allowed: tuple[str, ...] | list[str]) -> list[str]:
    if value in allowed and isinstance(value, str):
        return []
    hint = suggestion(_yaml(value), allowed, "words")
    more = "" if hint.startswith("the ") else f" ({', '.join(allowed)})"
    return [f"{question}: '{_yaml(value)}' is not one; {hint}{more}"]


def _wrong_frameworks(value: Any) -> list[str]:
    if not isinstance(value, list):
        return [f"frameworks: '{_yaml(value)}' is no list; write [django, fastapi] or one of them."]
    if not value:
        return ["frameworks: the list is empty; write [django, fastapi] or one of them."]
    return [mistake for name in value for mistake in _not_among("frameworks", name, FRAMEWORKS)]


def _wrong_workflow(answers: dict[str, Any], source: str, lines: dict[str, int]) -> list[str]:
    scenario = answers.get("scenario", "own")
    if "workflow" not in answers:
        if scenario == "own" and "scenario" in answers:
            return ["scenario: is own, but there is no workflow; give it by --workflow FILE."]
        return []
    if scenario != "own":
        return [f"workflow: is given, but the scenario is {_yaml(scenario)}; write scenario: own."]
    _, mistakes = check(answers["workflow"])
    return report(source, lines, mistakes, prefix="workflow")


def report(
    source: str, lines: dict[str, int], mistakes: list[Mistake], prefix: str = ""
) -> list[str]:
    """A line for each mistake, in the order of the file: file, line, place, what is wrong, remedy."""
    found = []
    for mistake in mistakes:
        number = nearest_line(lines, ".".join(part for part in (prefix, mistake.place) if part))
        parts = (source, f"line {number}" if number else "", str(mistake))
        found.append((number or 0, ": ".join(part for part in parts if part)))
    return [text for _, text in sorted(found, key=itemgetter(0))]


def nearest_line(lines: dict[str, int], place: str) -> int | None:
    """The line of the place, or of the closest thing around it."""
    while place and place not in lines:
        cut = max(place.rfind("."), place.rfind("["))
        place = place[:cut] if cut > 0 else ""
    return lines.get(place)
