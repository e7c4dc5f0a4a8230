"""The answer key of a change, as a difference to what is there.

The generator renders the workflow before the change and the one after it; for a change in words a patch stands
beside it in its scenario. What differs between before and after is merged into the team's code as git merges,
file by file; where the team has changed the same lines, both stand there between git's marks. Migrations are
left to the framework's own tool.
"""

import difflib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from twinspike.day import places
from twinspike.day.changes import FOLDER, Change
from twinspike.errors import UserError
from twinspike.paths import template_root
from twinspike.render.by_copier import render
from twinspike.run.suite import run_suite

ANSWERS = ".copier-answers.yml"
PAGES = ("BRIEF.md", "contract/openapi.yaml")
OUTLETS = "acceptance/outlets.yml"  # where a new endpoint says what it shows


@dataclass(frozen=True)
class Piece:
    """One file of the copy that the change touches: as it is, and as it would be after the merge."""

    path: str
    now: str | None
    merged: str | None
    conflicts: int = 0

    def diff(self) -> str:
        """The difference in the form that `diff -u` and git have."""
        return "".join(
            difflib.unified_diff(
                (self.now or "").splitlines(keepends=True),
                (self.merged or "").splitlines(keepends=True),
                "/dev/null" if self.now is None else f"a/{self.path}",
                "/dev/null" if self.merged is None else f"b/{self.path}",
            )
        )


@contextmanager
def rendered(copy: Path, workflow: dict[str, Any]) -> Iterator[Path]:
    """The copy as it would be with this workflow, in a folder that lasts as long as the context."""
    answers = _answers(copy)
    given = {name: value for name, value in answers.items() if not name.startswith("_")}
    with TemporaryDirectory(prefix="twinspike-") as folder:
        home = Path(folder) / "copy"
        render(home, {**given, "scenario": "own", "workflow": workflow}, ask=False)
        yield home


def _answers(copy: Path) -> dict[str, Any]:
    answers: dict[str, Any] = yaml.safe_load((copy / ANSWERS).read_text(encoding="utf-8"))
    return answers


def pieces(copy: Path, spike: str, before: dict[str, Any], after: dict[str, Any]) -> list[Piece]:
    """What the change from one workflow to the other makes of the spike's files, those that differ."""
    with rendered(copy, before) as base, rendered(copy, after) as key:
        return _merged(copy, _texts(base, spike), _texts(key, spike))


def pieces_of_patch(copy: Path, spike: str, workflow: dict[str, Any], patch: Path) -> list[Piece]:
    """What a change in words makes of the copy's files; the workflow is the one that it begins with.

    Raises `UserError` when the patch was not made for this workflow.
    """
    with rendered(copy, workflow) as home:
        old = _texts(home, spike)
        # The search for a repository ends here: its rules on line ends are not for this.
        outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(home.parent)}
        done = subprocess.run(  # noqa: S603
            [_git(), "apply", "-C1", str(patch)],
            cwd=home,
            env=outside,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise UserError(
                f"The answer key of {patch.name[:2]} does not fit: the workflow before the change is "
                "no longer that of its scenario."
            )
        return _merged(copy, old, _texts(home, spike))


def patch_of(copy: Path, change: Change, spike: str) -> Path | None:
    """The patch that is the key of a change in words; None for words that are the team's own."""
    folder = template_root() / "scenarios" / str(_answers(copy).get("scenario")) / FOLDER
    words, patch = folder / change.path.name, folder / f"{change.path.stem}.{spike}.patch"
    if not patch.is_file():
        return None
    same = change.path.read_text(encoding="utf-8") == words.read_text(encoding="utf-8")
    return patch if same else None


def _texts(home: Path, spike: str) -> dict[str, str]:
    files = [OUTLETS, *(path.relative_to(home) for path in (home / f"{spike}_spike").rglob("*"))]
    return {
        Path(path).as_posix(): (home / path).read_text(encoding="utf-8")
        for path in files
        if (home / path).is_file()
        and not _is_migration(Path(path))
        and Path(path).suffix not in (".svg", ".png", ".ico")
    }


def _is_migration(path: Path) -> bool:
    """Whether a tool has written the file, or whoever corrected it; Alembic's `env.py` says how it writes."""
    return places.kind_of(path.as_posix()) == places.MIGRATIONS and path.name != "env.py"


def _merged(copy: Path, old: dict[str, str], new: dict[str, str]) -> list[Piece]:
    made = [
        _merge(copy, path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]
    return [piece for piece in made if piece.now != piece.merged]


def _merge(copy: Path, path: str, old: str | None, new: str | None) -> Piece:
    file = copy / path
    now = file.read_bytes().decode("utf-8") if file.is_file() else None
    crlf = now is not None and "\r\n" in now
    ours = None if now is None else now.replace("\r\n", "\n")
    if ours is None or ours == old:
        merged, conflicts = new, 0
    elif new is None:
        merged, conflicts = ours, 0  # the team has changed what the key takes away; it stays
    else:
        merged, conflicts = merge_texts(ours, old or "", new)
    if merged is not None and crlf:
        merged = merged.replace("\n", "\r\n")
    return Piece(path, now, merged, conflicts)


def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise UserError("git is missing; install it, the answer key is merged with it.")
    return found


def merge_texts(ours: str, base: str, theirs: str) -> tuple[str, int]:
    """The three-way merge as git makes it, and how many conflicts are marked in it."""
    with TemporaryDirectory(prefix="twinspike-") as folder:
        files = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for file, text in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(text.encode("utf-8"))
        labels = [part for label in ("yours", "before", "answer key") for part in ("-L", label)]
        done = subprocess.run(  # noqa: S603
            [_git(), "merge-file", "--stdout", "--diff3", *labels, *map(str, files)],
            cwd=folder,
            capture_output=True,
            check=False,
        )
    if not 0 <= done.returncode <= 127:
        raise UserError(f"git could not merge: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout.decode("utf-8"), done.returncode


def apply(copy: Path, made: list[Piece]) -> None:
    """Write the merged files into the copy."""
    for piece in made:
        file = copy / piece.path
        if piece.merged is None:
            file.unlink(missing_ok=True)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(piece.merged.encode("utf-8"))


def follow_pages(copy: Path, workflow: dict[str, Any]) -> None:
    """Bring the pages that say what both spikes do up to this workflow: BRIEF.md and the contract."""
    with rendered(copy, workflow) as home:
        for name in PAGES:
            (copy / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(home / name, copy / name)


def fillings(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What records that exist get in each new field that is required, in the order of the names.

    A tool that cannot make it up asks for it; these are its answers, as Python writes them. A person is the
    first account: it is there wherever a record is, since nobody is ever deleted.
    """
    known = {field["name"] for field in before["fields"]}
    new = [field for field in after["fields"] if field["name"] not in known]
    required = [field for field in new if field.get("required") and field["type"] != "boolean"]
    return [
        {
            "integer": str(field.get("min", 0)),
            "money": repr(str(field.get("min", 0))),
            "date": "datetime.date.today()",
            "person": "1",
        }.get(field["type"], "''")
        for field in sorted(required, key=itemgetter("name"))
    ]


def make_migration(copy: Path, spike: str, name: str, filled: list[str]) -> str:
    """Let the framework's own tool write the migration of this name; gives what it said.

    `filled` has what the tool is told when it asks about required fields. Raises `UserError` when it fails.
    """
    given = [part for value in filled for part in ("--fill", value)]
    if run_suite(copy, "migration", [spike], "--name", name, *given) != 0:
        raise UserError(
            f"The files are merged, but {spike} could not write the migration; the lines above say why."
        )
    return f"The {spike} spike's own tool has written the migration {name}."
