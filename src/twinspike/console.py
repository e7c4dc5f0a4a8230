"""What the command says on the terminal. Rich is slow to import, so it is imported when it is used."""

import sys
from io import TextIOWrapper
from pathlib import Path


def say(text: str, style: str = "") -> None:
    """Print a line; colour only where the terminal has it, and never a break inside a path."""
    _print(text, style, to_stderr=False)


def complain(text: str) -> None:
    """Print what went wrong to stderr, in red where the terminal has colours."""
    _print(text, "red", to_stderr=True)


def print_any_letter() -> None:
    """Let a terminal that knows ASCII alone show an escape for other letters, instead of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def short(path: Path) -> str:
    """The path from here, where that is shorter."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def counted(number: int, thing: str) -> str:
    """How many there are, in words: `1 line`, `2 lines`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def on_a_terminal() -> bool:
    """Whether somebody sits at a terminal, both to read and to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _print(text: str, style: str, *, to_stderr: bool) -> None:
    from rich.console import Console

    console = Console(stderr=to_stderr, soft_wrap=True, highlight=False, emoji=False, markup=False)
    console.print(text, style=style or None)
