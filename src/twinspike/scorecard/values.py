"""What people type for a score, a sentence or an answer, read strictly or refused.

A reader gives a `Read`: the value, and a remark where it was not typed plainly. It raises `Unreadable` with
what was expected; it never picks between two readings.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Final, Generic, TypeVar

EXPECTED_SCORE: Final = "a whole number from 1 to 5, or `not reached`"
EXPECTED_REASON: Final = "one sentence that says why"
EXPECTED_ANSWER: Final = "yes, partly, no or not tried, then a few words"

NO_DIFFERENCE: Final = "no difference"
ANSWERS: Final = ("yes", "partly", "no", "not tried")

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
INVISIBLE_AT_ENDS = re.compile(rf"^(?:\s|{INVISIBLE.pattern})+|(?:\s|{INVISIBLE.pattern})+$")
EMPHASIS = re.compile(r"[*_`]")
QUOTES = "\"'“”„‟‘’‚‛«»‹›"
WORD = re.compile(r"[^\W_]+")
SCORE = re.compile(r"([1-5])(?:\s*(?:/|of|out of)\s*5)?", re.IGNORECASE)
T = TypeVar("T")
NOT_REACHED = re.compile(r"[\s*_`\"'“”(]*not[\s\\_-]+reached[\s*_`\"'“”).\\]*", re.IGNORECASE)
PLACEHOLDERS = {"tbd", "todo", "na", "n a", "none", "nothing", "xxx", "idem", "ditto", "see above"}


class Mark(Enum):
    """What stands in place of a number."""

    NOT_REACHED = "not reached"
    MISSING = "missing"


Score = int | Mark


class Unreadable(Exception):
    """Cannot be read one way only; the message is what was expected."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A value, and how it was read where it was not typed plainly."""

    value: T
    remark: str = ""


def visible(text: str) -> str:
    """The text without characters that nobody sees, and with plain spaces."""
    return INVISIBLE.sub("", text).replace("\u00a0", " ").replace("\u202f", " ").strip()


def words_of(text: str) -> str:
    """The words alone: no case, punctuation, emphasis or width, joined by single spaces."""
    folded = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold()
    return " ".join(WORD.findall(folded))


def read_score(typed: str) -> Read[Score]:
    """A score from 1 to 5 or a `Mark`; nothing typed is `Mark.MISSING`.

    Raises `Unreadable` for everything that is not exactly one of these.
    """
    text = visible(typed)
    if not text:
        return Read(Mark.MISSING)
    bare = EMPHASIS.sub("", text).strip().removesuffix("\\").strip(QUOTES + " ")
    if NOT_REACHED.fullmatch(text):
        plain = text in ("not reached", "`not reached`")
        return Read(Mark.NOT_REACHED, "" if plain else "read as not reached")
    if len(bare) == 1 and bare.isdecimal():
        bare = str(unicodedata.decimal(bare))
    match = SCORE.fullmatch(unicodedata.normalize("NFKC", bare) if bare.isprintable() else bare)
    if match is None or any(unicodedata.category(c) in ("No", "So") for c in bare):
        raise Unreadable(EXPECTED_SCORE + score_hint(bare))
    return Read(int(match[1]), "" if typed.strip() == match[1] else f"read as {match[1]}")


def score_hint(text: str) -> str:
    """What to do about a score of this kind, as the end of a sentence."""
    if re.fullmatch(r"\d+\s*[.,]\s*\d*", text):
        return "; halves are not possible, the sentence can say what lies between"
    if "~~" in text:
        return "; take away what is struck through"
    if re.match(r"[1-5]\b", text) and re.search(r"[^\W\d]{3}", text):
        return "; the sentence belongs on the line that ends in `why:`"
    if re.search(r"\d\D+\d", text):
        return "; one number only"
    return ""


def read_reason(typed: str) -> Read[str]:
    """The sentence, "" when nothing was typed; raises `Unreadable` for a placeholder such as "tbd"."""
    text = INVISIBLE_AT_ENDS.sub("", typed).strip()
    words = words_of(text)
    if not visible(text):
        return Read("")
    if not any(character.isalpha() for character in words) or words in PLACEHOLDERS:
        raise Unreadable(EXPECTED_REASON)
    return Read(text)


def read_answer(typed: str) -> Read[tuple[str, str]]:
    """The answer (one of `ANSWERS`, or "" when nothing was typed) and the words after it."""
    text = visible(typed)
    if not text:
        return Read(("", ""))
    match = re.match(
        r"[\s*_`\"'“‘]*(yes|partly|no|not[\s_-]+tried)(?![^\W_])[\s*_`\"'”’]*(.*)",
        text,
        re.IGNORECASE,
    )
    if match is None:
        raise Unreadable(EXPECTED_ANSWER)
    answer = re.sub(r"[\s_-]+", " ", match[1].lower())
    rest = match[2].lstrip(" ,.;:–—-").strip()
    plain = text.startswith(answer)
    return Read((answer, rest), "" if plain else f"read as {answer}")


def begins_with(typed: str, choices: Iterable[str]) -> str | None:
    """The choice that the text begins with, in any capitals; None where it begins with none of them."""
    words = words_of(typed)
    for choice in choices:
        if words == words_of(choice) or words.startswith(f"{words_of(choice)} "):
            return choice
    return None


def read_expectation(typed: str, choices: Sequence[str]) -> Read[str]:
    """What was expected, which begins with one of the choices.

    Another beginning is read with a remark, since it is nobody's; raises `Unreadable` for a misspelt choice.
    """
    text = INVISIBLE_AT_ENDS.sub("", typed).strip()
    if not visible(text) or begins_with(text, choices):
        return Read(text)
    words = words_of(text).split()
    for choice in choices:
        length = len(choice.split())
        if get_close_matches(" ".join(words[:length]), [words_of(choice)], cutoff=0.75):
            raise Unreadable(f"{_one_of(choices)} first; did you mean {choice}?")
    return Read(text, f"counted for neither, since it does not begin with {_one_of(choices)}")


def _one_of(choices: Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"
