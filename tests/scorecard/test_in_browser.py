"""The review page in a real browser without a network: on a phone, a projector, in the dark, on paper."""

import os
import random
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from contrast import CONTRAST

from tests.scorecard.cards import CORPUS, filled, write_copy
from tests.scorecard.test_review import NASTY
from twinspike.review.content import build_review
from twinspike.review.pages import write_pages
from twinspike.scorecard.areas import parse_plan
from twinspike.scorecard.collecting import collect

pytestmark = pytest.mark.slow

TITLES = (
    "Sign-in and permissions",
    "Data model",
    "Staff screens",
    "Approval workflow",
    "Follow-ups and API",
    "Audit and export",
    "The next six to twelve months",
)
PLAN_TEXT = (
    "project: Framework day\nrecord: access request\nframeworks: [django, fastapi]\nareas:\n"
    + "".join(f"  - {{name: a{n}, title: '{title}'}}\n" for n, title in enumerate(TITLES))
    + "checklist:\n"
    + "".join(
        f"  - {{name: c{n}, title: Check {n}, question: 'Can people who are not developers do it?'}}\n"
        for n in range(4)
    )
)
LONG = (
    "Three places had to agree and one was forgotten, so that we spent the better part of an hour "
    "with a missing rule, and in the end nobody could say why the other two had worked at all."
)
VIEWS = {
    "phone": {"viewport": {"width": 390, "height": 844}},
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "dark-phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "small-projector": {"viewport": {"width": 1280, "height": 720}},
    "projector": {"viewport": {"width": 1920, "height": 1080}},
}
NAMES = [
    "Ana",
    "Ben",
    "Cleo",
    "Dmitri",
    "Esra",
    "Farid",
    "Gül",
    "Hanna",
    "Ines",
    "Jo",
    "Kai",
    "Liv",
]
TEAMS = {
    "one": NAMES[:1],
    "three": NAMES[:3],
    "eight": NAMES[:8],
    "twelve": NAMES,
    "forty": [f"Person {n}" for n in range(40)],
    "200": [f"Person {n}" for n in range(200)],
}

# What sticks out of the page, or out of its own box.
OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  return [...document.body.querySelectorAll('*:not(.skip)')]
    .filter(e => e.getClientRects().length)
    .filter(e => e.getBoundingClientRect().right > wide + 1 || e.getBoundingClientRect().left < -1)
    .map(e => e.outerHTML.slice(0, 80));
}"""


def pages_of(root, people, reason="", final=0):
    """The path of the review page for these people, each with scores drawn by name."""
    plan = parse_plan(PLAN_TEXT)
    draw = random.Random(len(people))  # noqa: S311 - scores, not secrets
    keys = [(a.name, f.name) for a in plan.areas for f in plan.frameworks]

    def card(person):
        scores = [draw.choice([1, 2, 3, 4, 4, 5, "not reached"]) for _ in keys]
        said = dict.fromkeys(keys, reason or LONG)
        return filled(
            plan,
            person,
            scores,
            said,
            {"I expect": f"Django. {reason or LONG}", "I built": reason or LONG},
        )

    copy = write_copy(
        root,
        {person: card(person) for person in people},
        PLAN_TEXT,
        {person: card(person) for person in people[:final]},
    )
    record = "".join(
        f'{{"change": "0{n}", "framework": "{f}", "title": "Ask twice", "minutes": 45, "lines": 90, "files": 4, "green": true}}\n'
        for n in range(1, 5)
        for f in ("django", "fastapi")
    )
    record += "".join(
        f'{{"event": "load", "framework": "{f}", "users": 200, "seconds": 30, "valid": 2, "planned": 200, "p95": 41}}\n'
        for f in ("django", "fastapi")
    )
    (copy / "evidence.jsonl").write_text(record, encoding="utf-8")
    return write_pages(build_review(collect(copy), date(2026, 3, 31)), copy / "review")[0]


def open_page(chromium, path, view):
    """The page, without a network, and the requests that it made beside itself."""
    context = chromium.new_context(offline=True, **VIEWS[view])
    page = context.new_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: requests.append(f"dialog {dialog.message}"))
    page.on("console", lambda message: requests.append(f"console {message.text}"))
    page.goto(path.as_uri())
    return page, [url for url in requests if url != path.as_uri()]


@pytest.mark.parametrize("team", TEAMS)
def test_the_page_fits_every_screen_and_is_readable_on_it(chromium, tmp_path, team):
    path = pages_of(tmp_path, TEAMS[team], final=2)
    for view in VIEWS:
        page, others = open_page(chromium, path, view)
        assert others == []
        assert page.evaluate(OVERFLOW) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(CONTRAST) == []
        keep(page, f"{team}-{view}")
        page.context.close()


@pytest.mark.parametrize("team", ["three", "twelve"])
def test_the_first_screen_of_a_projector_has_the_picture(chromium, tmp_path, team):
    page, _ = open_page(chromium, pages_of(tmp_path, TEAMS[team]), "small-projector")
    for part in (".glance", ".verdict", ".firm svg"):
        for each in page.locator(part).all():
            box = each.bounding_box()
            assert box["y"] + box["height"] <= 720, part
    assert page.locator(".glance").count() == 3
    page.context.close()


@pytest.mark.parametrize("final", [0, 2])
@pytest.mark.parametrize("team", TEAMS)
def test_the_page_prints_on_two_sheets_of_a4(chromium, tmp_path, team, final):
    reader = pytest.importorskip("pypdf").PdfReader
    page, _ = open_page(chromium, pages_of(tmp_path, TEAMS[team], final=final), "desk")
    pdf = tmp_path / "review.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    sheets = reader(pdf).pages
    assert len(sheets) <= 2
    assert [round(float(side)) for side in sheets[0].mediabox[2:]] == [595, 842]
    page.context.close()


def test_an_attack_in_every_sentence_is_only_text(chromium, tmp_path):
    path = pages_of(tmp_path, NAMES[:3], reason=NASTY)
    page, others = open_page(chromium, path, "desk")
    assert others == []
    assert page.evaluate("document.scripts.length") == 0
    assert "<script>alert(1)</script>" in page.inner_text("main")
    page.context.close()


def test_every_picture_has_a_text_and_every_part_a_heading(chromium, tmp_path):
    page, _ = open_page(chromium, pages_of(tmp_path, NAMES[:3]), "desk")
    assert page.evaluate(
        "[...document.querySelectorAll('svg')].every(s => s.ariaHidden === 'true' || s.ariaLabel.length > 20)"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('section')].every(s => document.getElementById(s.getAttribute('aria-labelledby')))"
    )
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.evaluate("[...document.querySelectorAll('th')].every(h => h.scope)")
    page.context.close()


def keep(page, name):
    """A picture of the page in the folder PICTURES, where that is set."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_corpus_scorecard_becomes_a_page(chromium, tmp_path):
    valid = (CORPUS / "valid.md").read_text(encoding="utf-8")
    copy = write_copy(tmp_path, {"ana": valid})
    path = write_pages(build_review(collect(copy), date(2026, 3, 31)), copy / "review")[0]
    page, others = open_page(chromium, path, "phone")
    assert others == []
    assert "Migrations wrote themselves." in page.inner_text("main")
    page.context.close()
