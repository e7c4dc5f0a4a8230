"""Making a copy: all of it or nothing.

Copier writes file by file into its destination. Here it writes into a folder beside the destination,
on the same disk, which is renamed when everything is there; so whatever stops it, the destination
is either complete or as it was.
"""

import errno
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from types import FrameType
from typing import Any

from twinspike.answers.collecting import Given
from twinspike.answers.questions import questions
from twinspike.errors import UserError
from twinspike.render.accepting import accept
from twinspike.render.asking import ask_for_workflow
from twinspike.render.by_copier import render

PREFIX = ".twinspike-"


def new(destination: Path, given: Given, *, ask: bool) -> Path:
    """Make a copy and give its absolute path; questions without an answer are asked, or defaulted.

    Raises `UserError`, and then the destination is as it was.
    """
    target = _free(destination)
    missing = [q for q in questions() if q not in given.answers and q != "workflow"]
    if ask and missing:
        if not sys.stdin.isatty():
            raise UserError(
                f"There is no terminal to ask on. Add --defaults, or answer by options or "
                f"--data-file: {', '.join(missing)}."
            )
        try:
            ask_for_workflow(given)
        except KeyboardInterrupt:
            raise UserError(f"Stopped; {target} was not made.", exit_code=130) from None
    answers = accept(given)
    made = _make_parents(target.parent)
    try:
        _build(target, answers, ask=ask)
    except BaseException:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise
    return target


def leftovers(folder: Path) -> list[Path]:
    """Folders that runs which were killed have left here; nothing in them is needed."""
    try:
        found = sorted(path for path in folder.glob(f"{PREFIX}*") if path.is_dir())
    except OSError:
        return []
    return [path for path in found if not _runs(path.name.removeprefix(PREFIX).split("-")[0])]


def _runs(process: str) -> bool:
    if not process.isdecimal():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _free(destination: Path) -> Path:
    """The absolute destination, when a copy may be made there."""
    try:
        if destination.is_symlink() and not destination.exists():
            raise UserError(f"{destination} is a link to nothing; name another folder.")
        target = destination.resolve()
        if target == Path.cwd():
            raise UserError(f"{destination} is the folder you are in; name a new one.")
        if target.exists() and not target.is_dir():
            raise UserError(f"{destination} is a file; name a folder that does not exist yet.")
        if target.is_dir() and any(target.iterdir()):
            raise UserError(
                f"{destination} is not empty, and nothing in it was touched. "
                "Name a folder that does not exist yet."
            )
    except OSError as error:
        raise in_words(error, destination) from None
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{destination} cannot be a folder ({error}).") from None
    return target


def _make_parents(folder: Path) -> list[Path]:
    """Make the folders above the destination; gives those that were made, the deepest first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    made: list[Path] = []
    try:
        for path in reversed(missing):
            path.mkdir()
            made.insert(0, path)
    except OSError as error:
        for path in made:
            path.rmdir()
        raise in_words(error, folder) from None
    return made


def _build(target: Path, answers: dict[str, Any], *, ask: bool) -> None:
    workshop: Path | None = None
    try:
        with _stoppable():
            try:
                workshop = Path(mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=target.parent))
                rendered = workshop / target.name
                render(rendered, answers, ask=ask)
                rendered.rename(target)
            finally:
                _ignore_signals()
                if workshop is not None:
                    shutil.rmtree(workshop, ignore_errors=True)
    except KeyboardInterrupt:
        raise UserError(f"Stopped; {target} was not made.", exit_code=130) from None
    except OSError as error:
        raise in_words(error, target) from None


def in_words(error: OSError, target: Path) -> UserError:
    """What the system refused while this folder was made, and what to do about it."""
    name = error.filename or target
    reasons = {
        errno.ENOSPC: "the disk is full; make room and try again",
        errno.EDQUOT: "your share of the disk is used up; make room and try again",
        errno.EFBIG: "a file may not become that large here; raise the limit and try again",
        errno.EROFS: "the disk is read-only; choose another place",
        errno.EACCES: "you may not write there; choose another place",
        errno.EPERM: "you may not write there; choose another place",
        errno.ENOTDIR: "a file stands in the way; choose another place",
        errno.EEXIST: "something has appeared there meanwhile; choose another place",
        errno.ENOTEMPTY: "something has appeared there meanwhile; choose another place",
        errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
        errno.EBUSY: "it is in use, perhaps as a mount point; name a folder inside it",
    }
    reason = reasons.get(error.errno or 0, f"{error.strerror or error}")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        name = target
    return UserError(f"{name}: {reason}. Nothing was made.")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn a request to end (SIGTERM, SIGHUP) into the interrupt that Ctrl-C makes."""
    before = {}

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", None)):
            if number is not None:
                before[number] = signal.signal(number, stop)
    except ValueError:  # not in the main thread, where signals arrive
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """While tidying up, so that a second Ctrl-C does not leave half of it."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", None)):
            if number is not None:
                signal.signal(number, signal.SIG_IGN)
    except ValueError:
        pass
