"""How a spike starts outside debug: with real secrets, or not at all."""

import os
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from suite.client import accepted
from suite.site import Site
from suite.spike import Spike, free_port, fresh_secrets, healthy
from suite.workflow import workflow

pytestmark = [pytest.mark.area("sign_in_and_permissions"), pytest.mark.started]
FLOW = workflow()
PLACEHOLDERS = [
    ("SECRET_KEY", ""),
    ("SECRET_KEY", "change-me"),
    ("WEBHOOK_SECRET", "change-me"),
    ("WEBHOOK_SECRET", "whsec_c2hvcnQ="),
]


@pytest.fixture(scope="module")
def outside_debug(site: Site) -> Iterator[Spike]:
    """The same spike on the same database, as in production."""
    assert site.spike is not None
    fresh = fresh_secrets()
    environment = {**site.spike.environment, **fresh, "DEBUG": "0", "PORT": str(free_port())}
    with Spike(site.spike.name, environment, site.spike.log) as spike:
        yield spike


@pytest.fixture(scope="module")
def with_placeholders(outside_debug: Spike) -> dict[tuple[str, str], subprocess.Popen[bytes]]:
    """The spike started once with each placeholder, all at the same time."""
    return {
        (name, value): outside_debug.start("web", **{name: value}, PORT=str(free_port()))
        for name, value in PLACEHOLDERS
    }


@pytest.mark.parametrize(("name", "value"), PLACEHOLDERS)
def test_a_placeholder_is_no_secret(
    with_placeholders: dict[tuple[str, str], subprocess.Popen[bytes]], name: str, value: str
) -> None:
    try:
        code = with_placeholders[name, value].wait(60)
    except subprocess.TimeoutExpired:
        code = 0
    assert code, f"it starts outside debug with {name}={value!r}"


def test_demo_data_are_only_for_debug(outside_debug: Spike) -> None:
    assert outside_debug.run("demo") == 1, "demo data were loaded outside debug"


def test_outside_debug_cookies_are_secure_and_errors_say_little(
    site: Site, outside_debug: Spike
) -> None:
    process = outside_debug.start("web")
    end = time.monotonic() + 60
    while not healthy(outside_debug.url) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    headers = {"X-Forwarded-Proto": "https", "Host": "localhost"}
    with httpx.Client(base_url=outside_debug.url, headers=headers, timeout=20) as client:
        assert client.get("/healthz").status_code == 200, "it does not start outside debug"
        body = {"username": "admin", "password": site.password}
        answer = client.post("/api/session", json=body)
        accepted(answer, "signing in outside debug")
        cookies = [c.lower() for c in answer.headers.get_list("set-cookie")]
        assert cookies, "signing in sets a cookie"
        assert all("secure" in cookie for cookie in cookies), f"cookies: {cookies}"
        assert "strict-transport-security" in answer.headers, "HSTS is missing"
        lost = client.get("/no/such/page")
        assert lost.status_code == 404
        for word in ("Traceback", "urlconf", "DEBUG", str(os.getcwd())):
            assert word not in lost.text, f"an unknown page shows {word}"
        stranger = client.get("/healthz", headers={"Host": "evil.example"})
        assert stranger.status_code == 400, "a foreign Host is served"
