"""When a load asks for what: a rate that is planned, whatever is answered when."""

from dataclasses import dataclass
from math import ceil

SHARES = {"record": 8, "list": 6, "search": 3, "edit": 2, "approve": 1}  # of twenty requests
STEP = 7  # nobody asks for one kind only: from one request of a user to the next in the mixture


@dataclass(frozen=True)
class Moment:
    """When a user asks for what; `due` in seconds after the beginning."""

    due: float
    user: int
    kind: str


def pattern(kinds: set[str]) -> list[str]:
    """Twenty requests in the shares of the mixture, evenly mixed; what a workflow lacks is a look at a record."""
    shares = {kind: share for kind, share in SHARES.items() if kind in kinds}
    shares["record"] += sum(SHARES.values()) - sum(shares.values())
    whole = sum(shares.values())
    places = [((n + 0.5) * whole / x, kind) for kind, x in shares.items() for n in range(x)]
    return [kind for _, kind in sorted(places)]


def moments(users: int, seconds: int, spawn_rate: float, kinds: set[str]) -> list[Moment]:
    """When everybody asks, in the order of time: each once a second from when they come, evenly over the second."""
    mixed = pattern(kinds)
    found = []
    for number in range(users):
        place = number / users
        first = place + max(0, ceil(number / spawn_rate - place - 1e-9))
        for turn in range(seconds):
            kind = mixed[(number + STEP * turn) % len(mixed)]
            if first + turn < seconds:
                found.append(Moment(first + turn, number, kind))
    return sorted(found, key=lambda moment: moment.due)
