"""A mistake in a file that people write: where it is, what it is, and what could be meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

# Control characters, line ends and marks that turn the direction of text or cannot be seen.
INVISIBLE = r"\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff"
UNPRINTABLE = re.compile(f"[{INVISIBLE}\ud800-\udfff]")
# Words of other tools, and what they are called here.
CALLED_HERE = {
    "amount": "money",
    "bool": "boolean",
    "checkbox": "boolean",
    "condition": "when",
    "conditions": "when",
    "currency": "money",
    "datetime": "date",
    "decimal": "money",
    "description": "help",
    "enum": "choice",
    "float": "money",
    "guard": "when",
    "guards": "when",
    "hint": "help",
    "int": "integer",
    "link": "url",
    "mail": "email",
    "mandatory": "required",
    "maximum": "max",
    "minimum": "min",
    "notify": "notifies",
    "number": "integer",
    "options": "choices",
    "select": "choice",
    "string": "text",
    "textarea": "long_text",
    "title": "label",
    "user": "person",
    "webhook": "follow_ups",
    "webhooks": "follow_ups",
}


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
    """What could be meant: the word that we have for it, the closest allowed word, or all of them."""
    words = list(dict.fromkeys(allowed))
    given = str(value).lower()
    longer = [word for word in words if len(given) > 3 and word.startswith(given)]
    close = [CALLED_HERE.get(given), *longer, *get_close_matches(given, words, n=1, cutoff=0.7)]
    meant = [word for word in close if word in words]
    if meant:
        return f"did you mean '{meant[0]}'?"
    if not words:
        return f"there are no {kind}"
    return f"the {kind} are {', '.join(words)}"
