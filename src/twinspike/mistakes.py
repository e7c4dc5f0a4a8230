"""A mistake in a file that people write: where it is, what it is, and what could be meant."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from operator import itemgetter

# Control characters, line ends and marks that turn the direction of text or cannot be seen.
INVISIBLE = r"\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff"
UNPRINTABLE = re.compile(f"[{INVISIBLE}\ud800-\udfff]")


@dataclass(frozen=True)
class Mistake:
    """Something that a file may not say, and where (as in `transitions[3].to`)."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def shown(value: object) -> str:
    """A value as a message shows it, cut where it is long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = "nothing"
    elif isinstance(value, dict):
        text = "a mapping"
    elif isinstance(value, list):
        text = "a list"
    elif isinstance(value, str):
        text = f"'{UNPRINTABLE.sub('�', value)}'"
    else:
        text = str(value)
    return text if len(text) <= 60 else f"{text[:56]}…'"


def suggestion(value: object, allowed: Iterable[str], kind: str) -> str:
    """What could be meant: the closest allowed word, or all of them."""
    words = list(dict.fromkeys(allowed))
    close = get_close_matches(str(value).lower(), words, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not words:
        return f"there are no {kind}"
    return f"the {kind} are {', '.join(words)}"


def report(
    source: str, lines: Mapping[str, int], mistakes: Iterable[Mistake], prefix: str = ""
) -> list[str]:
    """A line for each mistake, in the order of the file: file, line, place, what is wrong, remedy."""
    found = []
    for mistake in mistakes:
        number = nearest_line(lines, ".".join(part for part in (prefix, mistake.place) if part))
        parts = (source, f"line {number}" if number else "", str(mistake))
        found.append((number or 0, ": ".join(part for part in parts if part)))
    return [text for _, text in sorted(found, key=itemgetter(0))]


def nearest_line(lines: Mapping[str, int], place: str) -> int | None:
    """The line of the place, or of the closest thing around it."""
    while place and place not in lines:
        cut = max(place.rfind("."), place.rfind("["))
        place = place[:cut] if cut > 0 else ""
    return lines.get(place)
