"""The package is one straight line: each part reads only from those before it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

SOURCES = ROOT / "src" / "twinspike"
LINE = ("answers", "workflow", "render", "run", "scorecard", "day", "review", "cli")


def imports(path: Path) -> Iterator[str]:
    """The modules of this package that the file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("twinspike"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("twinspike"))


def part_of(module: str) -> str:
    """The part that a module is in: `answers` for `twinspike.answers.checking`."""
    return module.split(".")[1]


def test_no_part_reads_from_a_later_one() -> None:
    back = []
    for path in SOURCES.rglob("*.py"):
        part = part_of(".".join(path.relative_to(SOURCES.parent).with_suffix("").parts))
        place = LINE.index(part) if part in LINE else -1
        for module in imports(path):
            other = part_of(module)
            if other in LINE and LINE.index(other) > place and part != "__main__":
                back.append(f"{path.relative_to(SOURCES)} imports {module}")
    assert back == []
