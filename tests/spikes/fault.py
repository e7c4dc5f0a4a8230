"""Faults: small changes of a spike's code, told by function, that the acceptance suite must notice.

A fault says where it is (`services.make_transition`) and which piece of code there gives way to which.
The piece is compared with the code as Python reads it, so that line breaks, quotes and brackets do not
matter, and it must be there exactly once: a fault that no longer fits the code is an error. How faults
are written is told in `faults/README.md`.
"""

import ast
import itertools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import yaml

from .copies import DEFAULT, SPIKES

HERE = Path(__file__).parent
KEYS = {"in", "within", "replace", "with", "add"}
PARSING = Lock()  # Python 3.11 counts the depth of trees for all threads together


class Misfit(Exception):
    """A fault that cannot be put into the code, and why."""


@dataclass(frozen=True)
class Change:
    """A piece of code at a place that gives way to another, or code that is added there."""

    place: str
    replace: str = ""
    by: str = ""
    add: str = ""
    within: str = ""  # a larger piece there, in which alone the change is made


@dataclass(frozen=True)
class Fault:
    """What a developer might do by mistake in one spike, and the tests that should notice it."""

    spike: str
    text: str
    changes: tuple[Change, ...]
    noticed_by: tuple[str, ...]
    database: str = "sqlite"
    workflow: str = DEFAULT
    queue: str = "embedded"

    def __str__(self) -> str:
        return f"{self.spike}: {self.text}"

    def files(self, folder: Path) -> set[Path]:
        """The files of the spike that it changes. Raises `Misfit`."""
        return {find_place(folder, change.place)[0] for change in self.changes}

    def put_into(self, folder: Path) -> None:
        """Write the fault into the spike in this folder. Raises `Misfit`."""
        with PARSING:
            for change in self.changes:
                self.put(change, folder)

    def put(self, change: Change, folder: Path) -> None:
        """Write one of its changes into the spike in this folder. Raises `Misfit`."""
        try:
            path, names = find_place(folder, change.place)
            old = path.read_text(encoding="utf-8")
            new = changed(old, names, change) if path.suffix == ".py" else retold(old, change)
        except Misfit as error:
            raise Misfit(f"{self}: {error}") from None
        path.write_text(new, encoding="utf-8")


def read_faults() -> list[Fault]:
    """Every fault of `faults/*.yml`; one that does not name a spike is one of both.

    The rules are the same file in both spikes: their faults are for one spike each, in turns.
    """
    found = []
    turns = itertools.cycle(SPIKES)
    for path in sorted((HERE / "faults").glob("*.yml")):
        for told in yaml.safe_load(path.read_text(encoding="utf-8")):
            named = [spike for spike in SPIKES if spike in told] or SPIKES
            if str(told.get("in")).startswith("workflow."):
                named = [next(turns)]
            shared = {key: told[key] for key in KEYS & set(told)}
            for spike in named:
                own = told.get(spike, {})
                parts = own if isinstance(own, list) else [own]
                changes = tuple(read_change({**shared, **part}) for part in parts)
                noticed_by = tuple(told["noticed_by"].split())
                database = told.get("database", "sqlite")
                workflow = told.get("workflow", DEFAULT)
                queue = told.get("queue", "embedded")
                about = (changes, noticed_by, database, workflow, queue)
                found.append(Fault(spike, told["fault"], *about))
    return found


def read_change(told: dict[str, Any]) -> Change:
    """A change as it stands in a file."""
    if unknown := set(told) - KEYS:
        raise Misfit(f"{', '.join(sorted(unknown))} in {told} is not known")
    return Change(
        told["in"],
        told.get("replace", ""),
        told.get("with", ""),
        told.get("add", ""),
        told.get("within", ""),
    )


def find_place(folder: Path, place: str) -> tuple[Path, list[str]]:
    """The file of a place, and the names that lead to it inside: `models.User.roles` in `spike/models.py`."""
    if "/" in place:
        if not (folder / place).is_file():
            raise Misfit(f"{folder.name} has no file {place}")
        return folder / place, []
    names = place.split(".")
    for count in range(len(names), 0, -1):
        for home in (folder / "spike", folder):
            path = home.joinpath(*names[:count]).with_suffix(".py")
            if path.is_file():
                return path, names[count:]
    raise Misfit(f"{folder.name} has no module for {place}")


def retold(text: str, change: Change) -> str:
    """A text that is not Python with the change in it; blanks and line breaks do not matter."""
    words = [re.escape(word) for word in change.replace.split()]
    count = len(re.findall(r"\s+".join(words), text))
    if count != 1:
        raise Misfit(f"{change.place} has {change.replace!r} {count} times")
    return re.sub(r"\s+".join(words), lambda _: change.by, text)


def changed(source: str, names: list[str], change: Change) -> str:
    """The Python source with the change in it. Raises `Misfit`."""
    scope = find_scope(ast.parse(source), names, change.place)
    new = Source(source).added(scope, change.add) if change.add else source
    if change.within:
        scope = ast.Module(only(scope, change.within, change.place), [])  # type: ignore[arg-type]
    if change.replace:
        new = Source(new).replaced(only(scope, change.replace, change.place), change.by)
    try:
        same = ast.dump(ast.parse(new)) == ast.dump(ast.parse(source))
    except SyntaxError as error:
        raise Misfit(f"{change.place} is no Python any more: {error}") from None
    if same:
        raise Misfit(f"{change.place}: {change.replace!r} to {change.by!r} changes nothing")
    return new


def find_scope(tree: ast.AST, names: list[str], place: str) -> ast.AST:
    """The function, class or assignment that the names lead to."""
    scope = tree
    for name in names:
        inside = [node for node in getattr(scope, "body", []) if name in names_of(node)]
        if len(inside) != 1:
            raise Misfit(f"{place}: there are {len(inside)} of {name}")
        scope = inside[0]
    return scope


def names_of(node: ast.AST) -> set[str]:
    """What a statement defines."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return {node.name}
        case ast.Assign():
            return {target.id for target in node.targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def matches(scope: ast.AST, piece: str) -> Iterator[list[ast.AST]]:
    """Where the piece stands in the scope: one node, or the statements that follow one another."""
    wanted = parsed(piece)
    for node in ast.walk(scope):
        for children in lists_of(node):
            for start in range(len(children) - len(wanted) + 1):
                run = children[start : start + len(wanted)]
                if all(map(fits, wanted, run)):
                    yield run


def only(scope: ast.AST, piece: str, place: str) -> list[ast.AST]:
    """The one place where the piece stands in the scope. Raises `Misfit`."""
    found = list(matches(scope, piece))
    if len(found) != 1:
        raise Misfit(f"{place} has {piece!r} {len(found)} times")
    return found[0]


def lists_of(node: ast.AST) -> Iterator[list[ast.AST]]:
    """The parts of a node: each by itself, and those in lists together."""
    for _, value in ast.iter_fields(node):
        if isinstance(value, list):
            yield [child for child in value if isinstance(child, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(node, ast.Expr):
            yield [value]


def parsed(piece: str) -> list[ast.AST]:
    """A piece of code: statements, one expression, arguments of a call, or an `except`."""
    text = textwrap.dedent(piece).strip()
    for form, unwrap in (
        (text, lambda tree: tree.body),
        (f"f({text})", lambda tree: [*tree.body[0].value.args, *tree.body[0].value.keywords]),
        (f"try: ...\n{text}", lambda tree: tree.body[0].handlers),
    ):
        try:
            return unwrap(ast.parse(form))
        except SyntaxError:
            continue
    raise Misfit(f"{piece!r} is no Python")


def fits(wanted: Any, found: Any) -> bool:
    """Whether the code is what is wanted; `...` stands for anything, among others for any number."""
    if isinstance(wanted, ast.Expr) and not isinstance(found, ast.stmt):
        return fits(wanted.value, found)
    if isinstance(wanted, ast.Constant) and wanted.value is ... and isinstance(found, ast.expr):
        return True
    if isinstance(wanted, ast.AnnAssign) and isinstance(found, ast.arg):
        same_name = isinstance(wanted.target, ast.Name) and wanted.target.id == found.arg
        return same_name and fits(wanted.annotation, found.annotation)
    if isinstance(wanted, ast.Assign) and isinstance(found, ast.keyword):
        return names_of(wanted) == {found.arg} and fits(wanted.value, found.value)
    if isinstance(wanted, list):
        return isinstance(found, list) and fits_list(wanted, found)
    if not isinstance(wanted, ast.AST):
        return type(wanted) is type(found) and wanted == found
    if type(wanted) is not type(found):
        return False
    fields = [name for name in wanted._fields if name not in ("ctx", "type_comment", "kind")]
    if isinstance(wanted, ast.Call) and any(map(is_anything, wanted.args)):
        given = all(any(fits(k, other) for other in found.keywords) for k in wanted.keywords)
        return given and fits(wanted.func, found.func) and fits_list(wanted.args, found.args)
    return all(fits(getattr(wanted, name), getattr(found, name)) for name in fields)


def fits_list(wanted: list[Any], found: list[Any]) -> bool:
    """The same for lists."""
    if not wanted:
        return not found
    if is_anything(wanted[0]):
        return any(fits_list(wanted[1:], found[start:]) for start in range(len(found) + 1))
    return bool(found) and fits(wanted[0], found[0]) and fits_list(wanted[1:], found[1:])


def is_anything(node: Any) -> bool:
    """Whether the node is `...`."""
    value = node.value if isinstance(node, ast.Expr) else node
    return isinstance(value, ast.Constant) and value.value is ...


class Source:
    """Text by the positions that the syntax tree has: lines from 1, columns in bytes."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.starts = [0]
        for line in self.data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def replaced(self, nodes: list[ast.AST], by: str) -> str:
        """The text with other code, or with nothing, where the nodes are."""
        first, last = nodes[0], nodes[-1]
        start = self.starts[first.lineno - 1] + first.col_offset
        end = self.starts[last.end_lineno - 1] + last.end_col_offset
        if isinstance(first, ast.stmt):
            lines = [node.lineno for node in getattr(first, "decorator_list", [])]
            start = self.starts[min([first.lineno, *lines]) - 1] + first.col_offset
            by = indented(by or "pass", first.col_offset)
        elif not by and self.data[:start].rstrip(b" ").endswith(b"@"):
            start = self.data.rindex(b"@", 0, start)
        elif not by:
            comma = re.match(rb"\s*,[ ]*", self.data[end:])
            before = re.search(rb",\s*$", self.data[:start])
            if comma:
                end += comma.end()
            elif before:
                start = before.start()
        return (self.data[:start] + by.encode() + self.data[end:]).decode()

    def added(self, scope: ast.AST, code: str) -> str:
        """The text with more code: at the start of a function, at the end of a class or a module."""
        if isinstance(scope, ast.Module):
            return self.data.decode() + "\n\n" + textwrap.dedent(code)
        body = scope.body  # type: ignore[attr-defined]
        column = body[0].col_offset
        if isinstance(scope, ast.ClassDef):
            place = self.starts[body[-1].end_lineno]
        else:
            place = self.starts[body[ast.get_docstring(scope, clean=False) is not None].lineno - 1]
        more = " " * column + indented(code, column) + "\n"
        return (self.data[:place] + more.encode() + self.data[place:]).decode()


def indented(code: str, column: int) -> str:
    """The lines of the code moved to the column, the first one excepted."""
    return textwrap.indent(textwrap.dedent(code).strip(), " " * column).strip()
