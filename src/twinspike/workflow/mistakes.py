"""What a mistake in a workflow is, and what the file could have meant."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from twinspike.paths import template_root


@dataclass(frozen=True)
class Mistake:
    """Something that a workflow may not say, and where (as in `transitions[3].to`)."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@cache
def reserved() -> dict[str, list[str]]:
    """Names that the spikes need for themselves, by kind."""
    text = (template_root() / "macros" / "reserved.json").read_text(encoding="utf-8")
    return json.loads(text)


def suggestion(value: object, allowed: Iterable[str], kind: str) -> str:
    """What could be meant: the closest allowed word, or all of them."""
    words = list(dict.fromkeys(allowed))
    close = get_close_matches(str(value).lower(), words, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not words:
        return f"there are no {kind}"
    return f"the {kind} are {', '.join(words)}"
