"""One person's scorecard as it was read, with what could not be read and what was read in spite of its form."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from twinspike.scorecard.values import Mark, Score

FELT = ("Easy", "Clumsy", "Extra code")


class Kind(Enum):
    """How bad a finding is."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a file: the line number (from 1), the line itself, and what to know about it.

    For a problem `message` is what was expected; for a note, how the line was read.
    """

    kind: Kind
    line: int
    text: str
    message: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One area in one framework: the score, the sentence why, and the score's line."""

    score: Score = Mark.MISSING
    reason: str = ""
    line: int = 0


@dataclass(slots=True)
class Card:
    """What one person handed in; `cells` has every area and framework, by their names."""

    person: str
    path: Path
    final: bool = False
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    expects: str = ""
    built: str = ""
    felt: dict[tuple[str, str], str] = field(default_factory=dict)
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    blank: bool = False

    def of_kind(self, kind: Kind) -> list[Finding]:
        """The findings of one kind, in file order."""
        return sorted(
            (finding for finding in self.findings if finding.kind is kind), key=lambda f: f.line
        )

    @property
    def readable(self) -> bool:
        """Whether nothing in the file was unreadable; scores may still be missing."""
        return not any(finding.kind is Kind.UNREADABLE for finding in self.findings)

    @property
    def complete(self) -> bool:
        """Whether everything is there and readable."""
        return all(finding.kind is Kind.NOTE for finding in self.findings)

    @property
    def scored(self) -> int:
        """How many scores there are, `not reached` included."""
        return sum(cell.score is not Mark.MISSING for cell in self.cells.values())
