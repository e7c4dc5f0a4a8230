"""What all three pages of the review read, and how Markdown shows what people typed."""

import re
from dataclasses import fields

from twinspike.review import words
from twinspike.review.agenda import QUESTIONS
from twinspike.review.content import Review
from twinspike.scorecard.areas import TITLES
from twinspike.scorecard.card import FELT
from twinspike.scorecard.values import ANSWERS


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
        "speakers": {t.area.name: words.speakers(t, review.frameworks) for t in review.topics},
        "felt": felt(review),
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


def felt(review: Review) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """What was easy, clumsy and extra code, by framework; empty where nobody wrote anything."""
    found = {
        framework.name: {
            theme: [
                (person, said)
                for person, card in review.cards.items()
                if (said := card.felt.get((framework.name, theme), ""))
            ]
            for theme in FELT
        }
        for framework in review.frameworks
    }
    return found if any(said for themes in found.values() for said in themes.values()) else {}


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
