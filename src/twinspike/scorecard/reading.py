"""Reading a scorecard, line by line.

Every score and every sentence stands on a line of its own that names its area and its framework, under the
heading of that area. A value counts only where the line and the heading agree; anything else that looks
like a score is refused with its place. Nothing is guessed, and the file is never written.
"""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from twinspike.scorecard.card import Card, Cell, Finding, Kind
from twinspike.scorecard.labels import Label, Slot
from twinspike.scorecard.lines import NotText, decode, lines_of
from twinspike.scorecard.scanner import Entry, Known, Scanner
from twinspike.scorecard.values import (
    EXPECTED_ANSWER,
    EXPECTED_SCORE,
    NO_DIFFERENCE,
    Mark,
    Read,
    Unreadable,
    read_answer,
    read_expectation,
    read_reason,
    read_score,
)

T = TypeVar("T")


def read_card(path: Path, known: Known, *, final: bool = False) -> Card:
    """The scorecard in the file, with every problem and note; never raises for what is in it."""
    person = unicodedata.normalize("NFC", path.stem)
    card = Card(person, path, final)
    try:
        data = path.read_bytes()
    except OSError as error:
        expected = f"a scorecard that can be read: {error.strerror or 'it cannot be opened'}"
        return unreadable(card, known, NotText(1, "", expected))
    return read_bytes(data, card, known)


def read_bytes(data: bytes, card: Card, known: Known) -> Card:
    """The card, filled in from the bytes of its file."""
    scanner = Scanner(known, card.person)
    try:
        text = decode(data)
        if not text.strip():
            raise NotText(1, "", "a scorecard; the file is empty")
        scanner.scan(lines_of(text))
    except NotText as problem:
        return unreadable(card, known, problem)
    card.findings = scanner.findings + [
        Finding(Kind.NOTE, 1, "", remark) for remark in oddities(data)
    ]
    Settling(card, scanner).settle()
    return card


def unreadable(card: Card, known: Known, problem: NotText) -> Card:
    """The card of a file that cannot be read as text; it has no score."""
    for area in known.plan.areas:
        for framework in known.plan.frameworks:
            card.cells[area.name, framework.name] = Cell()
    card.findings = [Finding(Kind.UNREADABLE, problem.line, problem.text, problem.expected)]
    return card


def oddities(data: bytes) -> list[str]:
    """What an editor changed in the whole file without changing its meaning."""
    remarks = []
    if data.startswith(b"\xef\xbb\xbf"):
        remarks.append("the byte order mark before the text is ignored")
    if b"\r\n" in data:
        remarks.append("the line ends of Windows (CRLF) are accepted")
    if b"\r" in data.replace(b"\r\n", b""):
        remarks.append("line ends of an old kind (CR) are accepted")
    return remarks


class Settling:
    """The second pass over one file: what the values are, and what is missing."""

    def __init__(self, card: Card, scanner: Scanner) -> None:
        self.card = card
        self.scanner = scanner
        self.entries = scanner.entries

    def settle(self) -> None:
        """Fill in the card."""
        for entry in self.entries.values():
            key = entry.label.key
            match entry.label.slot:
                case Slot.EXPECTS:
                    self.card.expects = self.value(entry, self.expectation) or ""
                case Slot.BUILT:
                    self.card.built = entry.typed
                case Slot.FELT:
                    self.card.felt[key[0], key[1]] = entry.typed
                case Slot.ANSWER:
                    self.card.answers[key[0]] = self.value(entry, read_answer) or ("", "")
                case _:
                    pass
            if entry.more:
                last = entry.more[-1].number
                self.find(Kind.NOTE, entry, f"read together with the text up to line {last}")
        for label in self.scanner.known.vocabulary.labels.values():
            if label.slot is Slot.SCORE:
                self.cell(label)
        self.missing()

    def find(self, kind: Kind, entry: Entry, message: str) -> None:
        """Record a finding at the entry's line."""
        self.card.findings.append(Finding(kind, entry.line.number, entry.line.text, message))

    def value(self, entry: Entry, read_as: Callable[[str], Read[T]]) -> T | None:
        """The entry's value; None when it was refused."""
        try:
            read = read_as(entry.typed)
        except Unreadable as problem:
            self.find(Kind.UNREADABLE, entry, str(problem))
            return None
        if read.remark:
            self.find(Kind.NOTE, entry, read.remark)
        return read.value

    def expectation(self, typed: str) -> Read[str]:
        """What was expected; free where one framework was tried alone."""
        titles = [framework.title for framework in self.scanner.known.plan.frameworks]
        return read_expectation(typed, [*titles, NO_DIFFERENCE]) if titles[1:] else Read(typed)

    def cell(self, label: Label) -> None:
        """Read a score with its sentence; one without the other is refused."""
        score_entry = self.entries.get(label.text)
        reason_entry = self.entries.get(f"{label.text}, why")
        score = self.value(score_entry, read_score) if score_entry else Mark.MISSING
        reason = self.value(reason_entry, read_reason) if reason_entry else ""
        if reason_entry and isinstance(score, int) and reason == "":
            self.find(Kind.UNREADABLE, reason_entry, f"a sentence that says why it is {score}")
        if score_entry and score is Mark.MISSING and reason:
            self.find(
                Kind.UNREADABLE, score_entry, f"{EXPECTED_SCORE}, for the sentence that is there"
            )
        key = (label.key[0], label.key[1])
        self.card.cells[key] = Cell(
            Mark.MISSING if score is None else score,
            reason or "",
            score_entry.line.number if score_entry else 0,
        )

    def missing(self) -> None:
        """Record the headings, lines and values that are not there."""
        for label in self.scanner.known.vocabulary.labels.values():
            if label.slot in (Slot.SCORE, Slot.REASON, Slot.ANSWER):
                self.missing_line(label)
        answers = [e for e in self.entries.values() if e.label.slot is Slot.ANSWER]
        scores = [e for e in self.entries.values() if e.label.slot in (Slot.SCORE, Slot.REASON)]
        felt = [e for e in self.entries.values() if e.label.slot is Slot.FELT]
        self.card.blank = bool(scores) and not any(e.typed for e in scores + answers + felt)
        if self.card.blank:
            last = self.scanner.last
            self.card.findings.append(
                Finding(Kind.MISSING, last.number, last.text, "scores; this one is still blank")
            )
            return
        for entry in scores:
            both = self.entries.get(f"{entry.label.text}, why")
            if entry.label.slot is Slot.SCORE and not entry.typed and not (both and both.typed):
                self.find(Kind.MISSING, entry, EXPECTED_SCORE)
        for entry in answers:
            if not entry.typed:
                self.find(Kind.MISSING, entry, EXPECTED_ANSWER)

    def missing_line(self, label: Label) -> None:
        """Note a line that is missing altogether, at its heading if there is one."""
        if label.text in self.entries or label.text in self.scanner.told:
            return
        heading = self.scanner.headings.get(label.section)
        if heading is not None:
            at, expected = heading, f"the line “- {label.text}:” below this heading"
        elif label.section not in self.scanner.excused:
            at = self.scanner.last
            expected = f"the section “## {label.section}” with its lines, anywhere in the file"
            self.scanner.excused.add(label.section)
        else:
            return
        self.card.findings.append(Finding(Kind.UNREADABLE, at.number, at.text, expected))
