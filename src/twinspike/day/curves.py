"""The curves of a load as SVG, drawn by hand; colours come from the page's style sheet.

Each has a text alternative. Those of several spikes have the same scales, so that they can be laid side by side.
"""

from collections.abc import Callable, Iterable, Sequence
from math import ceil, log10
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT = 420, 200
LEFT, RIGHT, TOP, BOTTOM = 52, 18, 10, 26  # of what is drawn, to the edges
LEAST = 1.0  # milliseconds, where the logarithmic scale begins
Points = Sequence[tuple[float, float | None]]


def milliseconds(value: float | None) -> str:
    """A time as people read it; a dash where there was no answer."""
    if value is None:
        return "–"
    return f"{value / 1000:g} s" if value >= 1000 and value % 1000 == 0 else f"{value:,.0f} ms"


def slowest(told: dict[str, Any]) -> float:
    """The power of ten, in milliseconds, that no answer took longer than."""
    known = [
        value
        for spike in told["spikes"].values()
        for turn in spike["turns"]
        for value in (*turn["spread"], *(second["p95"] for second in turn["curve"]))
        if value
    ]
    return 10.0 ** max(1, ceil(log10(max(known, default=10))))


def times(told: dict[str, Any], name: str) -> Markup:
    """The median and the 95th percentile of the answers, second by second, a line for each turn."""
    turns = told["spikes"][name]["turns"]
    most = slowest(told)
    parts = log_grid(most) + seconds_axis(told["seconds"])
    for number, turn in enumerate(turns):
        for key in ("p95", "p50"):
            points = [(second + 0.5, each[key]) for second, each in enumerate(turn["curve"])]
            parts += lines(points, told["seconds"], most, f"{key} {shade(number)}", log=True)
    said = ", ".join(
        f"turn {n}: median {milliseconds(turn['p50'])}, 95 % within {milliseconds(turn['p95'])}"
        for n, turn in enumerate(turns, start=1)
    )
    return svg(parts, f"Answer times of {name}, second by second. {said}.")


def rates(told: dict[str, Any], name: str) -> Markup:
    """How many requests were planned for each second, how many were answered in it, and how many failed."""
    turns = told["spikes"][name]["turns"]
    every = [
        second[key]
        for spike in told["spikes"].values()
        for turn in spike["turns"]
        for second in turn["curve"]
        for key in ("planned", "answered")
    ]
    most = nice(1.05 * max(every, default=1))
    parts = linear_grid(most) + seconds_axis(told["seconds"])
    for number, turn in enumerate(turns):
        for key in ("planned", "failed", "answered"):
            points = [(second + 0.5, each[key]) for second, each in enumerate(turn["curve"])]
            if key != "failed" or turn["failed"]:
                parts += lines(points, told["seconds"], most, f"{key} {shade(number)}")
    said = ", ".join(
        f"turn {n}: {turn['planned']:g} a second planned, {turn['achieved']:g} achieved, {turn['failed']} failed"
        for n, turn in enumerate(turns, start=1)
    )
    return svg(parts, f"Requests a second of {name}. {said}.")


def spreads(told: dict[str, Any], name: str) -> Markup:
    """Within which time which share of the requests was answered."""
    turns = told["spikes"][name]["turns"]
    most = slowest(told)
    parts = log_grid(most)
    for share in (0, 25, 50, 75, 95):
        parts.append(tick(x(share, 100), f"{share} %"))
    parts.append(f'<path class="grid" d="M{x(95, 100):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    for number, turn in enumerate(turns):
        parts += lines(
            list(enumerate(turn["spread"])), 100, most, f"share {shade(number)}", log=True
        )
    said = ", ".join(
        f"turn {n}: half within {milliseconds(turn['p50'])}, 99 % within {milliseconds(turn['p99'])}"
        for n, turn in enumerate(turns, start=1)
    )
    return svg(parts, f"How many requests {name} had answered within which time. {said}.")


CHARTS: tuple[tuple[str, str, Callable[[dict[str, Any], str], Markup]], ...] = (
    (
        "Answer times, second by second",
        "Strong: half of the requests of that second were answered within this time. Thin: 95 % were.",
        times,
    ),
    (
        "Requests a second",
        "Grey: planned. Coloured: answered as they should be. Red: failed.",
        rates,
    ),
    (
        "How many were answered within which time",
        "From the fastest request on the left to the slowest on the right; the line ends where requests failed.",
        spreads,
    ),
)


def shade(number: int) -> str:
    """The class of a turn's lines: the first is whole, others are dashed."""
    return "first" if number == 0 else "later"


def nice(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** int(log10(max(value, 1)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def x(value: float, most: float) -> float:
    """Where a value stands from left to right."""
    return LEFT + value / most * (WIDTH - LEFT - RIGHT)


def y(value: float, most: float, *, log: bool = False) -> float:
    """How high a value stands."""
    share = log10(max(value, LEAST) / LEAST) / log10(most / LEAST) if log else value / most
    return HEIGHT - BOTTOM - min(1.0, share) * (HEIGHT - TOP - BOTTOM)


def lines(points: Points, wide: float, high: float, kind: str, *, log: bool = False) -> list[str]:
    """A line through the points, with a gap where there is no value."""
    path, pen = [], "M"
    for place, value in points:
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{x(place, wide):.1f} {y(value, high, log=log):.1f}")
        pen = "L"
    return [f'<path class="curve {kind}" d="{"".join(path)}"/>'] if path else []


def log_grid(most: float) -> list[str]:
    """A line and a time at each power of ten."""
    powers = [LEAST * 10**n for n in range(round(log10(most / LEAST)) + 1)]
    return rules((y(power, most, log=True), milliseconds(power)) for power in powers)


def linear_grid(most: float) -> list[str]:
    """A line and a number at zero, in the middle and at the top."""
    return rules((y(value, most), f"{value:g}") for value in (0, most / 2, most))


def rules(found: Iterable[tuple[float, str]]) -> list[str]:
    """Lines across with their words on the left."""
    return [
        part
        for at, words in found
        for part in (
            f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>',
            f'<text class="left" x="{LEFT - 6}" y="{at + 4:.1f}">{words}</text>',
        )
    ]


def seconds_axis(seconds: int) -> list[str]:
    """Where the seconds are, at most six of them."""
    step = max(1, ceil(seconds / 6))
    return [tick(x(at, seconds), f"{at} s") for at in range(0, seconds + 1, step)]


def tick(at: float, words: str) -> str:
    """Words below the curves."""
    return f'<text class="tick" x="{at:.1f}" y="{HEIGHT - 8}">{words}</text>'


def svg(parts: Sequence[str], text: str) -> Markup:
    """A picture with its text alternative."""
    return Markup(  # noqa: S704 - nothing in it comes from people
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(text)}">{"".join(parts)}</svg>'
    )
