"""Who knows one spike finds the way in the other: the same rooms, names and parameters, fields in the same files.

Where the frameworks need other names, the READMEs say so.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .code import files, public_names, slices
from .copies import EVERY_WORD, SPIKES, answers_for

# Room by room, and what each framework calls it.
ROOMS = {
    "workflow": ("workflow.py", "workflow.py"),
    "models": ("models.py", "models.py"),
    "bodies": ("serializers.py", "schemas.py"),
    "queries": ("queries.py", "queries.py"),
    "services": ("services.py", "services.py"),
    "follow-ups": ("follow_ups.py", "follow_ups.py"),
    "sign-in": ("auth.py", "auth.py"),
    "api": ("api.py", "api.py"),
    "problems": ("problems.py", "problems.py"),
    "export": ("export.py", "export.py"),
    "screens": ("admin.py", "screens.py"),
    "demo": ("demo.py", "demo.py"),
}
ALIKE = ("queries", "services", "follow-ups", "export")  # plain functions, whatever the framework
# What a FastAPI function is handed and a Django one reaches by itself.
HANDED = {"session", "request", "response", "settings", "database"}
# A field stands in these six, and in tests and the first migration.
FIELD_ROOMS = {
    "django": {
        "spike/workflow.py",
        "spike/models.py",
        "spike/serializers.py",
        "spike/queries.py",
        "spike/export.py",
        "spike/admin.py",
    },
    "fastapi": {
        "spike/workflow.py",
        "spike/models.py",
        "spike/schemas.py",
        "spike/queries.py",
        "spike/export.py",
        "spike/pages/fields.html",
    },
}
TYPES = (
    "text",
    "long_text",
    "integer",
    "money",
    "date",
    "boolean",
    "choice",
    "email",
    "url",
)


def room(home: Path, name: str, spike: str) -> str:
    """The source of a room."""
    place = ROOMS[name][SPIKES.index(spike)]
    return (home / f"{spike}_spike" / "spike" / place).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def readme(plain: Path) -> str:
    """What the READMEs of the copy and of its spikes say."""
    places = (".", *(f"{spike}_spike" for spike in SPIKES))
    return "".join((plain / place / "README.md").read_text(encoding="utf-8") for place in places)


def test_the_rules_are_the_same_file(plain: Path) -> None:
    assert room(plain, "workflow", "django") == room(plain, "workflow", "fastapi")


@pytest.mark.parametrize("spike", SPIKES)
def test_every_room_is_there(plain: Path, spike: str) -> None:
    for name in ROOMS:
        assert room(plain, name, spike).startswith('"""'), f"{name} does not say what it is for"


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_functions_in_the_same_order(plain: Path, readme: str, name: str) -> None:
    ours, theirs = (public_names(room(plain, name, spike)) for spike in SPIKES)
    both = [function for function in ours if function in theirs]
    assert both == [function for function in theirs if function in ours], "the order differs"
    different = set(ours) ^ set(theirs)
    unexplained = sorted(each for each in different if f"`{each}`" not in readme)
    assert not unexplained, f"in one spike only, and the README does not say why: {unexplained}"


def test_mails_are_alike(render: Callable[..., Path], tmp_path: Path) -> None:
    home = render(tmp_path / EVERY_WORD, **answers_for(EVERY_WORD))
    rooms = [home / f"{spike}_spike" / "spike" / "mails.py" for spike in SPIKES]
    ours, theirs = (public_names(path.read_text(encoding="utf-8")) for path in rooms)
    assert [name for name in ours if name != "hand_over"] == [*theirs]
    assert "`hand_over`" in (home / "django_spike" / "README.md").read_text(encoding="utf-8")
    for name, given in theirs.items():
        assert [each for each in given or () if each not in HANDED] == [*(ours[name] or ())]


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_parameters(plain: Path, readme: str, name: str) -> None:
    ours, theirs = (public_names(room(plain, name, spike)) for spike in SPIKES)
    for function in ours:
        if ours[function] and theirs.get(function):
            django, fastapi = (
                [each for each in given[function] or () if each not in HANDED]
                for given in (ours, theirs)
            )
            named = all(f"`{each}`" in readme for each in set(django) ^ set(fastapi))
            assert django == fastapi or named, f"{function}: {django} and {fastapi}"


@pytest.mark.parametrize("spike", SPIKES)
def test_no_module_looks_up_its_fields(plain: Path, spike: str) -> None:
    for place, source in files(plain / f"{spike}_spike"):
        for word in ("_meta", "model_fields", "__fields__", "__table__", "inspect("):
            assert word not in source, f"{place} looks through a model: {word}"
        cut = [each for each in slices(source) if re.search("field|column", each, re.IGNORECASE)]
        assert not cut, f"{place} cuts a list of fields: {cut}"


def workflow_of_all_types() -> dict[str, Any]:
    """A workflow with a field of each type, whose names no other word contains."""
    fields: list[dict[str, Any]] = []
    for type in TYPES:
        more: dict[str, Any] = {"choices": ["one", "two"]} if type == "choice" else {}
        fields.append({"name": f"zebra_{type}", "type": type, "required": type == "text", **more})
    return {
        "name": "crossing",
        "plural": "crossings",
        "fields": fields,
        "roles": [{"name": "walker", "creates": True}, {"name": "guard"}],
        "states": [{"name": "near", "edited_by": ["owner"]}, {"name": "far"}],
        "transitions": [{"name": "cross", "from": ["near"], "to": "far", "by": ["guard"]}],
    }


@pytest.fixture(scope="module")
def crossing(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workflow with a field of each type."""
    home = tmp_path_factory.mktemp("crossing") / "copy"
    return render(home, scenario="own", workflow=workflow_of_all_types())


def places_of(word: str, spike: Path) -> set[str]:
    """The files of a spike that have the word, without tests and migrations."""
    ours = [path for path in spike.rglob("*") if path.is_file()]
    return {
        place.as_posix()
        for place in (path.relative_to(spike) for path in ours)
        if not {"tests", "migrations"} & set(place.parts)
        and re.search(rf"\b{word}(__\w+)?\b", (spike / place).read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("spike", SPIKES)
def test_a_field_stands_in_the_same_six_rooms(crossing: Path, spike: str, type: str) -> None:
    found = places_of(f"zebra_{type}", crossing / f"{spike}_spike")
    assert found == FIELD_ROOMS[spike]
