"""Scorecards as people damage them: each one is refused with its place, or read with a note."""

import pytest
import yaml

from tests.scorecard.cards import CORPUS, KNOWN, PLAN, VALID, read
from twinspike.scorecard.card import Kind
from twinspike.scorecard.reading import read_card
from twinspike.scorecard.values import Mark

DAMAGED = yaml.safe_load((CORPUS / "damaged.yml").read_text(encoding="utf-8"))
KINDLY = yaml.safe_load((CORPUS / "kind.yml").read_text(encoding="utf-8"))


def test_every_file_of_the_corpus_says_what_is_expected_of_it():
    assert {path.stem for path in CORPUS.glob("damaged/*.md")} == set(DAMAGED)
    assert {path.stem for path in CORPUS.glob("kind/*.md")} == set(KINDLY)


def test_the_valid_scorecard_is_read_without_a_word():
    card = read(VALID)
    assert card.findings == []
    assert {key: cell.score for key, cell in card.cells.items()} == {
        ("data_model", "django"): 4,
        ("data_model", "fastapi"): 3,
        ("staff_screens", "django"): 5,
        ("staff_screens", "fastapi"): 2,
    }
    assert card.cells["data_model", "fastapi"].reason == "Alembic asked twice."
    assert card.expects == "Django, because of the admin."
    assert card.built == "Django up to change 02."
    assert card.felt["fastapi", "Extra code"] == "screens"
    assert card.answers == {"real_case": ("yes", "the refund of March")}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_scorecard_is_refused_with_its_place(name):
    card = read((CORPUS / "damaged" / f"{name}.md").read_bytes())
    problems = [f for kind in (Kind.UNREADABLE, Kind.MISSING) for f in card.of_kind(kind)]
    assert [[f.line, f.text, f.message] for f in problems] == DAMAGED[name]
    assert problems
    assert not card.complete


@pytest.mark.parametrize("name", KINDLY)
def test_a_scorecard_as_people_really_type_it_is_read_with_a_note(name):
    card = read((CORPUS / "kind" / f"{name}.md").read_bytes())
    assert card.complete
    assert [[f.line, f.message] for f in card.of_kind(Kind.NOTE)] == KINDLY[name]
    expected = {key: cell.score for key, cell in read(VALID).cells.items()}
    if "not-reached" in name:
        expected["data_model", "django"] = Mark.NOT_REACHED
    assert {key: cell.score for key, cell in card.cells.items()} == expected
    for key, cell in read(VALID).cells.items():
        if key != ("data_model", "django"):
            assert card.cells[key].reason == cell.reason


def test_an_area_that_was_added_later_is_asked_for_by_name():
    text = VALID.replace("## Staff screens", "## Other").replace("Staff screens,", "Other,")
    messages = [f.message for f in read(text).of_kind(Kind.UNREADABLE)]
    assert any("“## Staff screens”" in message for message in messages)


def test_reading_leaves_the_file_as_it_was():
    for path in CORPUS.glob("*/*.md"):
        before = path.read_bytes()
        read_card(path, KNOWN)
        assert path.read_bytes() == before


def test_a_scorecard_that_cannot_be_opened_is_refused(tmp_path):
    folder = tmp_path / "ana.md"
    folder.mkdir()
    card = read_card(folder, KNOWN)
    assert not card.readable
    assert len(card.cells) == len(PLAN.areas) * 2


@pytest.mark.parametrize(
    ("typed", "kind", "words"),
    [
        ("Djnago", Kind.UNREADABLE, "did you mean Django?"),
        ("fast api, we know it", Kind.NOTE, "does not begin with Django, FastAPI or no difference"),
        ("FastAPl", Kind.UNREADABLE, "did you mean FastAPI?"),
        ("no diference", Kind.UNREADABLE, "did you mean no difference?"),
        ("no idea yet", Kind.NOTE, "counted for neither"),
        ("**django**, because of the admin", None, ""),
        ("", None, ""),
    ],
)
def test_an_expectation_that_is_misspelt_is_refused(typed, kind, words):
    text = VALID.replace("I expect: Django, because of the admin.", f"I expect: {typed}")
    findings = [finding for finding in read(text).findings if "I expect" in finding.text]
    assert [finding.kind for finding in findings] == ([kind] if kind else [])
    assert all(words in finding.message for finding in findings)
