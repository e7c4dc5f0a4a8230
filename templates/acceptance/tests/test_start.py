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
Started = dict[tuple[str, str], tuple[subprocess.Popen[bytes], str]]


@pytest.fixture(scope="module")
def outside_debug(site: Site) -> Iterator[Spike]:
    """The same spike on the same database, as in production."""
    assert site.spike is not None
    fresh = fresh_secrets()
    environment = {**site.spike.environment, **fresh, "DEBUG": "0", "PORT": str(free_port())}
    with Spike(site.spike.name, environment, site.spike.log) as spike:
        yield spike


@pytest.fixture(scope="module")
def with_placeholders(outside_debug: Spike) -> Started:
    """The spike started once with each placeholder, all at the same time; with their addresses."""
    ports = {case: free_port() for case in PLACEHOLDERS}
    return {
        (name, value): (
            outside_debug.start("web", **{name: value}, PORT=str(port)),
            f"http://127.0.0.1:{port}",
        )
        for (name, value), port in ports.items()
    }


@pytest.mark.parametrize(("name", "value"), PLACEHOLDERS)
def test_a_placeholder_is_no_secret(with_placeholders: Started, name: str, value: str) -> None:
    process, url = with_placeholders[name, value]
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end and not healthy(url):
        time.sleep(0.1)
    assert process.poll(), f"it starts outside debug with {name}={value!r}"


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
