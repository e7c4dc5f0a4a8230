"""The changes of the day, as the files in `changes/` of a copy have them.

`NN-title.yml` is the workflow that the change leads to, with a `change:` block on top. `NN-title.md` says
in words what the language cannot; it begins with the same block between two lines of `---`.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from twinspike.errors import UserError
from twinspike.files import yaml_file
from twinspike.files.fitting import fit
from twinspike.files.mistakes import Mistake, suggestion
from twinspike.files.report import report
from twinspike.workflow.check import check
from twinspike.workflow.model import Label, Length, Name, Part, Sentence
from twinspike.workflow.shape import plain

FOLDER = "changes"
FILE_NAME = re.compile(r"(\d\d)-[a-z0-9]+(-[a-z0-9]+)*\.(yml|md)")
LONGEST = 60  # minutes; what needs more is two changes


class Block(Part):
    """What the `change:` block of a file says."""

    title: Label
    asked_by: Label
    why: Sentence
    area: Name = Field(description="The area of the scorecard that it exercises most.")
    minutes: Annotated[Length, Field(description="For somebody who knows the framework.")]


@dataclass(frozen=True)
class Change:
    """One change request. `workflow` is None where words and tests of the team's own say it."""

    number: str
    path: Path
    block: Block
    workflow: dict[str, Any] | None
    words: str = ""

    @property
    def title(self) -> str:
        """What the change is called."""
        return self.block.title

    @property
    def area(self) -> str:
        """The area of the scorecard that it exercises most."""
        return self.block.area


def read_all(copy: Path, areas: list[str], leave_out: tuple[str, ...] = ()) -> list[Change]:
    """The changes of the copy in their order, but those left out; `areas` are its scorecard's.

    Raises `UserError` that names everything that is wrong with them.
    """
    folder = copy / FOLDER
    if not folder.is_dir():
        raise UserError(
            f"{copy.name} has no folder {FOLDER}/; make the copy anew, or make the folder and put "
            f"changes into it."
        )
    found: dict[str, Change] = {}
    wrong: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".yml", ".md") or path.name.lower() in ("readme.md", *leave_out):
            continue
        try:
            change = read(path, areas)
        except UserError as error:
            wrong.append(str(error))
            continue
        twin = found.setdefault(change.number, change)
        if twin is not change:
            wrong.append(f"{path}: {twin.path.name} has the number {change.number} already.")
    if wrong:
        raise UserError("\n".join(wrong))
    return list(found.values())


def read(path: Path, areas: list[str]) -> Change:
    """The change in the file. Raises `UserError` that names everything that is wrong with it."""
    match = FILE_NAME.fullmatch(path.name)
    if match is None:
        raise UserError(f"{path}: a change is called as in 01-cost-centre.yml or 04-bulk.md.")
    if match[3] == "md":
        return _read_words(path, match[1], areas)
    document = yaml_file.read(path)
    data = plain(document.data)
    if not isinstance(data, dict):
        raise UserError(f"{path}: begin with `change:`, then the workflow after the change.")
    given = data.pop("change", None)
    block, mistakes = _block(given, areas, "change")
    mistakes += check(data)[1]
    if block is None or mistakes:
        raise UserError("\n".join(report(str(path), document.lines, mistakes)))
    return Change(match[1], path, block, data)


def _read_words(path: Path, number: str, areas: list[str]) -> Change:
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {error}.") from None
    match = re.match(r"---\n(.*?\n)---\n(.*)", text, re.S)
    if match is None:
        raise UserError(
            f"{path}: begin with a line `---`, then title, asked_by, why, area and minutes, "
            "then another line `---`."
        )
    try:
        document = yaml_file.parse(match[1])
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    block, mistakes = _block(plain(document.data), areas, "")
    words = match[2].strip()
    if not words:
        mistakes.append(Mistake("", "says nothing below the second `---`; say what has to be true"))
    if block is None or mistakes:
        # The first line of the file stands above the block.
        lines = {place: line + 1 for place, line in document.lines.items()}
        raise UserError("\n".join(report(str(path), lines, mistakes)))
    return Change(number, path, block, None, words)


def _block(data: object, areas: list[str], place: str) -> tuple[Block | None, list[Mistake]]:
    """The block, or None, and every mistake in it."""
    if data is None:
        return None, [Mistake(place, "is missing: title, asked_by, why, area and minutes")]
    block, mistakes = fit(Block, data)
    if block is not None and block.area not in areas:
        mistakes.append(
            Mistake("area", f"'{block.area}' is none; {suggestion(block.area, areas, 'areas')}")
        )
    if block is not None and not 1 <= block.minutes <= LONGEST:
        mistakes.append(
            Mistake(
                "minutes",
                f"is {block.minutes}; from 1 to {LONGEST}, what needs more is two changes",
            )
        )
    prefix = f"{place}." if place else ""
    return block, [Mistake(f"{prefix}{m.place}".rstrip("."), m.message) for m in mistakes]


def find(changes: list[Change], wanted: str) -> Change:
    """The change of this number, with or without its nought, or file name. Raises `UserError`."""
    name = Path(wanted).name
    number = name.partition("-")[0].partition(".")[0].zfill(2)
    for change in changes:
        if change.number == number and name in (
            wanted if wanted.isdecimal() else change.path.name,
            change.path.stem,
        ):
            return change
    known = ", ".join(change.number for change in changes)
    raise UserError(
        f"There is no change {wanted}; "
        + (f"there are {known}." if known else "there is none yet.")
    )


def workflow_at(changes: list[Change], number: str) -> dict[str, Any] | None:
    """The workflow that the last file up to this number leads to; None before the first."""
    workflows = [change.workflow for change in changes if change.number <= number]
    return next((each for each in reversed(workflows) if each is not None), None)
