"""Everything that the commands of the day need to know about a copy, read once."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from twinspike.day import changes, record
from twinspike.day.changes import Change
from twinspike.day.progress import DONE, OPEN, PAUSED, RUNNING, Day, Progress
from twinspike.errors import UsageError, UserError
from twinspike.paths import find_copy
from twinspike.scorecard.areas import FILE_NAME, load_plan

SLACK = timedelta(seconds=60)


@dataclass
class Today:
    """A copy, its changes, and what the record says of them."""

    copy: Path
    project: str
    titles: dict[str, str]
    areas: dict[str, str]
    changes: list[Change]
    day: Day
    troubles: list[str]

    @property
    def frameworks(self) -> list[str]:
        """The frameworks of the copy."""
        return list(self.titles)

    @property
    def numbers(self) -> list[str]:
        """The numbers of the changes, in their order."""
        return [change.number for change in self.changes]

    def spike(self, name: str) -> str:
        """The name of a framework that this copy has. Raises `UserError` for another."""
        if name not in ("django", "fastapi"):
            raise UsageError(f"'{name}' is not a spike; write {' or '.join(self.frameworks)}.")
        if name not in self.titles:
            raise UserError(f"{self.copy.name} has no {name} spike; it has {self.frameworks[0]}.")
        return name

    def change(self, wanted: str) -> Change:
        """The change of this number or file name. Raises `UserError` when there is none."""
        return changes.find(self.changes, wanted)

    def of(self, change: Change, framework: str) -> Progress:
        """How far the change is in the framework."""
        return self.day.of(change.number, framework)

    def at_work(self, framework: str) -> tuple[Change, Progress] | None:
        """The change that was started in the framework and is neither done nor skipped."""
        progress = self.day.at_work(framework)
        return None if progress is None else (self.change(progress.change), progress)

    def builds_first(self, change: Change) -> str:
        """Who builds the change first: it alternates, since whoever is second knows the problem."""
        return self.frameworks[self.numbers.index(change.number) % len(self.frameworks)]

    def next_change(self, framework: str) -> Change | None:
        """The first change after the last one begun that is neither done nor skipped."""
        number = self.day.next_for(framework, self.numbers)
        return None if number is None else self.change(number)

    def open_before(self, change: Change, framework: str) -> list[Change]:
        """Earlier changes that nobody has begun in the framework, since the last one that was."""
        latest = self.day.latest(framework)
        return [
            each
            for each in self.changes
            if latest < each.number < change.number and self.of(each, framework).state == OPEN
        ]

    def taken(self, framework: str) -> list[str]:
        """The changes in words that are begun or built in the framework."""
        return [
            each.number
            for each in self.changes
            if each.workflow is None and self._is_in(each, framework)
        ]

    def built(self, framework: str, before: str = "99") -> str:
        """The number of the furthest change, before that one, that is begun or built; "" for none."""
        numbers = [
            each.number
            for each in self.changes
            if each.number < before and self._is_in(each, framework)
        ]
        return max(numbers, default="")

    def _is_in(self, change: Change, framework: str) -> bool:
        """Whether the spike has the change, or is about to: begun, done, or taken over from the key."""
        progress = self.of(change, framework)
        return progress.state in (RUNNING, PAUSED, DONE) or progress.answered

    def check_clock(self, trust: bool) -> None:
        """Raise `UserError` when this machine's clock stands before the last event of the record."""
        last = self.day.last_moment
        if last is not None and record.now() < last - SLACK and not trust:
            raise UserError(
                f"The clock of this machine stands before the last event of {record.FILE} "
                f"({last.astimezone():%Y-%m-%d %H:%M}). Set it right, or add --yes if that event is wrong."
            )


def look(place: Path) -> Today:
    """What is known about the copy that the folder is in. Raises `UserError` for what is wrong with it."""
    copy = find_copy(place)
    plan = load_plan(copy / FILE_NAME)
    events, troubles = record.read(copy)
    return Today(
        copy,
        plan.project,
        {framework.name: framework.title for framework in plan.frameworks},
        {area.name: area.title for area in plan.areas},
        changes.read_all(copy, [area.name for area in plan.areas]),
        Day(events),
        troubles,
    )
