"""Numbers and findings in words, the same on all three pages."""

from fractions import Fraction

from twinspike.review.content import Expectation, Review, Sentence, Topic
from twinspike.review.evidence import Done, Evidence
from twinspike.review.history import History, Step
from twinspike.review.statistics import AreaSummary, Flip, Lead, Verdict
from twinspike.scorecard.areas import Framework
from twinspike.scorecard.values import Mark, Score

LONGEST_DENOMINATOR = 999
LARGEST_WEIGHT = 10
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
    chance = f"with {n}, chance alone can put two equally good frameworks {points(lead.band)} points apart"
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
        return f"Everybody scored both frameworks everywhere: {lead.possible} comparisons."
    text = f"It rests on {lead.counted} of {lead.possible} comparisons, one for each person in each area"
    if lead.left_out:
        text += f"; none in {names([area.title for area in lead.left_out])}"
    return f"{text}. {range_of(lead, frameworks)}"


def range_of(lead: Lead, frameworks: tuple[Framework, ...]) -> str:
    """Between which ends the scores that are not there could bring the lead, in a sentence."""
    low, high = ahead(lead.lowest, frameworks), ahead(lead.highest, frameworks)
    return f"The scores that are not there could move it anywhere from {low} to {high}."


# How a weight can be changed, in words that a room can imagine; each with its factor.
CHANGES = (
    (Fraction(2), "counted twice"),
    (Fraction(3), "counted three times"),
    (Fraction(1, 2), "counted half"),
    (Fraction(0), "did not count"),
)


def flip(one: Flip, frameworks: tuple[Framework, ...]) -> str:
    """What another weight of this area would do to the lead, in a sentence."""
    if one.gap is None:
        return "Nobody scored both here, so it is not counted."
    if one.gap == 0:
        return "Both are even here, so its weight does not matter."
    if one.weight is None or (one.weight > LARGEST_WEIGHT and one.weight > one.area.weight):
        return "No weight of this area changes who leads."
    if one.weight == one.area.weight:
        return "At this weight the two are exactly even."
    rises = one.weight > one.area.weight
    leader = frameworks[0 if (one.gap > 0) == rises else 1].title
    for factor, change in CHANGES:
        weight = factor * one.area.weight
        if weight <= LARGEST_WEIGHT and (weight > one.weight if rises else weight < one.weight):
            return f"If it {change}, {leader} would lead."
    if not one.weight:
        return "If it did not count, the two would be exactly even."
    if one.weight == LARGEST_WEIGHT:
        return f"If its weight were {LARGEST_WEIGHT}, the two would be exactly even."
    if rises:
        return f"If its weight were more than {exact(one.weight)}, {leader} would lead."
    return f"If its weight were less than {exact(one.weight)}, {leader} would lead."


def disagreement(summary: AreaSummary) -> str:
    """How far people are apart in an area, in a phrase."""
    if summary.disagreement is None:
        return "only one person scored it"
    if summary.disagreement == 0:
        return "everybody gave the same scores"
    return f"two people are {float(summary.disagreement):.1f} points apart on average"


def favour(summary: AreaSummary, frameworks: tuple[Framework, ...]) -> str:
    """How many people scored which framework higher in an area, as in "3 people scored Django higher"."""
    if not summary.gaps:
        return ""
    first, second, even = summary.favour()
    ends = (f"{frameworks[0].title} higher", f"{frameworks[-1].title} higher", "both the same")
    parts = [(n, end) for n, end in zip((first, second, even), ends, strict=True) if n]
    return names(
        [
            f"{n} {end}" if index else f"{heads(n)} scored {end}"
            for index, (n, end) in enumerate(parts)
        ]
    )


def sentence(phrase: str) -> str:
    """The phrase as a sentence of its own."""
    return f"{phrase[:1].upper()}{phrase[1:]}."


def heads(count: int) -> str:
    """A number of people in figures, as in "1 person"."""
    return f"{count} {'person' if count == 1 else 'people'}"


def speakers(topic: Topic, frameworks: tuple[Framework, ...]) -> str:
    """Who speaks first about an area: the lowest score and the highest; "" where there are not two."""
    titles = {framework.name: framework.title for framework in frameworks}
    found = topic.outermost
    if found is None:
        return ""
    framework, low, high = found
    return (
        f"{low.person}, who gave {titles[framework]} {low.score}, "
        f"then {high.person}, who gave it {high.score}"
    )


def said(sentence: Sentence) -> str:
    """A sentence's score, with the earlier one where it moved."""
    now = score_text(sentence.score)
    return f"{score_text(sentence.before)} → {now}" if sentence.moved and sentence.before else now


def expected(one: Expectation, frameworks: tuple[Framework, ...]) -> str:
    """What came out for a person who expected something."""
    if len(frameworks) < 2:
        return ""
    if one.lean is None:
        return "scored no area in both frameworks"
    outcome = "scored both the same"
    if one.lean:
        leader = frameworks[0 if one.lean > 0 else 1].title
        outcome = f"scored {leader} {points(one.lean)} points higher"
    if one.expected is None:
        return outcome
    even = abs(one.lean) < NO_DIFFERENCE
    actual = "even" if even else frameworks[0 if one.lean > 0 else 1].name
    if even and one.lean:
        outcome += ", which is hardly a difference"
    return f"{outcome}: {'as expected' if actual == one.expected else 'a surprise'}"


def measured(evidence: Evidence, frameworks: tuple[Framework, ...]) -> str:
    """What was measured for each framework, in a sentence for each."""
    found = []
    if not (evidence.results or evidence.sizes or evidence.done):
        return "No minutes, lines or tests."
    for framework in frameworks:
        results = evidence.results.get(framework.name, {}).values()
        ended = [one for one in evidence.done if one.framework == framework.name]
        done = [one for one in ended if not one.skipped]
        facts = []
        size = evidence.sizes.get(framework.name)
        if size:
            facts.append(f"{sum(size.values()):,} lines at the start")
        if results:
            passed = sum(result.passed for result in results)
            total = passed + sum(result.failed for result in results)
            facts.append(f"{passed} of {total} acceptance tests pass")
        if done:
            facts.append(f"{len(done)} {'change' if len(done) == 1 else 'changes'} made")
            for unit, values in (
                ("minutes", [one.minutes for one in done]),
                ("lines", [one.lines for one in done]),
            ):
                known = [value for value in values if value is not None]
                if len(known) == len(done):
                    facts.append(f"{number(sum(known), 0)} {unit}")
        if len(ended) > len(done):
            facts.append(f"{len(ended) - len(done)} skipped")
        helped = sum(one.answered for one in ended)
        if helped:
            facts.append(f"{helped} with the answer key")
        found.append(f"{framework.title}: {', '.join(facts) or 'nothing'}.")
    return " ".join(found)


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
        said = f"skipped: {done.skipped.rstrip('.')}"
    else:
        said = "–" if done.green is None else "✓ green" if done.green else "✗ red"
    first = ", built first" if done.first and not done.skipped else ""
    return said + first + (", with the answer key" if done.answered else "")


def costs(evidence: Evidence, framework: str, area: str) -> str:
    """What the changes that exercised the area cost in the framework; "" where there were none."""
    said = []
    for done in evidence.of_area(area):
        if done.framework != framework:
            continue
        facts = [
            f"{number(value, 0)} {unit}"
            for value, unit in ((done.minutes, "min"), (done.lines, "lines"))
            if value is not None
        ]
        said.append(f"{done.change}: {'skipped' if done.skipped else ', '.join(facts) or 'done'}")
    return "; ".join(said)
