"""Reading a YAML file that people write: strict where YAML is generous, always with the line of a mistake."""

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from twinspike.errors import UserError

LARGEST = 256 * 1024
MOST_NODES = 20_000


@dataclass(frozen=True)
class Document:
    """What a YAML file says, and on which line each place is (as in `transitions[3].to`)."""

    data: Any
    lines: dict[str, int] = field(default_factory=dict)


def read(path: Path) -> Document:
    """The YAML document in the file.

    Raises `UserError`, with the file's name in front, when it is not YAML or has a key twice.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder; name the workflow file in it.") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from None
    if len(raw) > LARGEST:
        raise UserError(
            f"{path}: has more than {LARGEST // 1024} kB; a workflow fits on one page. "
            "Is it the right file?"
        )
    try:
        return parse(_decode(raw))
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _decode(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UserError("is UTF-16; save it as UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UserError(f"line {line}: is not UTF-8; save the file as UTF-8.") from None


def parse(text: str) -> Document:
    """The YAML document in the text. Raises `UserError` with the line of the mistake."""
    if not text.strip():
        raise UserError("is empty.")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise UserError("says nothing but comments.")
        _count(node)
        lines: dict[str, int] = {}
        _walk(node, "", lines)
        loader = yaml.SafeLoader("")
        return Document(loader.construct_document(node), lines)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise UserError(f"line {line}: has the control character {error.character!r}.") from None
    except yaml.MarkedYAMLError as error:
        raise UserError(_explained(error)) from None
    except RecursionError:
        raise UserError("is nested too deeply for a workflow.") from None
    except ValueError as error:  # a date such as 2026-02-31
        raise UserError(f"has a value that cannot be: {error}.") from None


def _explained(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem = error.problem or str(error)
    if "'\\t'" in problem:
        return f"{place}there is a tab; use spaces, YAML allows nothing else."
    if "mapping values are not allowed" in problem:
        return (
            f"{place}a colon stands where YAML expects none; "
            "put a text with a colon in quotes, and check the indentation."
        )
    if "expected a single document" in str(error):
        return f"{place}a second document begins; one file holds one workflow."
    if "undefined alias" in problem:
        return f"{place}{problem}; a text that begins with * needs quotes."
    if "could not determine a constructor" in problem:
        return f"{place}a tag stands where plain YAML belongs; take it away."
    context = f" ({error.context})" if error.context else ""
    return f"{place}is not YAML: {problem}{context}."


def _count(root: yaml.Node) -> None:
    """Raise `UserError` when aliases make the document endless or far larger than its text."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        line = node.start_mark.line + 1
        if id(node) in open_nodes:
            raise UserError(f"line {line}: contains itself by an alias; write it out.")
        open_nodes.add(id(node))
        parts = node.value if isinstance(node, yaml.CollectionNode) else []
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in parts for part in pair]
        sizes[id(node)] = 1 + sum(size(part) for part in parts)
        open_nodes.discard(id(node))
        if sizes[id(node)] > MOST_NODES:
            raise UserError(f"line {line}: its aliases make it far too large; write it out.")
        return sizes[id(node)]

    size(root)


def _walk(node: yaml.Node, place: str, lines: dict[str, int]) -> None:
    """Note the line of each place, and raise `UserError` for a key that is there twice."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, part in enumerate(node.value):
            _walk(part, f"{place}[{index}]", lines)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise UserError(f"line {line}: a list or a mapping stands where a key belongs.")
            if key.value in seen:
                raise UserError(
                    f"line {line}: the key '{key.value}' is there twice "
                    f"(first on line {seen[key.value]}); keep one of them."
                )
            seen[key.value] = line
            inner = f"{place}.{key.value}" if place else key.value
            lines[inner] = line
            _walk(value, inner, lines)
