"""A mistake in a file that people write: where it is, what it is, and what could be meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

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
