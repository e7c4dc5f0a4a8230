"""What is scored: the copy's `scorecard.yml`, read and checked."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from twinspike.errors import UserError
from twinspike.scorecard.values import words_of

FILE_NAME = "scorecard.yml"
TITLES = {"django": "Django", "fastapi": "FastAPI"}
MOST_PEOPLE = 1000


@dataclass(frozen=True, slots=True)
class Framework:
    """One of the frameworks tried: its name in files and the title that people read."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Area:
    """What is scored; `name` also keys the acceptance results, `scores` say what 1 to 5 mean."""

    name: str
    title: str
    weight: int
    questions: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the checklist before committing."""

    name: str
    title: str
    question: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the team agreed to score."""

    project: str
    record: str
    frameworks: tuple[Framework, ...]
    areas: tuple[Area, ...]
    checklist: tuple[Check, ...]
    team: tuple[str, ...] = ()
    day: str = ""

    @property
    def weights(self) -> dict[str, int]:
        """The weight of each area by its name."""
        return {area.name: area.weight for area in self.areas}


class PlanError(UserError):
    """What is wrong with scorecard.yml: where, the bad value, and what was expected."""

    def __init__(self, path: Path | str, where: str, problem: str) -> None:
        super().__init__(f"{path}: {where}{': ' if where else ''}{problem}")


def load_plan(path: Path) -> Plan:
    """The plan in the file; raises `PlanError` for the first thing that is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError(path, "", "there is no such file; run this inside a copy") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(path, "", f"cannot be read: {error}") from None
    return parse_plan(text, path)


def parse_plan(text: str, path: Path | str = FILE_NAME) -> Plan:
    """The plan in the text of a scorecard.yml; raises `PlanError`."""
    try:
        data = yaml.load(text, Loader=UniqueKeys)  # noqa: S506 - derives from SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        raise PlanError(path, where, str(getattr(error, "problem", None) or error)) from None
    except (ValueError, RecursionError) as error:
        raise PlanError(path, "", str(error)) from None
    return Reader(path).plan(data)


class UniqueKeys(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, where YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping as a dict; raises `yaml.YAMLError` for a key that is there twice."""
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(key_node)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key}' is there twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns YAML data into a plan, naming the file in every refusal."""

    path: Path | str

    def plan(self, data: Any) -> Plan:
        data = self.mapping(data, "")
        self.known(
            data,
            "",
            ("project", "record", "day", "frameworks", "team", "areas", "checklist"),
        )
        areas = tuple(
            self.area(item, f"areas[{index}]")
            for index, item in enumerate(self.sequence(data.get("areas"), "areas"))
        )
        checklist = tuple(
            self.check(item, f"checklist[{index}]")
            for index, item in enumerate(self.sequence(data.get("checklist") or [], "checklist"))
        )
        if not areas:
            raise PlanError(self.path, "areas", "there must be at least one")
        frameworks = self.frameworks(data.get("frameworks"))
        self.distinct([area.name for area in areas], "areas", "name")
        self.distinct([area.title for area in areas], "areas", "title")
        self.distinct([check.title for check in checklist], "checklist", "title")
        team = tuple(
            self.line(name, f"team[{index}]")
            for index, name in enumerate(self.sequence(data.get("team") or [], "team"))
        )
        if len(team) > MOST_PEOPLE:
            raise PlanError(self.path, "team", f"at most {MOST_PEOPLE} people")
        return Plan(
            project=self.line(data.get("project"), "project"),
            record=self.line(data.get("record"), "record"),
            frameworks=frameworks,
            areas=areas,
            checklist=checklist,
            team=team,
            day=str(data.get("day") or ""),
        )

    def frameworks(self, value: Any) -> tuple[Framework, ...]:
        names = self.sequence(value, "frameworks")
        for index, name in enumerate(names):
            if name not in TITLES:
                raise PlanError(
                    self.path, f"frameworks[{index}]", f"'{name}' is not one of {', '.join(TITLES)}"
                )
        if not names:
            raise PlanError(self.path, "frameworks", "there must be at least one")
        self.distinct(names, "frameworks", "name")
        return tuple(Framework(name, TITLES[name]) for name in TITLES if name in names)

    def area(self, value: Any, where: str) -> Area:
        data = self.mapping(value, where)
        self.known(data, where, ("name", "title", "weight", "questions", "scores"))
        weight = data.get("weight", 1)
        if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= 10:
            raise PlanError(
                self.path, f"{where}.weight", f"'{weight}' is not a whole number from 0 to 10"
            )
        scores = self.lines(data.get("scores"), f"{where}.scores")
        if scores and len(scores) != 5:
            raise PlanError(
                self.path, f"{where}.scores", "five sentences, one for each number from 1 to 5"
            )
        title = self.title(data.get("title"), f"{where}.title")
        return Area(
            name=self.line(data.get("name"), f"{where}.name"),
            title=title,
            weight=weight,
            questions=self.lines(data.get("questions"), f"{where}.questions"),
            scores=scores,
        )

    def check(self, value: Any, where: str) -> Check:
        data = self.mapping(value, where)
        self.known(data, where, ("name", "title", "question"))
        return Check(
            name=self.line(data.get("name"), f"{where}.name"),
            title=self.title(data.get("title"), f"{where}.title"),
            question=self.line(data.get("question"), f"{where}.question"),
        )

    def title(self, value: Any, where: str) -> str:
        title = self.line(value, where)
        if ":" in title or "：" in title or title.startswith("#"):
            raise PlanError(self.path, where, f"'{title}' must not have a colon or begin with #")
        if not any(character.isalnum() for character in title):
            raise PlanError(self.path, where, f"'{title}' has no letter in it")
        return title

    def line(self, value: Any, where: str) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise PlanError(self.path, where, f"expected one line of text, not {value!r}")
        text = str(value).strip()
        if not text or "\n" in text:
            raise PlanError(self.path, where, "expected one line of text")
        return text

    def lines(self, value: Any, where: str) -> tuple[str, ...]:
        items = self.sequence([] if value is None else value, where)
        return tuple(self.line(item, f"{where}[{index}]") for index, item in enumerate(items))

    def sequence(self, value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            raise PlanError(self.path, where, f"expected a list, not {value!r}")
        return value

    def mapping(self, value: Any, where: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise PlanError(self.path, where, f"expected `name: value` lines, not {value!r}")
        return value

    def known(self, data: Mapping[str, Any], where: str, names: tuple[str, ...]) -> None:
        for key in data:
            if key not in names:
                at = f"{where}.{key}" if where else str(key)
                raise PlanError(self.path, at, f"unknown; expected one of {', '.join(names)}")

    def distinct(self, names: list[str], where: str, what: str) -> None:
        seen: set[str] = set()
        for name in names:
            if words_of(name) in seen:
                raise PlanError(self.path, where, f"two have the {what} '{name}'")
            seen.add(words_of(name))
