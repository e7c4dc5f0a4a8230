"""Minutes worked: pauses and nights are out, and a clock that went back takes nothing away."""

from datetime import UTC, datetime

import pytest

from twinspike.day.clock import worked
from twinspike.day.record import Event


def at(text: str) -> datetime:
    """A moment, as in `31 09:30`: the day of a month and the time."""
    day, time = text.split()
    return datetime.fromisoformat(f"2026-03-{day}T{time}:00").replace(tzinfo=UTC)


def minutes(day: str, until: str) -> float:
    """The minutes worked by events, as in `31 09:30 start, 31 10:00 done`."""
    events = []
    for part in filter(None, day.split(", ")):
        moment, kind = part.rsplit(" ", 1)
        events.append(Event(kind, at(moment), {}))
    return worked(events, at(until)).minutes


@pytest.mark.parametrize(
    ("day", "until", "expected"),
    [
        ("", "31 12:00", 0),
        ("31 09:30 start", "31 10:15", 45),
        ("31 09:30 start, 31 10:00 done", "31 12:00", 30),
        ("31 09:30 start, 31 10:00 pause, 31 11:00 resume", "31 11:20", 50),
        ("31 09:30 start, 31 10:00 pause", "31 15:00", 30),
        ("31 09:30 start, 31 10:00 light, 31 10:30 done", "31 12:00", 60),
        ("31 09:30 start, 31 10:00 skip, 31 11:00 start", "31 11:10", 40),
        # a night: nobody has told the clock
        ("30 16:30 start, 30 17:30 light, 31 09:10 light", "31 09:40", 90),
        ("30 16:30 start", "31 09:00", 0),
        # over midnight all the same, when somebody works
        ("30 23:00 start, 30 23:50 light, 31 00:30 light", "31 01:00", 120),
        # the clock went back by an hour in between
        ("31 09:30 start, 31 10:00 light, 31 09:00 light", "31 09:20", 50),
    ],
)
def test_minutes(day: str, until: str, expected: float) -> None:
    assert minutes(day, until) == expected


def test_a_gap_is_told() -> None:
    events = [Event("start", at("30 16:30"), {}), Event("light", at("31 09:10"), {})]
    assert worked(events, at("31 09:20")).gaps == ((at("30 16:30"), at("31 09:10")),)


def test_a_clock_runs_until_it_is_stopped() -> None:
    begun = [Event("start", at("31 09:00"), {})]
    assert worked(begun, at("31 09:10")).running
    assert not worked([*begun, Event("pause", at("31 09:05"), {})], at("31 09:10")).running
