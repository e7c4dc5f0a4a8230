"""On a telephone and on a screen no page is wider than its window, with the demo data of a workflow."""

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from twinspike.day.running import Address, addresses

from .copies import DEFAULT, EVERY_WORD, SPIKES, Copy, answers_for

# The default one, those with the most and the widest fields, and the one with every word.
WORKFLOWS = (DEFAULT, "purchase_request", "vendor_contract", EVERY_WORD)
WIDTHS = (390, 1280)
OF_EACH_KIND = 3  # pages that differ in a number alone
ELSEWHERE = re.compile(r"sign-out|logout|export|\.csv|openapi|docs|password|delete")
WIDER = """() => {
    const root = document.documentElement;
    const asides = [...document.querySelectorAll("body *")].filter(it =>
        it.scrollWidth > it.clientWidth + 1
        && ["auto", "scroll"].includes(getComputedStyle(it).overflowX)
        && it.checkVisibility());
    const named = asides.map(it => it.tagName.toLowerCase() + "." + it.className + "#" + it.id);
    return root.scrollWidth > root.clientWidth ? ["the page", ...named] : named;
}"""


@contextmanager
def up(copy: Copy) -> Iterator[dict[str, Address]]:
    """`twinspike up` in the copy, and where people sign in."""
    command = [sys.executable, "-m", "twinspike", "up"]
    process = subprocess.Popen(command, cwd=copy.home, stdout=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 120
        while len(found := addresses(copy.home, list(SPIKES))) < len(SPIKES):
            assert process.poll() is None, "up has ended"
            assert time.monotonic() < end, "up takes more than two minutes"
            time.sleep(0.2)
        yield found
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def crawled(page: Any, at: Address, width: int) -> list[str]:
    """What is wider than the window, on every kind of page that links lead an administrator to."""
    page.set_viewport_size({"width": width, "height": 844})
    seen: Counter[str] = Counter()
    waiting, wide = [f"{at.url}/"], []
    while waiting:
        url = waiting.pop(0)
        kind = re.sub(r"\d+", "{}", urlsplit(url).path)
        if ELSEWHERE.search(kind) or seen[kind] == OF_EACH_KIND:
            continue
        seen[kind] += 1
        page.goto(url)
        wide += [f"{kind} at {width}: {what}" for what in page.evaluate(WIDER)]
        links = page.eval_on_selector_all("a[href]", "all => all.map(it => it.href)")
        same = [urljoin(url, link).partition("#")[0] for link in links]
        waiting += sorted({each for each in same if each.startswith(f"{at.url}/")} - {url})
    assert len(seen) > 6, f"links led only to {', '.join(seen)}"
    return wide


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_no_page_is_wider_than_its_window(
    make_copy: Callable[..., Copy], chromium: Any, workflow: str
) -> None:
    wide = []
    with up(make_copy(**answers_for(workflow))) as found:
        for spike, at in found.items():
            page = chromium.new_context(locale="en-GB").new_page()
            page.goto(f"{at.url}/")
            page.get_by_label("Username").fill("admin")
            page.get_by_label("Password").fill(at.password)
            page.keyboard.press("Enter")
            page.get_by_role("button", name="out").first.wait_for()
            wide += [f"{spike}: {each}" for width in WIDTHS for each in crawled(page, at, width)]
            page.context.close()
    assert not wide, "\n".join(wide)
