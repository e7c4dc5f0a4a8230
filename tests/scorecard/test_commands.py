"""The commands as people run them: what is printed, and the code they end with."""

import json
import random
import time

import pytest
from typer.testing import CliRunner

from tests.scorecard.cards import CORPUS, PLAN, VALID, filled, write_copy
from twinspike.cli import app
from twinspike.errors import UserError
from twinspike.scorecard.areas import parse_plan
from twinspike.scorecard.blank import blank_scorecard

PLAN_TEXT = (CORPUS / "scorecard.yml").read_text(encoding="utf-8")


SEVEN = (
    "project: Corpus\nrecord: access request\nframeworks: [django, fastapi]\nareas:\n"
    + "".join(
        f"  - {{name: a{n}, title: Area {n}, questions: ['Was it {n}?']}}\n" for n in range(7)
    )
)
PLAN_OF_SEVEN = parse_plan(SEVEN)


def run(folder, *arguments, monkeypatch):
    """Run the command in the folder; gives its result."""
    monkeypatch.chdir(folder)
    return CliRunner().invoke(app, arguments)


def test_complete_scorecards_end_with_0(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID})
    result = run(root, "score", monkeypatch=monkeypatch)
    assert result.exit_code == 0
    assert result.output == "scorecards/ana.md: complete\n1 of 1 scorecards complete.\n"


def test_every_problem_is_printed_with_file_line_the_line_and_what_was_expected(
    tmp_path, monkeypatch
):
    broken = VALID.replace("Django: 4", "Django: 4.5").replace("FastAPI: 2", "FastAPI: 6")
    root = write_copy(tmp_path, {"ana": broken, "ben": VALID})
    result = run(root, "score", monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert (
        "scorecards/ana.md:26: “- Data model, Django: 4.5”\n    expected a whole" in result.output
    )
    assert "scorecards/ana.md:36: “- Staff screens, FastAPI: 6”\n" in result.output
    assert "1 of 2 scorecards complete, 2 problems to mend." in result.output


def test_files_can_be_named_from_anywhere(tmp_path, monkeypatch):
    root = write_copy(tmp_path / "copy", {"ana": VALID, "ben": "nothing"})
    path = root / "scorecards" / "ana.md"
    assert run(tmp_path, "score", str(path), monkeypatch=monkeypatch).exit_code == 0
    assert run(tmp_path, "score", str(path.parent), monkeypatch=monkeypatch).exit_code == 1


def test_score_prints_nobodys_scores(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID})
    data = json.loads(run(root, "score", "--json", monkeypatch=monkeypatch).output)
    assert data["complete"] is True
    assert data["scorecards"][0] == {
        "person": "ana",
        "file": str(root / "scorecards" / "ana.md"),
        "round": "first",
        "complete": True,
        "scored": 4,
        "possible": 4,
        "findings": [],
    }


def test_somebody_without_a_scorecard_ends_with_1(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID}, PLAN_TEXT + "team: [ana, ben]\n")
    result = run(root, "score", monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert "ben: no scorecard" in result.output


def test_blank_scorecards_are_written_for_those_who_have_none_and_only_for_them(
    tmp_path, monkeypatch
):
    root = write_copy(tmp_path, {"ana": VALID}, PLAN_TEXT + "team: [ana, ben]\n")
    result = run(root, "score", "--blank", monkeypatch=monkeypatch)
    assert "Wrote scorecards/ben.md." in result.output
    assert (root / "scorecards" / "ana.md").read_text(encoding="utf-8") == VALID
    written = (root / "scorecards" / "ben.md").read_text(encoding="utf-8")
    assert written == blank_scorecard(PLAN, "ben")
    assert "scorecards/ben.md:56: “- One real case:”" in result.output


def test_what_a_terminal_would_act_on_is_printed_visibly(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID.replace("Migrations", "\x1b[2J")})
    result = run(root, "score", monkeypatch=monkeypatch)
    assert "\x1b" not in result.output
    assert "\\u001b[2J" in result.output


def test_outside_a_copy_it_says_so(tmp_path, monkeypatch):
    result = run(tmp_path, "score", monkeypatch=monkeypatch)
    assert isinstance(result.exception, UserError)
    assert "is not a copy" in str(result.exception)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("weight: 2", "weight: 11", "areas[0].weight: '11' is not a whole number from 0 to 10"),
        ("weight: 2", "weight: 2.5", "areas[0].weight: '2.5' is not"),
        ("weight: 2", "weight: yes", "areas[0].weight: 'True' is not"),
        (
            "weight: 2",
            "wieght: 2",
            "line 5: areas[0].wieght: 'wieght' is not a key here; did you mean 'weight'?",
        ),
        ("weight: 2", "weight: 2, weight: 3", "line 5: the key 'weight' is there twice"),
        ("title: Staff screens", "title: data model", "areas: two have the title 'data model'"),
        ("title: Staff screens", "title: 'Staff: screens'", "must not have a colon"),
        ("title: Staff screens", "title: How it felt", "“How it felt” is a heading"),
        ("title: Staff screens", "title: Easy", "two lines would be called “Easy, Django”"),
        ("[django, fastapi]", "[django, flask]", "frameworks[1]: 'flask' is not one of"),
        ("areas:", "areas: []\nrest:", "rest: 'rest' is not a key here"),
        ("project: Corpus", "project: [", "line"),
    ],
)
def test_a_mistake_in_scorecard_yml_is_named_with_its_place(tmp_path, monkeypatch, old, new, where):
    root = write_copy(tmp_path, {"ana": VALID}, PLAN_TEXT.replace(old, new))
    result = run(root, "score", monkeypatch=monkeypatch)
    assert isinstance(result.exception, UserError)
    assert where in str(result.exception)


def test_an_area_added_before_the_day_is_asked_for_and_a_renamed_one_too(tmp_path, monkeypatch):
    text = PLAN_TEXT.replace(
        "checklist:", "  - {name: import, title: Bulk import, weight: 3}\nchecklist:"
    )
    root = write_copy(tmp_path, {"ana": VALID}, text.replace("title: Data model", "title: Data"))
    result = run(root, "score", monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert "the section “## Bulk import”" in result.output
    assert "the section “## Data”" in result.output


def test_review_writes_the_three_pages_and_sums_them_up(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID, "ben": filled(PLAN, "ben", [1, 5, 3, 3])})
    result = run(root, "review", "--date", "2026-03-31", monkeypatch=monkeypatch)
    assert result.exit_code == 0
    assert "Wrote review/review.html, review/review.md, review/decision.md." in result.output
    assert "Where people differ most: Data model and Staff screens." in result.output
    assert "Too close to call" in result.output
    assert sorted(path.name for path in (root / "review").iterdir()) == [
        "decision.md",
        "review.html",
        "review.md",
    ]


def test_review_as_data(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID, "ben": filled(PLAN, "ben", [1, 5, 3, 3])})
    data = json.loads(run(root, "review", "--json", monkeypatch=monkeypatch).output)
    assert data["lead"]["value"] == pytest.approx((2 * (1 - 4) / 2 + 3 / 2) / 3)
    assert data["lead"]["turns_at"] == {"data_model": "1", "staff_screens": "2"}
    assert data["areas"][0]["scores"]["django"] == {"ana": "4", "ben": "1"}


def test_review_writes_nothing_while_a_scorecard_is_unreadable(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID, "ben": VALID.replace("Django: 4", "Django: 4.5")})
    result = run(root, "review", monkeypatch=monkeypatch)
    assert isinstance(result.exception, UserError)
    assert "scorecards/ben.md:26" in result.output
    assert not (root / "review").exists()


def test_a_date_that_is_none_is_a_usage_error(tmp_path, monkeypatch):
    root = write_copy(tmp_path, {"ana": VALID})
    result = run(root, "review", "--date", "tomorrow", monkeypatch=monkeypatch)
    assert isinstance(result.exception, UserError)
    assert result.exception.exit_code == 2


def crowd(root, people):
    """A copy with so many filled-in scorecards."""
    draw = random.Random(people)  # noqa: S311 - scores, not secrets
    names = [f"p{number:03d}" for number in range(people)]
    return write_copy(
        root,
        {
            name: filled(PLAN_OF_SEVEN, name, [draw.randint(1, 5) for _ in range(14)])
            for name in names
        },
        SEVEN,
    )


def seconds(root, command, monkeypatch):
    """How long the command takes in this process, in seconds of its own work."""
    before = time.process_time()
    assert run(root, command, monkeypatch=monkeypatch).exit_code == 0
    return time.process_time() - before


def test_eight_people_take_less_than_a_second(tmp_path, monkeypatch):
    root = crowd(tmp_path, 8)
    assert seconds(root, "score", monkeypatch) + seconds(root, "review", monkeypatch) < 1


def test_five_hundred_scorecards_take_less_than_five_seconds(tmp_path, monkeypatch):
    root = crowd(tmp_path, 500)
    assert seconds(root, "score", monkeypatch) < 5
    assert seconds(root, "review", monkeypatch) < 5
