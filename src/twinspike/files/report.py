"""Mistakes in a file as people read them: a line for each, with the line of the file."""

from collections.abc import Iterable, Mapping
from operator import itemgetter

from twinspike.files.mistakes import Mistake


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
