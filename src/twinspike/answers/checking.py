"""What is wrong with each answer; what a workflow says is checked in `workflow`."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

from twinspike.answers.questions import choices, questions
from twinspike.files.mistakes import suggestion
from twinspike.templating import macro


def mistakes(answers: dict[str, Any]) -> list[str]:
    """A line for each wrong answer, with what is allowed."""
    known = questions()
    found = [
        f"{key}: is not a question; {suggestion(key, known, 'questions')}."
        for key in answers
        if key not in known and not key.startswith("_")
    ]
    for question, check in _CHECKS.items():
        if question in answers:
            found += [f"{question}: {problem}" for problem in check(answers[question])]
    if answers.get("containers") is True and answers.get("database") == "sqlite":
        found.append("containers: need a server; write database: postgresql.")
    return found + _workflow(answers)


def in_yaml(value: Any) -> str:
    """A value as a YAML file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _project_name(value: Any) -> list[str]:
    if not isinstance(value, str):
        return [f"{in_yaml(value)} is not a text; put it in quotes."]
    return _by_macro("check_line", value, 80)


def _frameworks(value: Any) -> list[str]:
    allowed = choices("frameworks")
    remedy = f"write [{', '.join(allowed)}] or one of them."
    if not isinstance(value, list):
        return [f"'{in_yaml(value)}' is not a list; {remedy}"]
    if not value:
        return [f"the list is empty; {remedy}"]
    return [problem for name in value for problem in _not_among(name, allowed)]


def _scenario(value: Any) -> list[str]:
    return _not_among(value, choices("scenario"))


def _database(value: Any) -> list[str]:
    return _not_among(value, choices("database"))


def _queue(value: Any) -> list[str]:
    return _not_among(value, choices("queue"))


def _ci(value: Any) -> list[str]:
    return _not_among(value, choices("ci"))


def _containers(value: Any) -> list[str]:
    return [] if isinstance(value, bool) else [f"'{in_yaml(value)}' is neither true nor false."]


def _team(value: Any) -> list[str]:
    return _by_macro("check_team", value) or _same_names(value)


def _same_names(team: list[str] | str) -> list[str]:
    """Names that look alike and would be one file on some disks: in other forms of Unicode."""
    seen: dict[str, str] = {}
    names: list[str] = json.loads(macro("check_answers.jinja", "names_in", team))
    return [
        f"'{name}' is there twice (as '{first}', in another form of Unicode)."
        for name in names
        if (first := seen.setdefault(unicodedata.normalize("NFKC", name).casefold(), name)) != name
    ]


def _weights(value: Any) -> list[str]:
    return _by_macro("check_weights", value)


def _date(value: Any) -> list[str]:
    return _by_macro("check_date", in_yaml(value))


_CHECKS = {
    "project_name": _project_name,
    "frameworks": _frameworks,
    "scenario": _scenario,
    "database": _database,
    "queue": _queue,
    "ci": _ci,
    "containers": _containers,
    "team": _team,
    "weights": _weights,
    "date": _date,
}


def _workflow(answers: dict[str, Any]) -> list[str]:
    scenario = answers.get("scenario")
    if "workflow" not in answers:
        if scenario == "own":
            return ["scenario: is own, but there is no workflow; give it by --workflow FILE."]
    elif scenario != "own":
        return [
            f"workflow: is given, but the scenario is {in_yaml(scenario)}; write scenario: own."
        ]
    return []


def _by_macro(check: str, *values: Any) -> list[str]:
    problem = macro("check_answers.jinja", check, *values)
    return [f"{problem.rstrip('. ')}."] if problem else []


def _not_among(value: Any, allowed: Sequence[str]) -> list[str]:
    if isinstance(value, str) and value in allowed:
        return []
    hint = suggestion(in_yaml(value), allowed, "words")
    more = "" if hint.startswith("the ") else f" ({', '.join(allowed)})"
    return [f"'{in_yaml(value)}' is not one; {hint}{more}"]
