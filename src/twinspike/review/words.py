"""Numbers and findings in words, the same on all three pages."""

from fractions import Fraction

from twinspike.review.content import Expectation, Review, Sentence
from twinspike.review.evidence import Done
from twinspike.review.history import History, Step
from twinspike.review.statistics import AreaSummary, Flip, Lead, Verdict
from twinspike.scorecard.areas import Framework
from twinspike.scorecard.values import Mark, Score

LONGEST_DENOMINATOR = 999
NO_DIFFERENCE = Fraction(1, 4)  # of a point in one person's own lead: less is no difference
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: Fraction | float | None, digits: int = 2) -> str:
    """A number with at most so many digits after the point, without zeros at the end; a dash for None."""
    if value is None:
        return "–"
    text = f"{float(value):.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def points(value: Fraction | float) -> str:
    """A difference in points, always with two digits, without its sign."""
    return f"{abs(float(value)):.2f}"


def exact(value: Fraction) -> str:
    """A fraction as it is, with its decimal, as in "3/7 (0.43)"; one too long to read as "about 2.3912"."""
    if value.denominator == 1:
        return str(value.numerator)
    if Fraction(number(value, 2)) == value:
        return number(value, 2)
    if value.denominator > LONGEST_DENOMINATOR:
        return f"about {number(value, 4)}"
    return f"{value.numerator}/{value.denominator} ({number(value, 2)})"


def people(count: int) -> str:
    """A number of people in words."""
    word = SMALL[count] if count < len(SMALL) else str(count)
    return f"{word} {'person' if count == 1 else 'people'}"


def names(items: list[str], most: int = 6) -> str:
    """Names with commas and "and"; from `most` on only how many more."""
    if len(items) > most + 1:
        return f"{', '.join(items[:most])} and {len(items) - most} more"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def score_text(score: Score) -> str:
    """A score as people read it."""
    if score is Mark.MISSING:
        return "no score"
    return score.value if isinstance(score, Mark) else str(score)


def ahead(value: Fraction, frameworks: tuple[Framework, ...]) -> str:
    """Who is ahead by this difference, as in "Django by 0.43" or "even"."""
    if value == 0:
        return "even"
    return f"{(frameworks[0] if value > 0 else frameworks[1]).title} by {points(value)}"


def verdict(review: Review) -> tuple[str, str]:
    """What the lead allows to say: a few words, and a sentence with the numbers behind them."""
    lead = review.lead
    if lead is None:
        return (
            "One framework, no lead",
            "Only one framework was tried, so there is nothing to compare.",
        )
    if lead.value is None:
        if not any(review.plan.weights.values()):
            return "No lead", "All weights are 0, so nothing is counted."
        return "No lead", "Nobody scored both frameworks in an area with a weight."
    n = people(len(review.people))
    chance = (
        f"with {n}, chance alone moves two equally good frameworks up to {points(lead.band)} apart"
    )
    if lead.value == 0:
        return "Too close to call", f"The two are exactly even; {chance}."
    who = (review.frameworks[0] if lead.value > 0 else review.frameworks[1]).title
    by = f"{who} is {points(lead.value)} points ahead"
    if lead.verdict is Verdict.CLOSE:
        return "Too close to call", f"{by}, and {chance}."
    if lead.verdict is Verdict.UNCOUNTED:
        return (
            "Too close to call",
            f"{by}, more than the {points(lead.band)} that chance explains, "
            "but the scores that are not there could turn it.",
        )
    return f"{who} is ahead", f"{by}; {chance}."


def counted(lead: Lead, frameworks: tuple[Framework, ...]) -> str:
    """How much of what could have been scored the lead rests on, and what the rest could do."""
    if lead.counted == lead.possible:
        return f"All {lead.possible} pairs of scores are counted."
    text = f"{lead.counted} of {lead.possible} pairs of scores are counted"
    if lead.left_out:
        text += f"; nothing at all from {names([area.title for area in lead.left_out])}"
    low, high = ahead(lead.lowest, frameworks), ahead(lead.highest, frameworks)
    return f"{text}. If the others were any from 1 to 5, it could be anything from {low} to {high}."


def flip(one: Flip, lead: Lead, frameworks: tuple[Framework, ...]) -> str:
    """At which weight of this area the lead would turn."""
    if one.gap is None:
        return "not counted: nobody scored both"
    if one.gap == 0:
        return "no weight: the two are even here"
    if one.weight is None:
        return "no weight turns it"
    favoured = frameworks[0] if one.gap > 0 else frameworks[1]
    other = frameworks[1] if one.gap > 0 else frameworks[0]
    weight = exact(one.weight)
    if one.weight == one.area.weight:
        return f"even at {weight}, as now"
    if one.weight > one.area.weight:
        beyond = ", more than the scale has" if one.weight >= 10 else ""
        return f"{favoured.title} leads above {weight}{beyond}"
    return f"{other.title} leads below {weight}" if one.weight else "even at 0"


def disagreement(summary: AreaSummary) -> str:
    """How far people are apart in an area, in a phrase."""
    if summary.disagreement is None:
        return "nobody to compare with"
    if summary.disagreement == 0:
        return "everybody gave the same"
    return f"{float(summary.disagreement):.1f} points apart on average"


def favour(summary: AreaSummary, frameworks: tuple[Framework, ...]) -> str:
    """How many people scored which framework higher in an area."""
    if not summary.gaps:
        return ""
    first, second, even = summary.favour()
    parts = [f"{n} for {f.title}" for n, f in zip((first, second), frameworks, strict=True) if n]
    return names([*parts, *([f"{even} even"] if even else [])])


def said(sentence: Sentence) -> str:
    """A sentence's score, with the earlier one where it moved."""
    now = score_text(sentence.score)
    return f"{score_text(sentence.before)} → {now}" if sentence.moved and sentence.before else now


def expected(one: Expectation, frameworks: tuple[Framework, ...]) -> str:
    """What came out for a person who expected something."""
    if len(frameworks) < 2:
        return ""
    if one.lean is None:
        return "scored no area in both"
    outcome = "scored both even" if one.lean == 0 else f"scored {ahead(one.lean, frameworks)}"
    if one.expected is None:
        return outcome
    even = abs(one.lean) < NO_DIFFERENCE
    actual = "even" if even else frameworks[0 if one.lean > 0 else 1].name
    if even and one.lean:
        outcome += ", as good as even"
    return f"{outcome}: {'as expected' if actual == one.expected else 'a surprise'}"


def weights_changed(history: History) -> str:
    """Whether the weights changed since the copy was made, in one sentence."""
    if not history.known:
        return f"Not known: {history.reason}."
    if not history.steps:
        return f"No: they are as they were committed on {history.since[:10]}."
    times = len(history.steps)
    often = "once" if times == 1 else f"{SMALL[times] if times < len(SMALL) else times} times"
    return f"Yes, {often} since {history.since[:10]}:"


def step(one: Step, titles: dict[str, str]) -> str:
    """One change of the weights."""
    changes = names(
        [
            f"{titles.get(name, name)} {'new' if a is None else a} → {'gone' if b is None else b}"
            for name, (a, b) in one.changes.items()
        ],
        most=20,
    )
    when = one.when if one.who == "" else f"{one.when[:16].replace('T', ' ')} by {one.who}"
    return f"{when}: {changes}"


def ending(done: Done) -> str:
    """How a change of the day has ended: its suite's colour or why it was skipped, and what helped."""
    if done.skipped:
        said = f"skipped: {done.skipped}"
    else:
        said = "–" if done.green is None else "✓ green" if done.green else "✗ red"
    first = ", built first" if done.first and not done.skipped else ""
    return said + first + (", with the answer key" if done.answered else "")
