"""Minutes worked on a change: from its start to its end, without pauses and nights."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from twinspike.day.record import Event

# Longer than this without a run of the tests, a pause or an end: nobody was there. It is a night, or a
# pause that nobody has told.
LONGEST_STRETCH = timedelta(hours=4)
RUNS = ("start", "resume")
STOPS = ("pause", "done", "skip")


@dataclass(frozen=True, slots=True)
class Worked:
    """Time worked, and the gaps that were too long to be work."""

    time: timedelta
    gaps: tuple[tuple[datetime, datetime], ...]
    running: bool

    @property
    def minutes(self) -> float:
        """The time in minutes, to a tenth."""
        return round(self.time.total_seconds() / 60, 1)


def worked(events: Iterable[Event], until: datetime) -> Worked:
    """The time worked by the events of one change in one framework, up to this moment.

    A stretch between two events counts when the change was running; one that goes back in time counts
    as nothing.
    """
    total = timedelta()
    gaps = []
    since: datetime | None = None
    for kind, at in [*((event.kind, event.at) for event in events), ("until", until)]:
        if since is not None:
            stretch = at - since
            if stretch > LONGEST_STRETCH:
                gaps.append((since, at))
            else:
                total += max(stretch, timedelta())
            since = at
        if kind in RUNS:
            since = at
        elif kind in STOPS:
            since = None
    return Worked(total, tuple(gaps), since is not None)
