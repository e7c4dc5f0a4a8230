"""Which line of a scorecard is what: the first pass, which looks at labels and places, not at values."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from twinspike.scorecard.areas import FILE_NAME, Plan
from twinspike.scorecard.card import Finding, Kind
from twinspike.scorecard.labels import Label, Slot, Vocabulary, vocabulary
from twinspike.scorecard.lines import Line, Place, without_bullet
from twinspike.scorecard.values import words_of

COLON = re.compile("[:：﹕]")
BOLD = re.compile(r"[*_]{1,3}")
NAMED = re.compile(r"[,，]\s*(?:django|fastapi)[\s*_]*(?:[,，]\s*\w+\s*)?$", re.IGNORECASE)
LOOKS_SCORED = re.compile(r"[\s*_`]*(?:\d|not reached|$)", re.IGNORECASE)
NEAR_HEADING, NEAR_LABEL = 0.8, 0.85  # how alike a misspelling is, from 0 to 1
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Known:
    """What all scorecards of a copy share: the plan, its labels, and the lines of the blank page."""

    plan: Plan
    vocabulary: Vocabulary
    printed: frozenset[str]

    @classmethod
    def of(cls, plan: Plan, blank: str = "") -> "Known":
        """What to know for this plan, whose blank scorecard has the given text."""
        printed = frozenset(without_bullet(line.strip()) for line in blank.split("\n")) - {""}
        return cls(plan, vocabulary(plan), printed)

    def prints(self, line: Line) -> bool:
        """Whether the line stands on every scorecard."""
        return without_bullet(line.text.strip()) in self.printed


@dataclass(slots=True)
class Entry:
    """A labelled line and what was typed behind its colon; a sentence may go on over lines."""

    label: Label
    line: Line
    value: str
    more: list[Line] = field(default_factory=list)

    @property
    def typed(self) -> str:
        """All that was typed, on one line."""
        return " ".join([self.value.strip(), *(line.text.strip() for line in self.more)]).strip()


class Scanner:
    """Collects the labelled lines of one file, and what is wrong with their places."""

    def __init__(self, known: Known, person: str) -> None:
        self.known = known
        self.person = person
        self.findings: list[Finding] = []
        self.entries: dict[str, Entry] = {}
        self.headings: dict[str, Line] = {}
        self.excused: set[str] = set()  # sections whose trouble is told already
        self.told: set[str] = set()  # labels whose trouble is told already
        self.last = Line(1, "", Place.EMPTY, "")
        self._section: str | None = None
        self._broken = False
        self._hidden: Place | None = None
        self._open: Entry | None = None
        self._unread: list[Line] = []

    def refuse(self, line: Line, expected: str) -> None:
        """Record that the line cannot be read."""
        self.findings.append(Finding(Kind.UNREADABLE, line.number, line.text, expected))

    def note(self, line: Line, remark: str) -> None:
        """Record how the line was read, in spite of its form."""
        self.findings.append(Finding(Kind.NOTE, line.number, line.text, remark))

    def scan(self, lines: Iterable[Line]) -> None:
        """Take in all lines."""
        for line in lines:
            if line.place is Place.EMPTY:
                self._open = None
                continue
            self.last = line
            if line.place is Place.HEADING:
                self._heading(line, line.body)
            else:
                self._text(line)
        if self._unread:
            numbers = ranges([line.number for line in self._unread])
            self.note(
                self._unread[0], f"text that does not belong to a score is not read: line {numbers}"
            )

    def _heading(self, line: Line, title: str) -> None:
        self._open = None
        words = words_of(title)
        section = self.known.vocabulary.sections.get(words)
        if section is None:
            self._other_heading(line, title, words)
        elif section in self.headings:
            first = self.headings[section].number
            self.refuse(line, f"“{section}” once; its heading is on line {first} already")
            self._section, self._broken = section, True
        else:
            if not line.text.startswith("## ") or title != section:
                self.note(line, f"read as the heading “{section}”")
            self.headings[section] = line
            self._section, self._broken = section, False

    def _other_heading(self, line: Line, title: str, words: str) -> None:
        """A heading that is not a section: a labelled line, a misspelt section, or a person's own."""
        if self._labelled(line, title):
            return
        near = difflib.get_close_matches(words, self.known.vocabulary.sections, 1, NEAR_HEADING)
        if near:
            section = self.known.vocabulary.sections[near[0]]
            self.refuse(line, f"a heading of {FILE_NAME}; did you mean “{section}”?")
            self.excused.add(section)
            self._section, self._broken = section, True
        elif title.startswith("Scorecard of "):
            named = unicodedata.normalize("NFC", title.removeprefix("Scorecard of ").strip())
            if named != self.person:
                self.note(line, f"the file's name counts: this is the scorecard of {self.person}")
        elif not self.known.prints(line):
            self._unread.append(line)

    def _text(self, line: Line) -> None:
        """A line of text: labelled, a heading without its mark, the rest of a sentence, or prose."""
        if self._labelled(line, line.body):
            return
        plain = line.body.strip("*_ ")
        if self.known.prints(line):
            self._open = None
        elif line.place is Place.TEXT and plain == self.known.vocabulary.sections.get(
            words_of(plain)
        ):
            self._heading(line, plain)
        elif self._open is not None and self._goes_on(line):
            self._open.more.append(line)
        else:
            self._open = None
            self._unread.append(line)

    def _goes_on(self, line: Line) -> bool:
        """Whether the line continues the sentence above it: plain text without a list mark."""
        return line.place is Place.TEXT and without_bullet(line.body) == line.body

    def _labelled(self, line: Line, body: str) -> bool:
        """Take the line if it has a label, or should have one; gives whether it did."""
        parts = COLON.split(without_bullet(body), maxsplit=1)
        words = words_of(parts[0]) if len(parts[0]) <= LONGEST_LABEL * 4 else ""
        label = self.known.vocabulary.labels.get(words)
        if len(parts) == 2 and label is not None:
            self._open = None
            self._enter(line, label, parts[0], parts[1])
            return True
        if self.known.prints(line):
            return False
        expected = self._suspicion(parts, words)
        if not expected:
            return False
        self._open = None
        if not self._broken:
            self.refuse(line, expected)
        return True

    def _suspicion(self, parts: list[str], words: str) -> str:
        """What was expected, where a line looks like a labelled one but is not; else ""."""
        labels = self.known.vocabulary.labels
        if len(parts) == 1:
            for known, label in self.known.vocabulary.longest_first:
                long = label.slot in (Slot.SCORE, Slot.REASON)
                if words == known or (long and words.startswith(known + " ")):
                    self.told.add(label.text)
                    return f"“{label.text}:”, with a colon before the value"
            return ""
        if not words or len(words) > LONGEST_LABEL:
            return ""
        near = difflib.get_close_matches(words, labels, 1, NEAR_LABEL)
        if near:
            self.told.add(labels[near[0]].text)
            return f"a known label; did you mean “{labels[near[0]].text}:”?"
        last = words.removesuffix(" why").removesuffix(" score").rsplit(" ", 1)[-1]
        alone = words in ("score", "why", "reason", "django", "fastapi")
        of_area = any(words.startswith(section + " ") for section in self.known.vocabulary.sections)
        scored = (last in ("django", "fastapi") or of_area) and LOOKS_SCORED.match(parts[1])
        if alone or scored or NAMED.search(parts[0]):
            plan = self.known.plan
            example = f"{plan.areas[0].title}, {plan.frameworks[0].title}"
            return f"an area of {FILE_NAME} and a framework, as in “{example}:”"
        return ""

    def _enter(self, line: Line, label: Label, typed: str, value: str) -> None:
        """Keep the line's value, unless something about its place is wrong."""
        if line.place not in (Place.TEXT, Place.HEADING):
            if self._hidden is not line.place:
                self.refuse(line, f"this as a line of its own, not {line.place.value}")
            self._hidden = line.place
            self.told.add(label.text)
            self.excused.add(label.section)
            return
        self._hidden = None
        if label.text in self.entries:
            first = self.entries[label.text].line.number
            if not self._broken:
                self.refuse(line, f"“{label.text}” once; it is on line {first} already")
            return
        entry = Entry(label, line, unbold(typed, value))
        if label.section != self._section:
            self._stray(line, label)
        elif typed.strip().strip("*_`").strip() != label.text or line.place is Place.HEADING:
            self.note(line, f"read as “{label.text}”")
        self.entries[label.text] = entry
        if label.slot is not Slot.SCORE:
            self._open = entry

    def _stray(self, line: Line, label: Label) -> None:
        """A labelled line under the heading of something else; told once for each section."""
        if label.section in self.excused:
            return
        where = f"stands under “{self._section}”" if self._section else "has no heading above it"
        self.refuse(line, f"the heading “{label.section}” above this line, which {where}")
        self.excused.add(label.section)


def unbold(typed: str, value: str) -> str:
    """The value without the closing mark of an emphasis that began before the label."""
    opening = BOLD.match(typed.strip())
    if opening and not typed.strip().endswith(opening[0]):
        stripped = value.strip()
        if stripped.startswith(opening[0]):
            return stripped.removeprefix(opening[0])
        if stripped.endswith(opening[0]):
            return stripped.removesuffix(opening[0])
    return value


def ranges(numbers: list[int]) -> str:
    """Line numbers in words, as in "3, 7-9"."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
