"""A scorecard's text as lines, each with what Markdown makes of it: the scanner's lower half."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

LARGEST = 1_000_000  # bytes; a scorecard has some thousand
LINE_END = re.compile(r"\r\n|\n|\r")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})(\s|$)")
FENCE = re.compile(r"\s*(`{3,}|~{3,})")
HEADING = re.compile(r"\s{0,3}#{1,6}(?:\s+(?P<title>.*?))?(?:\s+#+)?\s*$")
UNDERLINE = re.compile(r"\s{0,3}(=+|-+)\s*$")
BULLET = re.compile(r"^\s*(?:(?:[-*+•‣–—]|\d{1,3}[.)])\s+)?(?:\[(?P<box>[ xX])\]\s+)?")


class Place(Enum):
    """Where a line stands."""

    TEXT = "text"
    HEADING = "heading"
    CODE = "inside a code block"
    COMMENT = "inside a comment"
    QUOTE = "inside a quotation"
    TABLE = "inside a table"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, its text as it stands, and the words without heading or list marks."""

    number: int
    text: str
    place: Place
    body: str


class NotText(Exception):
    """The file cannot be read as text: the line, what stands there, and what was expected."""

    def __init__(self, line: int, text: str, expected: str) -> None:
        super().__init__(expected)
        self.line = line
        self.text = text
        self.expected = expected


def decode(data: bytes) -> str:
    """The text of a file; raises `NotText` for everything but UTF-8 without control characters."""
    if len(data) > LARGEST:
        raise NotText(1, "", "a text file of less than a megabyte")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotText(1, shown(data[:40]), "text in UTF-8, not UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = LINE_END.split(data[: error.start].decode("utf-8", "replace"))
        rest = re.split(rb"[\r\n]", data[error.start :], maxsplit=1)[0]
        raise NotText(
            len(before), before[-1] + shown(rest), "text in UTF-8; save the file as UTF-8"
        ) from None
    if control := CONTROL.search(text):
        number = len(LINE_END.split(text[: control.start()]))
        line = LINE_END.split(text)[number - 1]
        raise NotText(
            number,
            line,
            f"text; the character U+{ord(control[0]):04X} is not text, so this may not be a text file",
        )
    return text


def shown(data: bytes) -> str:
    """Bytes as text, with an escape for what is not UTF-8."""
    return data.decode("utf-8", "backslashreplace")


def lines_of(text: str) -> Iterator[Line]:
    """The lines of the text; only CR, LF and CRLF end a line.

    Raises `NotText` at the marks that a merge leaves behind.
    """
    raw = LINE_END.split(text)
    fence = ""
    comment = False
    for index, line in enumerate(raw):
        number = index + 1
        stripped = line.strip()
        if CONFLICT.match(line) and (line[0] != "=" or "<<<<<<<" in text):
            raise NotText(number, line, "no marks of a merge; settle it first")
        if fence:
            if stripped.startswith(fence) and not stripped.strip(fence[0]):
                fence = ""
            yield Line(number, line, Place.CODE, stripped)
        elif comment or stripped.startswith("<!--"):
            opened = line.rfind("<!--")
            comment = "-->" not in (line[opened:] if opened >= 0 else line)
            yield Line(number, line, Place.COMMENT, stripped)
        elif opening := FENCE.match(line):
            fence = opening[1]
            yield Line(number, line, Place.CODE, stripped)
        elif not stripped:
            yield Line(number, line, Place.EMPTY, "")
        elif heading := HEADING.match(line):
            yield Line(number, line, Place.HEADING, (heading["title"] or "").strip())
        elif stripped.startswith(">"):
            yield Line(number, line, Place.QUOTE, stripped.lstrip("> "))
        elif stripped.startswith("|"):
            yield Line(number, line, Place.TABLE, stripped.strip("| "))
        elif is_title(raw, index):
            yield Line(number, line, Place.HEADING, stripped)
        elif UNDERLINE.match(line):
            yield Line(number, line, Place.EMPTY, "")
        else:
            yield Line(number, line, Place.TEXT, stripped)
            comment = "<!--" in line and "-->" not in line[line.rfind("<!--") :]


def is_title(raw: list[str], index: int) -> bool:
    """Whether the line is a heading because the next one underlines it, and is not a labelled line."""
    return (
        index + 1 < len(raw)
        and bool(UNDERLINE.match(raw[index + 1]))
        and ":" not in raw[index]
        and (index == 0 or not raw[index - 1].strip())
    )


def without_bullet(text: str) -> str:
    """The text without the list mark or tick box before it."""
    return BULLET.sub("", text, count=1)
