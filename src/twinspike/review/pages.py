"""The review's three pages: HTML to project, Markdown for the forge, and the decision to sign."""

import hashlib
import os
import re
from pathlib import Path

from twinspike.errors import UserError
from twinspike.review import words
from twinspike.review.charts import cost_charts, dot_plot, lead_chart, size_chart, swatch
from twinspike.review.content import Review, Sentence, Topic
from twinspike.review.decision import decision_record
from twinspike.review.shared import markdown, shared, tidy
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
        size_chart=size_chart(review),
        cost_charts=cost_charts(review),
        swatch=lambda index: swatch(review.frameworks, index),
        outermost=outermost,
    )


def markdown_page(review: Review) -> str:
    """The same as Markdown that a forge renders."""
    return tidy(
        render("review/templates/review.md.jinja", **shared(review), md=markdown, cell=in_column)
    )


def outermost(topic: Topic, framework: str, sentence: Sentence) -> bool:
    """Whether this is the lowest or the highest score with a sentence, which paper has room for."""
    numbered = [s for s in topic.sentences[framework] if isinstance(s.score, int)]
    return bool(numbered) and sentence in (numbered[0], numbered[-1])


def in_column(topic: Topic, framework: str, score: object) -> str:
    """Who gave this score, for a column of the Markdown page."""
    who = [s.person for s in topic.sentences[framework] if words.score_text(s.score) == str(score)]
    return markdown(words.names(who)) if len(who) <= 12 else f"{len(who)} people"
