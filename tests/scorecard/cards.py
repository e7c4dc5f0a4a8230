"""A small plan, its valid scorecard, and scorecards filled in by numbers, for the tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from twinspike.scorecard.areas import Plan, load_plan
from twinspike.scorecard.blank import blank_scorecard
from twinspike.scorecard.card import Card
from twinspike.scorecard.reading import read_bytes
from twinspike.scorecard.scanner import Known

CORPUS = Path(__file__).parent / "corpus"
PLAN = load_plan(CORPUS / "scorecard.yml")
KNOWN = Known.of(PLAN, blank_scorecard(PLAN, ""))
VALID = (CORPUS / "valid.md").read_text(encoding="utf-8")


def read(data: bytes | str, person: str = "ana") -> Card:
    """The scorecard in these bytes, read by the small plan."""
    data = data.encode() if isinstance(data, str) else data
    return read_bytes(data, Card(person, Path(f"{person}.md")), KNOWN)


def filled(
    plan: Plan,
    person: str,
    scores: Mapping[tuple[str, str], int | str] | Sequence[int | str],
    reasons: Mapping[tuple[str, str], str] | None = None,
    lines: Mapping[str, str] | None = None,
) -> str:
    """The plan's scorecard with these scores, by (area, framework) or in the order of the lines.

    Every score has a sentence, its own or one that names the person and the line. `lines` fills in others.
    """
    keys = [(area.name, framework.name) for area in plan.areas for framework in plan.frameworks]
    given = dict(scores) if isinstance(scores, Mapping) else dict(zip(keys, scores, strict=True))
    text = blank_scorecard(plan, person)
    for area in plan.areas:
        for framework in plan.frameworks:
            score = given.get((area.name, framework.name), "")
            label = f"- {area.title}, {framework.title}"
            default = f"{person} on {area.title} in {framework.title}."
            reason = (reasons or {}).get((area.name, framework.name), default)
            text = text.replace(f"{label}:\n", f"{label}: {score}\n")
            if score != "":
                text = text.replace(f"{label}, why:\n", f"{label}, why: {reason}\n")
    for check in plan.checklist:
        text = text.replace(f"- {check.title}:\n", f"- {check.title}: yes\n")
    for label, value in (lines or {}).items():
        start = text.index(f"\n- {label}:") + 1
        text = f"{text[:start]}- {label}: {value}{text[text.index(chr(10), start) :]}"
    return text


def write_copy(
    root: Path,
    people: Mapping[str, str],
    plan_text: str | None = None,
    final: Mapping[str, str] | None = None,
) -> Path:
    """A copy with scorecard.yml and these scorecards by person; gives its folder."""
    (root / "scorecards" / "final").mkdir(parents=True)
    text = plan_text or (CORPUS / "scorecard.yml").read_text(encoding="utf-8")
    (root / "scorecard.yml").write_text(text, encoding="utf-8")
    for person, card in people.items():
        (root / "scorecards" / f"{person}.md").write_text(card, encoding="utf-8")
    for person, card in (final or {}).items():
        (root / "scorecards" / "final" / f"{person}.md").write_text(card, encoding="utf-8")
    return root
