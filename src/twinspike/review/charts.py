"""The charts of the review page as SVG, drawn by hand; colours come from the page's style sheet.

Each chart has a text alternative that says all that it shows, and tells the frameworks apart by shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

from markupsafe import Markup, escape

from twinspike.review.content import Review, Sentence, Topic
from twinspike.review.words import ahead, names, number, points, range_of, score_text
from twinspike.scorecard.areas import Framework
from twinspike.scorecard.values import Mark

WIDTH = 380
LEFT, STEP, NOT_REACHED = 92, 46, 330  # x of score 1, between two scores, and of "not reached"
GROUND = 8  # below the dots


@dataclass(frozen=True, slots=True)
class Size:
    """How large dots are drawn, and how many stand side by side."""

    radius: float
    abreast: int
    named: bool


def size_for(people: int) -> Size:
    """Dots with initials for up to twelve people, smaller plain ones for more."""
    if people <= 12:
        return Size(9.5, 2, True)
    return Size(4.5, 4, False) if people <= 40 else Size(2.4, 7, False)


def column(sentence: Sentence) -> float | None:
    """The x of a sentence's score; None without a score."""
    if isinstance(sentence.score, int):
        return LEFT + STEP * (sentence.score - 1)
    return NOT_REACHED + 10 if sentence.score is Mark.NOT_REACHED else None


def dot_plot(topic: Topic, review: Review) -> Markup:
    """Every person's score in one area as a dot, a row for each framework, with the medians."""
    size = size_for(len(review.people))
    parts: list[str] = []
    y = 4.0
    for index, framework in enumerate(review.frameworks):
        said = topic.sentences[framework.name]
        rows, height = row(said, index, y, size)
        ground = y + height
        tally = topic.summary.tallies[framework.name]
        middle = tally.median
        parts.append(
            f'<text class="name" x="0" y="{ground - 15:g}">{framework.title}</text>'
            f'<text class="small" x="0" y="{ground - 2:g}">median {number(middle, 1)}</text>'
            f'<path class="line" d="M{LEFT - 20} {ground + 2:g}H{WIDTH}"/>'
        )
        if middle is not None:
            x = LEFT + STEP * (float(middle) - 1)
            parts.append(f'<path class="median m{index}" d="M{x:g} {ground + 2:g}l-5 7h10z"/>')
        parts += rows
        y = ground + 14
    for score in range(1, 6):
        parts.append(
            f'<text class="tick" x="{LEFT + STEP * (score - 1)}" y="{y + 9:g}">{score}</text>'
        )
    parts.append(f'<text class="tick" x="{NOT_REACHED + 10}" y="{y + 9:g}">not reached</text>')
    return svg(parts, y + 14, f"Scores for {topic.area.title}", describe(topic, review))


def row(said: Sequence[Sentence], index: int, top: float, size: Size) -> tuple[list[str], float]:
    """The dots of one framework, stacked over their scores, and the height of the row."""
    stacks: dict[float, list[tuple[Sentence, bool]]] = {}
    for sentence in said:
        x = column(sentence)
        if x is not None:
            stacks.setdefault(x, []).append((sentence, False))
        if sentence.moved and isinstance(sentence.before, int):
            stacks.setdefault(LEFT + STEP * (sentence.before - 1), []).append((sentence, True))
    pitch = size.radius * 2 + 1.5
    tallest = max((-(-len(stack) // size.abreast) for stack in stacks.values()), default=1)
    height = max(tallest * pitch, 32.0)
    parts = []
    for x, stack in stacks.items():
        for place, (sentence, was) in zip(count(), stack, strict=False):
            level, side = divmod(place, size.abreast)
            abreast = min(size.abreast, len(stack) - level * size.abreast)
            dx = (side - (abreast - 1) / 2) * pitch
            cy = top + height - size.radius - level * pitch
            parts.append(dot(x + dx, cy, index, size, sentence, was=was))
    return parts, height


def dot(x: float, y: float, index: int, size: Size, sentence: Sentence, *, was: bool) -> str:
    """One person's score: a disc for the first framework, a square for the second; hollow if it moved."""
    r = size.radius
    kind = f"dot d{index}{' was' if was else ''}"
    title = f"{sentence.person}: {score_text(sentence.before if was and sentence.before else sentence.score)}"
    if was:
        title += " before the discussion"
    shape = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}"/>'
        if index == 0
        else f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:g}" height="{2 * r:g}" rx="2"/>'
    )
    letters = (
        f'<text x="{x:.1f}" y="{y + 3.5:.1f}"{small(sentence.label)}>{escape(sentence.label)}</text>'
        if size.named
        else ""
    )
    return f'<g class="{kind}"><title>{escape(title)}</title>{shape}{letters}</g>'


def small(label: str) -> str:
    """Makes three letters fit into a dot."""
    return ' class="tight"' if len(label) > 2 else ""


def describe(topic: Topic, review: Review) -> str:
    """What the dot plot shows, in sentences."""
    parts = []
    for framework in review.frameworks:
        said = topic.sentences[framework.name]
        if len(said) <= 12:
            each = ", ".join(f"{s.person} {score_text(s.score)}" for s in said)
        else:
            totals: dict[str, int] = {}
            for s in said:
                totals[score_text(s.score)] = totals.get(score_text(s.score), 0) + 1
            each = ", ".join(f"{n} times {score}" for score, n in totals.items())
        middle = topic.summary.tallies[framework.name].median
        parts.append(f"{framework.title}: {each}; median {number(middle, 1)}.")
        moved = [s for s in said if s.moved and s.before]
        if moved:
            who = names([f"{s.person} from {score_text(s.before or Mark.MISSING)}" for s in moved])
            parts.append(f"Moved after the discussion: {who}.")
    return " ".join(parts)


def lead_chart(review: Review) -> Markup:
    """The lead on a line between the two frameworks, over the band that chance alone explains."""
    lead = review.lead
    if lead is None or lead.value is None:
        return Markup("")
    uncounted = lead.counted != lead.possible
    reach = max(abs(float(lead.value)), lead.band, 1.0)
    if uncounted:
        reach = max(reach, abs(float(lead.lowest)), abs(float(lead.highest)))
    reach = min(4.0, -(-reach * 2 // 1) / 2)
    middle, half = WIDTH / 2, WIDTH / 2 - 16

    def x(value: Fraction | float) -> float:
        return middle - float(value) / reach * half

    first, second = review.frameworks
    wide = x(-lead.band) - x(lead.band)
    parts = [
        f'<rect class="band" x="{x(lead.band):.1f}" y="26" width="{wide:.1f}" height="34" rx="3"/>',
        f'<path class="line" d="M16 60H{WIDTH - 16}M{middle:g} 22V64"/>',
        f'<text class="small" x="0" y="12">← {first.title} ahead</text>',
        f'<text class="small end" x="{WIDTH}" y="12">{second.title} ahead →</text>',
        f'<text class="tick" x="{middle:g}" y="94">shaded: chance alone, up to {points(lead.band)}</text>',
    ]
    steps = int(reach * 2)
    every = 1 if steps <= 4 else 2
    for step in range(-steps, steps + 1):
        if step % every == 0:
            parts.append(
                f'<text class="tick" x="{x(step / 2):.1f}" y="76">{number(abs(step) / 2, 1)}</text>'
            )
    if uncounted:
        left, right = x(lead.highest), x(lead.lowest)
        parts.append(
            f'<path class="range" d="M{left:.1f} 43H{right:.1f}M{left:.1f} 38v10M{right:.1f} 38v10"/>'
        )
    if review.first_lead and review.first_lead.value is not None:
        parts.append(mark(x(review.first_lead.value), "was", "first round"))
    parts.append(mark(x(lead.value), "now", ahead(lead.value, review.frameworks)))
    text = f"The lead is {ahead(lead.value, review.frameworks)}; chance alone explains up to {points(lead.band)}."
    if uncounted:
        text += f" {range_of(lead, review.frameworks)}"
    return svg(parts, 100, "How firm the lead is", text)


def mark(x: float, kind: str, title: str) -> str:
    """A diamond on the line."""
    return f'<path class="mark {kind}" d="M{x:.1f} 33l9 10-9 10-9-10z"><title>{escape(title)}</title></path>'


def size_chart(review: Review) -> Markup:
    """The lines that each spike needed before any change, by area; empty when nobody measured."""
    rows = [
        (area.title, [review.evidence.size(each.name, area.name) for each in review.frameworks])
        for area in review.plan.areas
    ]
    return bars(rows, review.frameworks, "Lines at the start")


def cost_charts(review: Review) -> list[tuple[str, Markup]]:
    """Minutes and lines of each change that was built, each with a heading; without what nobody measured."""
    done = {
        (each.change, each.framework): each for each in review.evidence.done if not each.skipped
    }
    changes = list(dict.fromkeys(change for change, _ in done))
    found = []
    for heading, unit in (("Minutes of each change", "minutes"), ("Lines of each change", "lines")):
        rows = [
            (
                change,
                [getattr(done.get((change, each.name)), unit, None) for each in review.frameworks],
            )
            for change in changes
        ]
        found.append((heading, bars(rows, review.frameworks, heading)))
    return [(heading, chart) for heading, chart in found if chart]


def bars(
    rows: Sequence[tuple[str, Sequence[float | None]]],
    frameworks: Sequence[Framework],
    title: str,
) -> Markup:
    """A bar for each framework in each row, from zero; a dash where nothing was measured.

    Empty when nothing was measured in any row, which are left out.
    """
    known = [(name, values) for name, values in rows if any(value is not None for value in values)]
    greatest = max(
        (value for _, values in known for value in values if value is not None), default=0
    )
    if not known:
        return Markup("")
    left = 190 if max(len(name) for name, _ in known) > 6 else 40
    parts, said, y = [], [], 0.0
    for name, values in known:
        parts.append(f'<text x="0" y="{y + 6.5 * len(values) + 5:g}">{escape(name)}</text>')
        for index, value in enumerate(values):
            wide = (WIDTH - left - 44) * value / greatest if value and greatest else 0
            if value is not None:
                parts.append(
                    f'<rect class="dot d{index}" x="{left}" y="{y + 2:g}" width="{wide:.1f}" height="9"/>'
                )
            parts.append(
                f'<text class="small" x="{left + wide + 5:.1f}" y="{y + 10.5:g}">{number(value, 0)}</text>'
            )
            y += 13
        y += 6
        each = (f"{f.title} {number(v, 0)}" for f, v in zip(frameworks, values, strict=True))
        said.append(f"{name}: {', '.join(each)}.")
    parts.append(f'<path class="line" d="M{left} 0V{y - 4:g}"/>')
    return svg(parts, y, title, " ".join(said))


def svg(parts: Sequence[str], height: float, title: str, text: str) -> Markup:
    """A picture with its text alternative."""
    label = escape(f"{title}. {text}")
    return Markup(  # noqa: S704 - what people typed is escaped above
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def swatch(frameworks: Sequence[Framework], index: int) -> Markup:
    """The shape that stands for a framework."""
    shape = (
        '<circle cx="7" cy="7" r="6"/>'
        if index == 0
        else '<rect x="1" y="1" width="12" height="12" rx="2"/>'
    )
    return Markup(  # noqa: S704 - nothing in it comes from people
        f'<svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><g class="dot d{index}">{shape}</g></svg>'
    )
