"""The board in a real browser: it follows the day, fits a projector, and opens from disk."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from contrast import CONTRAST

from twinspike.day import board, record
from twinspike.day.today import look

from .conftest import DayCopy

SIZES = {"projector": (1920, 1080), "small projector": (1280, 720), "telephone": (390, 844)}


@pytest.fixture
def busy(day_copy: DayCopy) -> DayCopy:
    """A day on which something of everything has happened."""
    add = {"change": "01", "framework": "django"}
    record.add(day_copy.home, "start", **add, by="anna")
    for light in ("red", "amber", "green"):
        record.add(day_copy.home, "light", **add, light=light, lines=12)
    record.add(
        day_copy.home, "done", **add, minutes=31.0, lines={"data_model": 20}, files=4, green=True
    )
    record.add(day_copy.home, "skip", change="01", framework="fastapi", why="Too <large>.")
    record.add(day_copy.home, "start", change="02", framework="django", by="anna")
    return day_copy


def test_it_shows_lights_minutes_lines_and_files(busy: DayCopy) -> None:
    page = board.html(look(busy.home))
    assert '<i class="red"></i><i class="amber"></i><i class="green"></i>' in page
    assert 'aria-label="red, amber, green"' in page
    for words in ("31 min", "20 lines", "4 files", "anna", "Too &lt;large&gt;.", "builds first"):
        assert words in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_fits_and_can_be_read(
    busy: DayCopy, chromium: Any, size: tuple[int, int], scheme: str
) -> None:
    path = board.write(look(busy.home))
    page = chromium.new_page(
        viewport=dict(zip(("width", "height"), size, strict=True)), color_scheme=scheme
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    wide, high, smallest = page.evaluate(
        """() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight,
        Math.min(...[...document.querySelectorAll("tbody th, td, .cost, p")]
          .map(each => parseFloat(getComputedStyle(each).fontSize)))]"""
    )
    pale = page.evaluate(CONTRAST)
    page.close()
    assert pale == []
    assert wide == size[0], "it is wider than the screen"
    assert size[0] < 1000 or high == size[1], "it is higher than the projector shows"
    # A letter of 1/60 of the picture's height can be read from five metres before a usual screen.
    assert smallest >= (13 if size[0] < 1000 else size[1] / 60)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_programs_get_the_same_in_json(busy: DayCopy) -> None:
    running = busy.home / ".twinspike" / "running"
    running.mkdir(parents=True)
    told = {
        "url": "http://127.0.0.1:1",
        "users": ["admin"],
        "password": "x",
        "mails": "/copy/django_spike/mails",
        "process": os.getpid(),
    }
    (running / "django.json").write_text(json.dumps(told))
    data = json.loads(busy.ok("board", "--json"))
    side = data["changes"][0]["sides"]["django"]
    assert (side["lights"], side["lines"]) == (["red", "amber", "green"], 20)
    assert data["next"] == {"django": "02", "fastapi": "02"}
    shown = {key: value for key, value in told.items() if key != "process"}
    assert data["running"] == {"django": shown}
    assert told["mails"] in busy.ok("board", "--once") + (busy.home / "board.html").read_text()


# How much each light and the edge of what is under way stand out; WCAG 2.2 asks for 3 to 1.
LIGHTS = """() => {
  const light = text => text.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll(".lights i")].map(each => {
    const [a, b] = [light(getComputedStyle(each).backgroundColor), paper].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lights_stand_out_and_differ_in_shape(busy: DayCopy, chromium: Any, scheme: str) -> None:
    page = chromium.new_page(color_scheme=scheme)
    page.goto(board.write(look(busy.home)).as_uri())
    ratios = page.evaluate(LIGHTS)
    shapes = page.evaluate(
        """() => [...document.querySelectorAll(".lights i")]
        .map(each => getComputedStyle(each)).map(s => s.borderRadius + s.clipPath)"""
    )
    page.close()
    assert len(ratios) == 3
    assert min(ratios) >= 3
    assert len(set(shapes)) == 3


@pytest.fixture
def served(busy: DayCopy) -> Iterator[str]:
    """The address of the board while it runs."""
    command = [sys.executable, "-m", "twinspike", "board", "--port", "0"]
    process = subprocess.Popen(command, cwd=busy.home, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    yield line.split(" at ")[1].split()[0]
    process.terminate()
    assert process.wait(10) == 0


def test_it_follows_the_day(busy: DayCopy, served: str, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(served)
    assert page.locator("td.running").count() == 1
    record.add(busy.home, "light", change="02", framework="django", light="green", lines=77)
    page.get_by_text("77 lines").first.wait_for(timeout=8000)
    page.close()
    end = time.monotonic() + 8
    while "77 lines" not in (busy.home / "board.html").read_text(encoding="utf-8"):
        assert time.monotonic() < end, "board.html was not kept"
        time.sleep(0.2)


MAIL = """Subject: =?utf-8?q?Request_12=3A_Approve_by_Zo=C3=AB?=
To: ann@example.org
Date: Thu, 26 Nov 2026 17:09:48 +0000
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

From =E2=80=9CDraft=E2=80=9D to <b>Submitted</b>.

http://127.0.0.1:8001/requests/12
"""


def test_it_leads_to_the_mails_of_a_spike_that_runs(
    busy: DayCopy, served: str, chromium: Any
) -> None:
    folder = busy.home / "fastapi_spike" / "mails"
    busy.write("fastapi_spike/mails/one.eml", MAIL)
    told = {"url": "http://127.0.0.1:1", "password": "x", "process": os.getpid()}
    busy.write(".twinspike/running/fastapi.json", json.dumps({**told, "mails": str(folder)}))
    page = chromium.new_page()
    page.goto(served)
    page.get_by_role("link", name="mails").click()
    page.get_by_role("heading", name="Request 12: Approve by Zoë").wait_for()
    text = page.locator("main").inner_text()
    for words in ("To ann@example.org · 17:09:48 UTC", "“Draft” to <b>Submitted</b>.", "1 in"):
        assert words in text
    assert page.locator("b").count() == 0
    assert page.get_by_role("link", name="/requests/12").count() == 1
    page.close()
    busy.write("fastapi_spike/mails/two.eml", "no mail at all")
    assert "1 in" not in httpx.get(f"{served}mails/fastapi").text
    for nobody in ("mails/django", "mails/", "mails/fastapi/one.eml"):
        assert httpx.get(f"{served}{nobody}").status_code == 404


def test_it_answers_nobody_who_comes_by_another_name(served: str) -> None:
    assert httpx.get(served).status_code == 200
    assert httpx.get(served, headers={"Host": "evil.example"}).status_code == 404
    assert httpx.get(f"{served}evidence.jsonl").status_code == 404


def test_headings_and_tables_are_what_they_look_like(busy: DayCopy, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(board.write(look(busy.home)).as_uri())
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("columnheader").count() == 3
    assert page.get_by_role("rowheader").count() == 8
    assert page.get_by_role("img", name="red, amber, green").count() == 1
    page.close()
