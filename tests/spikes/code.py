"""What the tests read in the Python of a spike: lines of code, public names, slices."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
ASIDE = {"tests", "migrations", ".venv"}


def files(spike: Path) -> Iterator[tuple[str, str]]:
    """The Python of a spike by place, without its tests, its migrations and what was installed."""
    for path in sorted(spike.rglob("*.py")):
        place = path.relative_to(spike)
        if not ASIDE & set(place.parts):
            yield place.as_posix(), path.read_text(encoding="utf-8")


def count_lines(source: str) -> int:
    """The lines of code: those with more than blanks, a comment or a docstring."""
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and ast.get_docstring(node, clean=False) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    used = {
        line
        for token in tokens
        if token.type not in LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(used - docstrings)


def public_names(source: str) -> dict[str, tuple[str, ...] | None]:
    """The public functions and classes in their order; functions with their parameters, classes with None."""
    found: dict[str, tuple[str, ...] | None] = {}
    for node in ast.parse(source).body:
        match node:
            case ast.ClassDef():
                found[node.name] = None
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                given = node.args
                parameters = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs]
                parameters = [*parameters, given.kwarg]
                found[node.name] = tuple(each.arg for each in parameters if each)
    return {name: parts for name, parts in found.items() if not name.startswith("_")}


def slices(source: str) -> list[str]:
    """What is cut to a part of itself: `records[:25]`."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    ]
