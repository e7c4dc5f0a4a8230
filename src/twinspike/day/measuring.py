"""How many lines and files of a spike a change has touched.

Pictures of a spike's files are kept in a git repository of our own, under `.twinspike/`, with an index for
each spike. The team's own git is neither needed nor touched, and its settings do not count.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from twinspike.day import places
from twinspike.day.folder import day_folder
from twinspike.errors import UserError

REPOSITORY = "pictures.git"


@dataclass(frozen=True, slots=True)
class Measured:
    """Lines added and deleted by area, and the files touched; tests and migrations apart."""

    lines: dict[str, int] = field(default_factory=dict)
    files: int = 0
    tests: dict[str, int] = field(default_factory=lambda: {"lines": 0, "files": 0})
    migrations: dict[str, int] = field(default_factory=lambda: {"lines": 0, "files": 0})

    @property
    def total(self) -> int:
        """The lines of code, all areas together."""
        return sum(self.lines.values())


def picture(copy: Path, spike: str) -> str:
    """Keep the files of the spike as they are now; gives the name of the picture.

    Raises `UserError` when git is missing or fails.
    """
    home = copy / f"{spike}_spike"
    git = _Git(copy, spike)
    git.run("read-tree", "--empty")
    paths = "\0".join(sorted(_files(home)))
    if paths:
        git.run("add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul", text=paths)
    return git.run("write-tree").strip()


def between(copy: Path, spike: str, old: str, new: str) -> Measured:
    """What differs between two pictures of a spike."""
    git = _Git(copy, spike)
    # The empty line that git prints between two names of a moved file would need a second reader.
    said = git.run("diff", "--numstat", "--no-renames", "-z", "--ignore-submodules", old, new)
    lines: dict[str, int] = {}
    files = 0
    apart = {kind: {"lines": 0, "files": 0} for kind in (places.TESTS, places.MIGRATIONS)}
    for row in filter(None, said.split("\0")):
        added, deleted, path = row.split("\t", 2)
        # "-" stands where git sees no text.
        count = sum(int(number) for number in (added, deleted) if number != "-")
        kind = places.kind_of(path)
        if kind == places.CODE:
            area = places.area_of(path)
            lines[area] = lines.get(area, 0) + count
            files += 1
        else:
            apart[kind]["lines"] += count
            apart[kind]["files"] += 1
    return Measured(lines, files, apart[places.TESTS], apart[places.MIGRATIONS])


def _files(home: Path) -> Iterator[str]:
    """The paths, in the spike's folder, of what people write there."""
    for folder, folders, names in os.walk(home):
        here = Path(folder).relative_to(home)
        folders[:] = sorted(name for name in folders if places.counts((here / name).as_posix()))
        for name in names:
            path = here / name
            whole = home / path
            if (
                places.counts(path.as_posix())
                and not whole.is_symlink()
                and whole.is_file()
                and whole.stat().st_size <= places.LARGEST
            ):
                yield path.as_posix()


class _Git:
    """Our own repository, with the spike's folder as its work tree."""

    def __init__(self, copy: Path, spike: str) -> None:
        found = shutil.which("git")
        if found is None:
            raise UserError("git is missing; install it, lines are counted with it.")
        self.git = found
        self.home = copy / f"{spike}_spike"
        self.repository = day_folder(copy) / REPOSITORY
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self.environment = {
            **kept,
            "GIT_DIR": str(self.repository),
            "GIT_WORK_TREE": str(self.home),
            "GIT_INDEX_FILE": str(self.repository / f"index-{spike}"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C",
        }
        if not (self.repository / "ready").exists():
            self._make()

    def _make(self) -> None:
        self.run("init", "--quiet")
        for name, value in (
            ("core.autocrlf", "input"),  # a file that an editor saved with CRLF has not changed
            ("core.safecrlf", "false"),
            ("core.fileMode", "false"),
            ("core.quotePath", "false"),
            ("core.longPaths", "true"),
            ("gc.auto", "0"),  # nothing refers to a picture but the record
        ):
            self.run("config", name, value)
        info = self.repository / "info"
        info.mkdir(exist_ok=True)
        (info / "attributes").write_text("* text=auto !eol !filter !diff\n", encoding="utf-8")
        (self.repository / "ready").touch()

    def run(self, *arguments: str, text: str = "") -> str:
        done = subprocess.run(  # noqa: S603
            [self.git, *arguments],
            cwd=self.home,
            env=self.environment,
            input=text.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UserError(f"git could not measure {self.home.name}: {reason[-1:] or ['?']}")
        return done.stdout.decode("utf-8", "surrogateescape")
