"""How far each change is in each framework, and what it has cost, by the events of the record."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twinspike.day.clock import Worked, worked
from twinspike.day.record import Event

OPEN, RUNNING, PAUSED, DONE, SKIPPED = "open", "running", "paused", "done", "skipped"
_STATES = {"start": RUNNING, "resume": RUNNING, "pause": PAUSED, "done": DONE, "skip": SKIPPED}


@dataclass(frozen=True)
class Progress:
    """One change in one framework; the events are its own, in the order of the record."""

    change: str
    framework: str
    events: tuple[Event, ...] = ()

    @property
    def state(self) -> str:
        """`open`, `running`, `paused`, `done` or `skipped`."""
        states = [_STATES[event.kind] for event in self.events if event.kind in _STATES]
        return states[-1] if states else OPEN

    @property
    def lights(self) -> list[Event]:
        """The runs of the tests, oldest first."""
        return [event for event in self.events if event.kind == "light"]

    @property
    def by(self) -> list[str]:
        """Who builds it."""
        names = [event.data.get("by") for event in self.events if event.kind in ("start", "resume")]
        return list(dict.fromkeys(str(name) for name in names if name))

    @property
    def answered(self) -> bool:
        """Whether the answer key was put into the code."""
        return any(event.kind == "answer" and event.data.get("applied") for event in self.events)

    def last(self, kind: str) -> dict[str, Any]:
        """What the latest event of this kind says; empty where there is none."""
        return next((e.data for e in reversed(self.events) if e.kind == kind), {})

    def worked(self, until: datetime) -> Worked:
        """The time worked on it, up to this moment."""
        return worked(self.events, until)


@dataclass
class Day:
    """Everything that the record says, by change and framework."""

    events: list[Event] = field(default_factory=list)

    def of(self, change: str, framework: str) -> Progress:
        """How far this change is in this framework."""
        mine = [event for event in self.events if event.key == (change, framework)]
        return Progress(change, framework, tuple(mine))

    def at_work(self, framework: str) -> Progress | None:
        """What was started last in this framework and is neither done nor skipped."""
        numbers = dict.fromkeys(e.key[0] for e in reversed(self.events) if e.key[1] == framework)
        for number in filter(None, numbers):
            progress = self.of(number, framework)
            if progress.state in (RUNNING, PAUSED):
                return progress
        return None

    def next_for(self, framework: str, numbers: Iterable[str]) -> str | None:
        """The number of the first change that is neither done nor skipped nor superseded."""
        latest = self.latest(framework)
        return next(
            (
                n
                for n in numbers
                if self.of(n, framework).state not in (DONE, SKIPPED) and n >= latest
            ),
            None,
        )

    def latest(self, framework: str) -> str:
        """The number of the furthest change that was begun in this framework; "" before the first."""
        begun = [e.key[0] for e in self.events if e.kind == "start" and e.key[1] == framework]
        return max(begun, default="")

    @property
    def last_moment(self) -> datetime | None:
        """The latest moment of the record."""
        return max((event.at for event in self.events), default=None)
