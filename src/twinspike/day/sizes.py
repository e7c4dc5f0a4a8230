"""How many lines of code a spike has, by area: the first finding of the day."""

import ast
import io
import tokenize
from pathlib import Path

from twinspike.day import places

SHOWN = (".html", ".css", ".js")


def lines_by_area(copy: Path, spike: str) -> dict[str, int]:
    """Lines of code by area, without tests and migrations, blank lines, comments and docstrings.

    Python counts so; of pages and styles, each line that is not blank.
    """
    home = copy / f"{spike}_spike"
    found: dict[str, int] = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if not path.is_file() or not places.counts(name) or places.kind_of(name) != places.CODE:
            continue
        if path.suffix == ".py":
            count = lines_of_python(path.read_text(encoding="utf-8", errors="replace"))
        elif path.suffix in SHOWN:
            text = path.read_text(encoding="utf-8", errors="replace")
            count = sum(bool(line.strip()) for line in text.splitlines())
        else:
            continue
        if count:
            area = places.area_of(name)
            found[area] = found.get(area, 0) + count
    return found


def lines_of_python(text: str) -> int:
    """The lines that have code: no blank ones, no comments, no docstrings."""
    try:
        tree = ast.parse(text)
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return sum(bool(line.strip()) for line in text.splitlines())
    lines: set[int] = set()
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    for token in tokens:
        if token.type not in (*skipped, tokenize.ENDMARKER):
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                lines.difference_update(range(first.lineno, (first.end_lineno or 0) + 1))
    return len(lines)
