"""What is scored: the copy's `scorecard.yml`, read and checked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator

from twinspike.errors import UserError
from twinspike.files import yaml_file
from twinspike.files.fitting import fit
from twinspike.files.mistakes import Mistake
from twinspike.files.report import report
from twinspike.scorecard.values import words_of

FILE_NAME = "scorecard.yml"
TITLES = {"django": "Django", "fastapi": "FastAPI"}
MOST_PEOPLE = 1000


def _line(value: object) -> str:
    text = "" if value is None else str(value).strip()
    if isinstance(value, bool | list | dict) or not text or "\n" in text:
        raise ValueError("one line of text belongs here")
    return text


def _title(value: object) -> str:
    title = _line(value)
    if ":" in title or "：" in title or title.startswith("#"):
        raise ValueError(f"'{title}' must not have a colon or begin with #")
    if not any(character.isalnum() for character in title):
        raise ValueError(f"'{title}' has no letter in it")
    return title


def _weight(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10:
        raise ValueError(f"'{value}' is not a whole number from 0 to 10")
    return value


def _five(scores: tuple[str, ...]) -> tuple[str, ...]:
    if len(scores) not in (0, 5):
        raise ValueError("five sentences belong here, one for each number from 1 to 5")
    return scores


def _framework(value: object) -> "Framework":
    if not isinstance(value, str) or value not in TITLES:
        raise ValueError(f"'{value}' is not one of {', '.join(TITLES)}")
    return Framework(value, TITLES[value])


def _in_our_order(frameworks: "tuple[Framework, ...]") -> "tuple[Framework, ...]":
    return tuple(sorted(frameworks, key=lambda framework: list(TITLES).index(framework.name)))


def _or_none(value: object) -> object:
    return () if value is None else value


Line = Annotated[str, BeforeValidator(_line)]
Title = Annotated[str, BeforeValidator(_title)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(_or_none)]


@dataclass(frozen=True, slots=True)
class Framework:
    """One of the frameworks tried: its name in files and the title that people read."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Area:
    """What is scored; `name` also keys the acceptance results, `scores` say what 1 to 5 mean."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: Line
    title: Title
    weight: Annotated[int, PlainValidator(_weight)] = 1
    questions: Lines = ()
    scores: Annotated[Lines, AfterValidator(_five)] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the checklist before committing."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: Line
    title: Title
    question: Line


@dataclass(frozen=True, slots=True)
class Plan:
    """What the team agreed to score."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    project: Line
    record: Line
    frameworks: Annotated[
        tuple[Annotated[Framework, PlainValidator(_framework)], ...],
        Field(min_length=1),
        AfterValidator(_in_our_order),
    ]
    areas: Annotated[tuple[Area, ...], Field(min_length=1)]
    checklist: Annotated[tuple[Check, ...], BeforeValidator(_or_none)] = ()
    team: Annotated[Lines, Field(max_length=MOST_PEOPLE)] = ()
    day: Annotated[str, BeforeValidator(lambda value: str(value or ""))] = ""

    @property
    def weights(self) -> dict[str, int]:
        """The weight of each area by its name."""
        return {area.name: area.weight for area in self.areas}


def load_plan(path: Path) -> Plan:
    """The plan in the file; raises `UserError` with a line for each mistake in it."""
    return _plan(yaml_file.read(path), str(path))


def parse_plan(text: str) -> Plan:
    """The plan in the text of a scorecard.yml; raises `UserError` as `load_plan` does."""
    return _plan(yaml_file.parse(text), FILE_NAME)


def _plan(document: yaml_file.Document, source: str) -> Plan:
    data: Any = document.data
    plan, mistakes = fit(Plan, data)
    if plan is not None:
        mistakes = [*_doubles(plan)]
    if plan is None or mistakes:
        raise UserError("\n".join(report(source, document.lines, mistakes)))
    return plan


def _doubles(plan: Plan) -> Iterator[Mistake]:
    yield from _same("areas", "name", (area.name for area in plan.areas))
    yield from _same("areas", "title", (area.title for area in plan.areas))
    yield from _same("checklist", "title", (check.title for check in plan.checklist))
    yield from _same("frameworks", "name", (framework.name for framework in plan.frameworks))


def _same(place: str, what: str, texts: Iterable[str]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for text in texts:
        if words_of(text) in seen:
            yield Mistake(place, f"two have the {what} '{text}'; give one of them another")
        seen.add(words_of(text))
