"""The sign-in leads nobody off site, and does not tell who exists."""

import statistics
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

SIGN_IN = {"django": "/admin/login/", "fastapi": "/sign-in"}
HOSTILE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "\t//evil.example/",
    "/%0d%0aLocation:%20https://evil.example/",
    "https://127.0.0.1@evil.example/",
]
TRIES = 30
ROUNDS = 3
SLACK = 0.2


@pytest.mark.parametrize("target", HOSTILE)
def test_nobody_is_led_off_site(site: Any, target: str) -> None:
    page = f"{site.url}{SIGN_IN[site.spike.name]}"
    form = {"username": "manager", "password": site.password, "next": target}
    with httpx.Client(trust_env=False, timeout=30) as client:
        token = client.get(page, params={"next": target}).text.partition(
            'csrfmiddlewaretoken" value="'
        )
        if token[1]:
            form["csrfmiddlewaretoken"] = token[2].partition('"')[0]
        answer = client.post(page, data=form, headers={"Referer": page})
    assert answer.is_redirect, answer.status_code
    place = urljoin(page, answer.headers["location"].replace("\\", "/").strip())
    assert urlsplit(place).netloc == urlsplit(page).netloc, place


def tell(site: Any) -> float:
    """How far the median times of refusals to known and to unknown people are apart, as a part of 1.

    Interleaved, and each try with a name of its own, so that nobody is slowed down.
    """
    known = [site.add_person() for _ in range(TRIES)]
    times: dict[bool, list[float]] = {True: [], False: []}
    bodies = set()
    # A connection for each, since a slow machine may find an idle one closed.
    lone = {"Connection": "close"}
    with httpx.Client(base_url=site.url, headers=lone, trust_env=False, timeout=30) as client:
        for number, name in enumerate(known):
            for exists in (True, False) if number % 2 else (False, True):
                body = {"username": name if exists else f"x{name}", "password": "not the password"}
                begin = time.perf_counter()
                answer = client.post("/api/session", json=body)
                times[exists].append(time.perf_counter() - begin)
                bodies.add((answer.status_code, answer.text))
    assert len(bodies) == 1
    there, away = (statistics.median(times[exists]) for exists in (True, False))
    print(f"{site.spike.name}: {there * 1000:.1f} ms when known, {away * 1000:.1f} ms when not")
    return abs(there - away) / max(there, away)


@pytest.mark.alone
def test_time_does_not_tell_who_exists(site: Any) -> None:
    """A spike that tells, tells each time; a busy machine does not."""
    assert any(tell(site) < SLACK for _ in range(ROUNDS))
