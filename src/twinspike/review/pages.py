"""The review's three pages: HTML to project, Markdown for the forge, and the decision to sign."""

import hashlib
import os
import re
from collections.abc import Collection
from dataclasses import fields
from pathlib import Path

from twinspike.errors import UserError
from twinspike.review import words
from twinspike.review.agenda import QUESTIONS
from twinspike.review.charts import dot_plot, lead_chart, swatch
from twinspike.review.content import Review, Sentence, Topic
from twinspike.scorecard.areas import TITLES
from twinspike.scorecard.values import ANSWERS
from twinspike.templating import render

FOLDER = "review"
SEAL = re.compile(r"\n<!-- written by twinspike review: ([0-9a-f]{16}) -->\n\Z")


def write_pages(review: Review, folder: Path) -> list[Path]:
    """Write the pages into the folder and give their paths.

    A decision.md that somebody has edited is left as it is; the new one becomes decision.new.md.
    """
    folder.mkdir(exist_ok=True)
    decision = folder / "decision.md"
    if decision.exists() and not sealed(decision.read_text(encoding="utf-8", errors="replace")):
        decision = folder / "decision.new.md"
    pages = {
        folder / "review.html": html_page(review),
        folder / "review.md": markdown_page(review),
        decision: seal(decision_record(review)),
    }
    for path, text in pages.items():
        write(path, text)
    return list(pages)


def write(path: Path, text: str) -> None:
    """Put the text in place at once, so that a reader never sees half a page."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UserError(f"{path} cannot be written: {error.strerror}.") from None


def seal(text: str) -> str:
    """The text with a last line by which an edit is noticed."""
    return f"{text}\n<!-- written by twinspike review: {digest(text)} -->\n"


def sealed(text: str) -> bool:
    """Whether nobody has edited the text since it was sealed."""
    match = SEAL.search(text)
    return match is not None and digest(text[: match.start()]) == match[1]


def digest(text: str) -> str:
    """A short fingerprint of the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def html_page(review: Review) -> str:
    """The page to project, as one self-contained HTML file."""
    return render(
        "review/templates/review.html.jinja",
        **shared(review),
        anchors={area.name: f"area-{n}" for n, area in enumerate(review.plan.areas, start=1)},
        dot_plot=lambda topic: dot_plot(topic, review),
        lead_chart=lead_chart(review),
        swatch=lambda index: swatch(review.frameworks, index),
        outermost=outermost,
    )


def markdown_page(review: Review) -> str:
    """The same as Markdown that a forge renders."""
    return tidy(
        render("review/templates/review.md.jinja", **shared(review), md=markdown, cell=in_column)
    )


def decision_record(review: Review) -> str:
    """The decision to sign, in the form of a Markdown Architectural Decision Record (MADR 4)."""
    return tidy(
        render(
            "review/templates/decision.md.jinja",
            **shared(review),
            md=markdown,
            sentences=lambda name, wanted: picked(review, name, wanted),
            options=options(review),
            better=better(review),
        )
    )


def shared(review: Review) -> dict[str, object]:
    """What all templates read."""
    titles = {area.name: area.title for area in review.plan.areas}
    return {
        **{field.name: getattr(review, field.name) for field in fields(review)},
        "frameworks": review.frameworks,
        "words": words,
        "verdict": words.verdict(review),
        "differs": {t.area.name: words.disagreement(t.summary) for t in review.topics},
        "summaries": {t.area.name: t.summary for t in review.topics},
        "checklist": checklist(review),
        "weights_changed": words.weights_changed(review.history),
        "steps": [words.step(step, titles) for step in review.history.steps],
        "titles": TITLES,
        "questions": QUESTIONS,
    }


def checklist(review: Review) -> list[dict[str, object]]:
    """Each question with who gave which answer, and the words that came with it."""
    rows: list[dict[str, object]] = []
    for check in review.plan.checklist:
        given = {p: card.answers.get(check.name, ("", "")) for p, card in review.cards.items()}
        counts = [
            (answer or "no answer", who)
            for answer in (*ANSWERS, "")
            if (who := [p for p, (chosen, _) in given.items() if chosen == answer])
        ]
        said = [(p, f"{chosen}, {rest}") for p, (chosen, rest) in given.items() if rest]
        rows.append({"question": check.question, "answers": counts, "said": said})
    return rows


def options(review: Review) -> list[str]:
    """What can be decided."""
    titles = [framework.title for framework in review.frameworks]
    return [*titles, *(["Both, in distinct roles"] if len(titles) > 1 else []), "Neither yet"]


def better(review: Review) -> list[str]:
    """For each framework the areas in which it was scored higher, in a sentence."""
    found = []
    for sign, framework in zip((1, -1), review.frameworks, strict=False):
        areas = [
            f"{t.area.title} (by {words.points(t.summary.gap)})"
            for t in review.topics
            if t.summary.gap is not None and t.summary.gap * sign > 0
        ]
        found.append(f"{framework.title} was scored higher in {words.names(areas) or 'no area'}")
    return found


def outermost(topic: Topic, framework: str, sentence: Sentence) -> bool:
    """Whether this is the lowest or the highest score with a sentence, which paper has room for."""
    numbered = [s for s in topic.sentences[framework] if isinstance(s.score, int)]
    return bool(numbered) and sentence in (numbered[0], numbered[-1])


def in_column(topic: Topic, framework: str, score: object) -> str:
    """Who gave this score, for a column of the Markdown page."""
    who = [s.person for s in topic.sentences[framework] if words.score_text(s.score) == str(score)]
    return markdown(words.names(who)) if len(who) <= 12 else f"{len(who)} people"


def picked(review: Review, framework: str, wanted: Collection[int]) -> list[tuple[str, Sentence]]:
    """The sentences whose score is among those wanted, with their areas, in the plan's order."""
    by_area = {topic.area.name: topic for topic in review.topics}
    return [
        (area.title, sentence)
        for area in review.plan.areas
        for sentence in by_area[area.name].sentences[framework]
        if sentence.score in wanted and sentence.reason
    ]


MARKS = re.compile(r"([\\`*_{}\[\]#!|~>$])")


def markdown(text: object) -> str:
    """What people typed, so that Markdown shows it letter by letter, on one line."""
    plain = " ".join(str(text).split())
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace("@", "&#64;")
    plain = MARKS.sub(r"\\\1", plain)
    plain = re.sub(r"^(\d+)([.)])", r"\1\\\2", plain)
    plain = re.sub(r"(https?|www)([:.])", r"\1&#8203;\2", plain, flags=re.IGNORECASE)
    return re.sub(r"^([-=+])", r"\\\1", plain)


def tidy(text: str) -> str:
    """The text without blank lines in a row or spaces at line ends."""
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
