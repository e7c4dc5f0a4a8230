"""Outside debug: every page and every answer of the API carries what keeps browsers on the safe side."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

PASSWORD = "correct-horse-battery"  # noqa: S105 - of people who live as long as the test run
PAGES = {
    "django": [
        "/admin/login/", "/admin/spike/accessrequest/", "/admin/spike/accessrequest/1/change/",
        "/admin/spike/accessrequest/report/", "/admin/spike/user/", "/admin/spike/followup/",
        "/admin/spike/auditentry/", "/admin/nowhere/",
    ],
    "fastapi": [
        "/sign-in", "/access-requests", "/access-requests/1", "/report", "/admin/users",
        "/admin/follow-ups", "/nowhere",
    ],
}  # fmt: skip
BEHIND_A_PROXY = {"X-Forwarded-Proto": "https"}
ANSWERS = [
    "/healthz", "/openapi.json", "/api/session", "/api/access-requests", "/api/access-requests/1",
    "/api/access-requests/1/history", "/api/access-requests/export.csv", "/api/access-requests/report",
    "/api/access-requests?size=0", "/api/users", "/api/follow-ups", "/api/nowhere",
]  # fmt: skip


@pytest.fixture(scope="module")
def signed_in(site: Any, production: str) -> Iterator[httpx.Client]:
    """An admin of the production process; Secure cookies are sent back as a proxy would have them."""
    name = site.add_person("admin")
    with httpx.Client(
        base_url=production, headers=BEHIND_A_PROXY, trust_env=False, timeout=30
    ) as client:
        answer = client.post("/api/session", json={"username": name, "password": PASSWORD})
        answer.raise_for_status()
        cookies = [line.partition(";")[0] for line in answer.headers.get_list("set-cookie")]
        client.cookies.clear()
        client.headers["Cookie"] = "; ".join(cookies)
        yield client


def weaknesses(answer: httpx.Response) -> list[str]:
    """What an answer lacks."""
    headers = answer.headers
    policy = headers.get("content-security-policy", "")
    found = []
    if headers.get("x-content-type-options") != "nosniff":
        found.append("no nosniff")
    if headers.get("referrer-policy") not in ("same-origin", "no-referrer", "strict-origin"):
        found.append("the Referrer-Policy leaks paths")
    if "frame-ancestors" not in policy and headers.get("x-frame-options") != "DENY":
        found.append("may be framed")
    if "max-age=31536000" not in headers.get("strict-transport-security", ""):
        found.append("no HSTS")
    if headers.get("content-type", "").startswith("text/html"):
        if "default-src" not in policy:
            found.append("no Content-Security-Policy")
        if "unsafe-eval" in policy or re.search(r"script-src[^;]*unsafe-inline", policy):
            found.append(f"a weak Content-Security-Policy: {policy}")
    if "no-store" not in headers.get("cache-control", ""):
        found.append("may be stored by caches")
    if re.search(r"\d", headers.get("server", "")) or "x-powered-by" in headers:
        found.append(f"names its server: {headers.get('server')}")
    for cookie in headers.get_list("set-cookie"):
        for flag in ("Secure", "HttpOnly", "SameSite"):
            if flag.lower() not in cookie.lower():
                found.append(f"a cookie without {flag}: {cookie.partition('=')[0]}")
    if "Traceback" in answer.text:
        found.append("shows a trace")
    return found


def test_every_answer_is_guarded(site: Any, signed_in: httpx.Client, production: str) -> None:
    paths = [*PAGES[site.spike.name], *ANSWERS]
    found = {}
    with httpx.Client(
        base_url=production, headers=BEHIND_A_PROXY, trust_env=False, timeout=30
    ) as visitor:
        for path in paths:
            for who, client in (("visitor", visitor), ("admin", signed_in)):
                answer = client.get(path)
                assert answer.status_code < 500, path
                if lacks := weaknesses(answer):
                    found[f"{who} {path} → {answer.status_code}"] = lacks
    assert not found, "\n".join(f"{place}: {', '.join(lacks)}" for place, lacks in found.items())


def test_a_mistake_of_the_spike_shows_no_trace(
    site: Any, signed_in: httpx.Client, production: str, ruin: None
) -> None:
    for path in ("/api/access-requests/report", PAGES[site.spike.name][3]):
        answer = signed_in.get(path, headers={"Accept": "text/html"})
        assert answer.status_code in (500, 503), path
        for secret in ("Traceback", "sqlite", "OperationalError", "site-packages", 'File "'):
            assert secret not in answer.text, f"{path} shows {secret}"
        assert not weaknesses(answer), weaknesses(answer)


@pytest.fixture
def ruin(site: Any) -> Iterator[None]:
    """The table of the records is away for the time of a test."""
    path = urlsplit(site.spike.environment["DATABASE_URL"]).path.removeprefix("/")
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA legacy_alter_table = ON")
    table = {"django": "access_request", "fastapi": "access_requests"}[site.spike.name]
    connection.execute(f"ALTER TABLE {table} RENAME TO away")
    yield
    connection.execute(f"ALTER TABLE away RENAME TO {table}")
    connection.close()
