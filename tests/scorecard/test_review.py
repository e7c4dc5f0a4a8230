"""The review's pages: what they show, in which order, and that nothing typed gets out of its place."""

import json
import re
import subprocess
from datetime import date, timedelta
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import yaml
from markdown_it import MarkdownIt

from tests.scorecard.cards import CORPUS, PLAN, filled, write_copy
from twinspike.errors import UserError
from twinspike.review.agenda import hour, next_look
from twinspike.review.charts import cost_charts, size_chart
from twinspike.review.content import build_review, initials
from twinspike.review.decision import decision_record
from twinspike.review.pages import html_page, markdown_page, write_pages
from twinspike.review.statistics import Flip
from twinspike.review.words import flip
from twinspike.scorecard.areas import Area, parse_plan
from twinspike.scorecard.collecting import collect

DAY = date(2026, 3, 31)
PLAN_TEXT = (CORPUS / "scorecard.yml").read_text(encoding="utf-8")
NASTY = (
    "</p><script>alert(1)</script> <img src=x onerror=alert(2)> \"'><svg/onload=alert(3)> "
    "{{ 7*7 }} | a | b | `code` [x](javascript:alert(4)) @everyone **bold** --> "
)


def review_of(root):
    """The review of the copy on the day."""
    return build_review(collect(root), DAY)


def three(root, felt=None, **more):
    """A copy with three scorecards."""
    cards = {
        "ana": filled(PLAN, "ana", [5, 2, 4, 3], lines=felt),
        "ben": filled(PLAN, "ben", [1, 5, 4, 3]),
        "cleo": filled(PLAN, "cleo", [4, 4, "not reached", 3]),
    }
    return write_copy(root, cards, **more)


class Outline(HTMLParser):
    """Collects the tags, and the text of the headings."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.headings = []
        self.ids = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag in ("h1", "h2", "h3"):
            self._inside = True
            self.headings.append("")

    def handle_endtag(self, tag):
        if tag in ("h1", "h2", "h3"):
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.headings[-1] += data


ORDER = [
    "Where people differ most",
    "How firm the lead is",
    "The next hour",
    "Area by area",
    "What if an area counted more, or less",
    "What was built",
    "What was expected",
    "How it felt",
    "Evidence next to opinion",
    "Before committing",
    "Look again",
]


def test_both_pages_have_their_parts_in_the_order_of_the_meeting(tmp_path):
    review = review_of(three(tmp_path, felt={"Easy, Django": "lists"}))
    for headings in (
        Outline(html_page(review)).headings,
        re.findall(r"^## (.*)$", markdown_page(review), re.MULTILINE),
    ):
        places = [next(i for i, h in enumerate(headings) if h.startswith(part)) for part in ORDER]
        assert places == sorted(places)


def test_the_widest_disagreement_comes_first_and_a_total_is_no_headline(tmp_path):
    page = html_page(review_of(three(tmp_path)))
    headings = Outline(page).headings
    assert headings.index("Data model weight 2") < headings.index("Staff screens")
    assert not any(re.search(r"\d\.\d", heading) for heading in headings)


def test_every_person_has_a_dot_for_every_score_and_a_text_that_says_it(tmp_path):
    page = html_page(review_of(three(tmp_path)))
    for text in ("ana: 5", "ben: 1", "cleo: not reached", "ben: 5"):
        assert f"<title>{text}</title>" in page
    assert "Django: ben 1, cleo 4, ana 5; median 4." in page


def test_a_missing_score_is_said_and_not_averaged(tmp_path):
    root = three(tmp_path)
    path = root / "scorecards" / "cleo.md"
    path.write_text(filled(PLAN, "cleo", [4, "", 4, 3]), encoding="utf-8")
    review = review_of(root)
    assert review.lead.counted == 5
    assert review.lead.possible == 6
    for page in (html_page(review), markdown_page(review), decision_record(review)):
        assert "cleo" in page
        assert "core" in page
    assert "No score for" in markdown_page(review)
    assert "It rests on 5 of 6 comparisons, one for each person in each area" in markdown_page(
        review
    )


def test_who_has_no_scorecard_is_named(tmp_path):
    root = three(tmp_path, plan_text=PLAN_TEXT + "team: [ana, ben, cleo, dora]\n")
    review = review_of(root)
    assert review.absent == ["dora"]
    assert "No scorecard from dora" in html_page(review)


def test_nobody_at_all_is_an_error_that_says_so(tmp_path):
    root = write_copy(tmp_path, {"ana": filled(PLAN, "ana", ["", "", "", ""])})
    with pytest.raises(UserError, match="Nobody has filled in"):
        review_of(root)


def test_both_rounds_are_shown(tmp_path):
    root = three(tmp_path, final={"ben": filled(PLAN, "ben", [4, 5, 4, 3])})
    review = review_of(root)
    page = html_page(review)
    assert "ben: 1 before the discussion" in page
    assert "Moved after the discussion: ben from 1." in page
    assert "In the first round" in page
    assert "1 → 4" in markdown_page(review)
    assert review.cards["ana"].final is False


def test_one_framework_alone_has_scores_and_no_lead(tmp_path):
    text = PLAN_TEXT.replace("[django, fastapi]", "[fastapi]")
    plan = parse_plan(text)
    cards = {p: filled(plan, p, s) for p, s in (("ana", [4, 2]), ("ben", [5, 5]))}
    review = review_of(write_copy(tmp_path, cards, plan_text=text))
    assert review.lead is None
    for page in (html_page(review), markdown_page(review), decision_record(review)):
        assert "Django" not in page
        assert "Only one framework was tried" in page


def test_expectations_are_held_against_what_came_out(tmp_path):
    root = three(tmp_path)
    for person, words in (("ana", "Django, because of the admin"), ("ben", "Django")):
        path = root / "scorecards" / f"{person}.md"
        text = path.read_text(encoding="utf-8").replace("- I expect:", f"- I expect: {words}")
        path.write_text(text, encoding="utf-8")
    page = markdown_page(review_of(root))
    assert "Django, because of the admin | scored Django 2.33 points higher: as expected" in page
    assert "| ben | Django | scored FastAPI 2.33 points higher: a surprise" in page
    assert "| cleo | – |" in page


def test_the_acceptance_results_and_the_day_stand_beside_the_scores(tmp_path):
    root = three(tmp_path)
    results = root / "results"
    results.mkdir()
    areas = {"data_model": {"passed": 12, "failed": 3, "failures": []}}
    (results / "django.json").write_text(json.dumps({"areas": areas, "trouble": ""}))
    (results / "fastapi.json").write_text("no json")
    lines = [
        {
            "change": "01",
            "framework": "django",
            "title": "Ask twice",
            "minutes": 42.4,
            "lines": 120,
            "files": 5,
            "green": True,
        },
        {"change": "01", "framework": "fastapi", "minutes": 61, "lines": 180, "green": False},
    ]
    record = "\n".join(json.dumps(line) for line in lines)
    (root / "evidence.jsonl").write_text(f"{record}\nbroken\n", encoding="utf-8")
    review = review_of(root)
    page = markdown_page(review)
    assert "12 of 15 ✗" in page
    assert "| 01 Ask twice | Django | 42 | 120 | 5 | – | ✓ green |" in page
    assert "| 01 | FastAPI | 61 | 180 | – | – | ✗ red |" in page
    assert "fastapi.json could not be read" in page
    assert "line 3: left out" in page
    assert "12 of 15" in html_page(review)


def test_what_was_measured_is_drawn_and_what_was_not_has_no_bar(tmp_path):
    root = three(tmp_path)
    lines = [
        {"event": "morning", "framework": "django", "lines": {"data_model": 205}},
        {"change": "01", "framework": "django", "minutes": 42.4, "lines": 120},
        {"change": "01", "framework": "fastapi", "minutes": 61, "lines": 0},
        {"change": "02", "framework": "django", "minutes": 10},
        {"event": "skip", "change": "02", "framework": "fastapi", "why": "Late.", "lines": 9},
    ]
    (root / "evidence.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    review = review_of(root)
    (_, minutes), (_, changed) = cost_charts(review)
    assert "Data model: Django 205, FastAPI –." in size_chart(review)
    assert "01: Django 42, FastAPI 61. 02: Django 10, FastAPI –." in minutes
    assert "01: Django 120, FastAPI 0." in changed
    assert "02:" not in changed
    wide = [
        float(each) for each in re.findall(r'<rect class="dot d\d" [^>]*width="([\d.]+)"', minutes)
    ]
    assert wide == pytest.approx([wide[1] * 42.4 / 61, wide[1], wide[1] * 10 / 61], abs=0.1)
    assert changed.count("<rect") == 2
    assert all(str(chart) in html_page(review) for chart in (size_chart(review), minutes, changed))


def test_a_load_is_shown_and_an_invalid_one_shows_no_figures(tmp_path):
    root = three(tmp_path)
    used = {
        "web": {"processor_ms": 3.21, "memory_mb": 63},
        "worker": {"processor_ms": 0.5, "memory_mb": 50},
    }
    asked = {
        "event": "load",
        "users": 200,
        "seconds": 30,
        "planned": 200.0,
        "used": used,
        "failed": 3,
    }
    lines = [
        {**asked, "framework": "django", "valid": 2, "achieved": 1.0, "p50": 1, "p95": 1, "p99": 1},
        {
            **asked,
            "framework": "django",
            "valid": 2,
            "achieved": 199.9,
            "p50": 6.2,
            "p95": 41.4,
            "p99": None,
        },
        {
            **asked,
            "framework": "fastapi",
            "valid": 0,
            "achieved": 12.5,
            "p50": 987.0,
            "p95": 2,
            "p99": 3,
        },
    ]
    (root / "evidence.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    review = review_of(root)
    assert review.evidence.troubles == []
    page = markdown_page(review)
    assert "Under load: 200 users for 30 s, each asking once a second;" in page
    limit = "invalid: whoever asked was at the limit, not the spike"
    rows = {
        "Planned → achieved": ("200 → 200 a second", limit),
        "95 % within": ("41 ms", "–"),
        "99 % within": ("–", "–"),
        "Failed": ("3", "–"),
        "Processor a request": ("3.7 ms", "–"),
        "Memory": ("113 MB", "–"),
    }
    shown = html_page(review)
    for name, (django, fastapi) in rows.items():
        assert f"| {name} | {django} | {fastapi} |" in page
        assert f'<th scope="row">{name}</th><td>{django}</td><td>{fastapi}</td>' in shown
    assert "987" not in page + shown
    said = "Django: 95 % within 41 ms, 3 failed with 200 users, each asking once a second."
    assert said in decision_record(review)


def test_without_measurements_there_are_no_bars(tmp_path):
    assert '<figure class="bars">' not in html_page(review_of(three(tmp_path)))


def git(root, *arguments):
    """Run git in the folder."""
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


def test_a_change_of_the_weights_is_told_from_git(tmp_path):
    root = three(tmp_path)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "Begin")
    assert "No: they are as they were committed" in markdown_page(review_of(root))
    path = root / "scorecard.yml"
    path.write_text(PLAN_TEXT.replace("weight: 2", "weight: 9"), encoding="utf-8")
    git(root, "commit", "-qam", "Change")
    path.write_text(PLAN_TEXT.replace("weight: 2", "weight: 3"), encoding="utf-8")
    page = markdown_page(review_of(root))
    assert "Yes, two times" in page
    changes = [line.partition(" by ")[2] or line for line in page.splitlines() if "→" in line]
    assert changes == ["Test: Data model 2 → 9", "- not committed: Data model 9 → 3"]


def test_without_git_the_page_says_that_it_cannot_know(tmp_path, monkeypatch):
    root = three(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert "Not known: there is no git history" in markdown_page(review_of(root))


def nasty(root):
    """A copy in which everything that people can type is an attack."""
    card = filled(
        PLAN,
        "ana",
        [5, 2, 4, 3],
        {(a.name, f.name): NASTY for a in PLAN.areas for f in PLAN.frameworks},
        {
            "I expect": NASTY,
            "I built": NASTY,
            "Easy, Django": NASTY,
            "Extra code, FastAPI": NASTY,
            "One real case": f"yes, {NASTY}",
        },
    )
    plan = yaml.safe_load(PLAN_TEXT)
    plan["project"] = NASTY
    plan["checklist"][0]["question"] = NASTY
    return write_copy(root, {"<b>x": card, "ana": card}, plan_text=yaml.safe_dump(plan))


def test_what_people_typed_never_becomes_html(tmp_path):
    root = nasty(tmp_path)
    (root / "evidence.jsonl").write_text(
        json.dumps({"change": NASTY, "framework": NASTY, "title": NASTY, "by": NASTY}) + "\n"
    )
    outline = Outline(html_page(review_of(root)))
    tags = {tag for tag, _ in outline.tags}
    assert not tags & {"script", "img", "iframe", "link", "object"}
    assert not any(name.startswith("on") for _, attributes in outline.tags for name in attributes)
    assert all(attributes.get("href", "#").startswith("#") for _, attributes in outline.tags)
    assert len(outline.ids) == len(set(outline.ids))


def test_what_people_typed_stays_text_in_markdown(tmp_path):
    review = review_of(nasty(tmp_path))
    for page in (markdown_page(review), decision_record(review)):
        body = page.split("---\n", 2)[2] if page.startswith("---\n") else page
        html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(body)
        tags = {tag for tag, _ in Outline(html).tags}
        assert not tags & {"script", "img", "svg", "code"}
        assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', html))
        assert "@everyone" not in page


def test_the_markdown_tables_render_as_tables_with_even_rows(tmp_path):
    html = MarkdownIt("gfm-like", {"linkify": False}).render(
        markdown_page(review_of(three(tmp_path)))
    )
    tables = re.findall(r"<table>.*?</table>", html, re.DOTALL)
    assert len(tables) == 6
    for table in tables:
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        assert len({len(re.findall(r"<t[hd]", row)) for row in rows}) == 1
    assert "<p>|" not in html


def test_the_page_needs_nothing_from_outside_and_no_script(tmp_path):
    page = html_page(review_of(three(tmp_path)))
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|@import|url\(", page)


def test_the_decision_has_the_parts_of_a_madr_record(tmp_path):
    record = decision_record(review_of(three(tmp_path)))
    front = yaml.safe_load(record.split("---\n")[1])
    assert front == {
        "status": "proposed",
        "date": DAY,
        "decision-makers": ["ana", "ben", "cleo"],
        "consulted": [],
        "informed": [],
    }
    headings = re.findall(r"^#+ .*$", record, re.MULTILINE)
    assert headings == [
        "# Django or FastAPI for Corpus",
        "## Context and Problem Statement",
        "## Decision Drivers",
        "## Considered Options",
        "## Decision Outcome",
        "### Confirmation",
        "## Signed",
        "## More Information",
        "### What was not seen",
        "### What was written about Django",
        "### What was written about FastAPI",
    ]
    for option in ("Django**", "FastAPI**", "Both, in distinct roles**:", "Neither yet**"):
        assert f"\n* **{option}" in record
    assert "* Weight 2: Data model" in record
    assert "  * Good: ana on Data model in Django. (Data model: 5, ana)" in record
    assert "Did auth stay clean?" in record


def test_the_decision_is_one_page_with_reasons_worth_signing_and_a_line_for_everybody(tmp_path):
    root = three(tmp_path)
    empty = {(a.name, f.name): "nothing much" for a in PLAN.areas for f in PLAN.frameworks}
    card = filled(PLAN, "dora", [5, 1, 5, 1], empty)
    (root / "scorecards" / "dora.md").write_text(card, encoding="utf-8")
    record = decision_record(review_of(root))
    page = record.split("## More Information")[0]
    assert "nothing much" not in page
    assert len(page.splitlines()) <= 60
    for framework in ("Django", "FastAPI"):
        reasons = page.split(f"* **{framework}**\n")[1].split("\n* **")[0].splitlines()
        assert 2 <= len(reasons) <= 3
    for person in ("ana", "ben", "cleo", "dora"):
        assert f"| {person} | |" in page


def test_a_decision_that_somebody_edited_is_left_alone(tmp_path):
    root = three(tmp_path)
    folder = root / "review"
    review = review_of(root)
    assert [p.name for p in write_pages(review, folder)] == [
        "review.html",
        "review.md",
        "decision.md",
    ]
    write_pages(review, folder)
    assert not (folder / "decision.new.md").exists()
    mine = (folder / "decision.md").read_text(encoding="utf-8").replace("…", "Django", 1)
    (folder / "decision.md").write_text(mine, encoding="utf-8")
    assert write_pages(review, folder)[-1].name == "decision.new.md"
    assert (folder / "decision.md").read_text(encoding="utf-8") == mine


@pytest.mark.parametrize(
    "scores",
    [[[4, 3, 4, 3]], [[5, 1, 3, 3], [1, 5, 3, 3]], [[5, 1, 4, 2], [1, 5, 2, 5], [3, 3, 5, 1]]],
)
def test_the_plan_of_the_hour_fills_sixty_minutes_without_a_gap(tmp_path, scores):
    cards = {f"p{n}": filled(PLAN, f"p{n}", row) for n, row in enumerate(scores)}
    items = review_of(write_copy(tmp_path, cards)).agenda
    assert items[0].start == 0
    assert all(a.start + a.minutes == b.start for a, b in pairwise(items))
    assert items[-1].start + items[-1].minutes == 60
    assert hour([])[-1].start == 50


def test_who_speaks_first_has_the_lowest_score_and_who_speaks_next_the_highest(tmp_path):
    review = review_of(three(tmp_path))
    text = "irst ben, who gave Django 1, then ana, who gave it 5"
    assert text in html_page(review)
    assert text in markdown_page(review)
    assert "What we take from this:" in html_page(review)
    assert "What we take from this: …" in markdown_page(review)


def test_how_it_felt_stands_by_framework_and_theme(tmp_path):
    root = three(tmp_path, felt={"Easy, Django": "lists", "Extra code, FastAPI": "pages"})
    review = review_of(root)
    assert "- **Django, easy**: lists (ana)" in markdown_page(review)
    assert "- **FastAPI, extra code**: pages (ana)" in markdown_page(review)
    page = html_page(review)
    assert page.index("How it felt") < page.index(">lists<") < page.index(">pages<")


@pytest.mark.parametrize(
    ("gap", "turn", "weight", "words"),
    [
        (-1, "3/2", 1, "If it counted twice, FastAPI would lead."),
        (-1, "5/2", 1, "If it counted three times, FastAPI would lead."),
        (1, "3/2", 2, "If it counted half, FastAPI would lead."),
        (1, "1/4", 2, "If it did not count, FastAPI would lead."),
        (1, "0", 2, "If it did not count, the two would be exactly even."),
        (-1, "5", 1, "If its weight were more than 5, FastAPI would lead."),
        (-1, "12", 1, "No weight of this area changes who leads."),
        (1, None, 1, "No weight of this area changes who leads."),
        (0, None, 1, "Both are even here, so its weight does not matter."),
        (None, None, 1, "Nobody scored both here, so it is not counted."),
    ],
)
def test_what_another_weight_would_do_is_said_in_words(gap, turn, weight, words):
    one = Flip(
        Area("a", "A", weight),
        None if gap is None else Fraction(gap),
        None if turn is None else Fraction(turn),
    )
    assert flip(one, PLAN.frameworks) == words


@pytest.mark.parametrize("offset", range(14))
def test_the_next_look_is_on_a_working_day_two_to_four_weeks_on(offset):
    day = DAY + timedelta(days=offset)
    look = next_look(day)
    assert look.day.weekday() < 5
    assert look.earliest == day + timedelta(days=14)
    assert look.latest == day + timedelta(days=28)
    assert look.earliest <= look.day <= look.latest


def test_initials_are_short_and_tell_people_apart():
    people = ["Ana", "Anabel", "Ben", "Li", "Liam", "李雷", "Émile", "Maximilian", "Maximiliane"]
    labels = initials(people)
    assert len(set(labels.values())) == len(people)
    assert all(1 <= len(label) <= 3 for label in labels.values())
    assert labels["Ben"] == "B"
