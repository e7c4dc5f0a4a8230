"""`twinspike load`: its page in a real browser, its event in the record, and what programs are told."""

import json
from pathlib import Path
from typing import Any

import pytest
from contrast import CONTRAST
from loads import told, turn, usual
from typer.testing import CliRunner

from twinspike.cli import app
from twinspike.day import load

from .conftest import DayCopy

TITLES = {"django": "Django", "fastapi": "FastAPI"}


@pytest.fixture
def measured(day_copy: DayCopy, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A suite that finds the usual; gives with what it was called."""
    calls: list[Any] = []

    def run_suite(copy: Path, *words: Any, group: str, **_: Any) -> int:
        calls.append((*words, group))
        Path(words[-1]).write_text(json.dumps(usual()), encoding="utf-8")
        return 1

    monkeypatch.setattr(load, "run_suite", run_suite)
    monkeypatch.chdir(day_copy.home)
    return calls


def test_it_writes_the_page_and_an_event_of_each_spike(
    measured: list[Any], day_copy: DayCopy
) -> None:
    done = CliRunner().invoke(app, ["load", "django", "--users", "10", "--seconds", "5"])
    assert done.exit_code == 1
    assert "Wrote load.html" in done.stdout
    verb, spikes, *options, group = measured[0]
    assert (verb, spikes, group) == ("load", ["django"], "load")
    assert options[:4] == ["--users", "10", "--seconds", "5"]
    assert (day_copy.home / "load.html").is_file()
    django, fastapi = day_copy.events("load")
    kept = {"users": 10, "seconds": 4, "turns": 2, "workers": 1, "processors": 2, "valid": 2}
    assert kept.items() <= django.items()
    assert (django["planned"], django["achieved"], django["p95"]) == (10.0, 10.0, 42.0)
    assert django["used"]["web"]["processor_ms"] == 4.25
    assert (fastapi["framework"], fastapi["valid"]) == ("fastapi", 1)
    assert not {"curve", "spread"} & fastapi.keys()


def test_programs_get_the_curves_too(measured: list[Any]) -> None:
    done = CliRunner().invoke(app, ["load", "--json"])
    assert json.loads(done.stdout) == usual()


def test_the_day_goes_on_as_if_there_were_no_such_event(
    measured: list[Any], day_copy: DayCopy
) -> None:
    before = day_copy.ok("day", "--json")
    CliRunner().invoke(app, ["load"])
    assert day_copy.ok("day", "--json") == before


def test_the_page_says_what_is_invalid_and_what_failed() -> None:
    page = load.html("A <day>", TITLES, usual())
    assert "A &lt;day&gt;" in page
    assert "<b>FastAPI, turn 2, is invalid:</b> 100.0 % of the requests were sent" in page
    assert "2 processes, 10 threads, 8 connections" in page
    assert page.count("<svg") == 6
    assert "Requests a second of django. turn 1: 10 a second planned, 10 achieved, 0 failed" in page


def test_a_spike_that_answers_nothing_has_a_page_too() -> None:
    page = load.html("A day", TITLES, told(django=[turn([])]))
    assert '<td data-name="95 % within (p95)">–</td>' in page


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_fits_can_be_read_and_needs_no_network(
    chromium: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    path = tmp_path / "load.html"
    path.write_text(load.html("A day", TITLES, usual()), encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    wide = page.evaluate("document.documentElement.scrollWidth")
    tops = page.evaluate(
        "[...document.querySelectorAll('figure')].map(each => each.getBoundingClientRect().top)"
    )
    pale = page.evaluate(CONTRAST)
    page.close()
    assert wide == width
    assert (tops[0] == tops[1]) == (width == 1280), "the curves are beside each other"
    assert pale == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
