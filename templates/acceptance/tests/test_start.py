"""How a spike starts outside debug: with real secrets, or not at all; and whether it is ready."""

import os
import subprocess
import time
from collections.abc import Iterator
from urllib.error import HTTPError

import httpx
import pytest

from suite.client import accepted, refused
from suite.database import migrations_forgotten
from suite.site import Site
from suite.spike import STRAIGHT, Spike, example_env, free_port, fresh_secrets, healthy, spikes
from suite.workflow_file import workflow

pytestmark = [pytest.mark.area("sign_in_and_permissions"), pytest.mark.started]
FLOW = workflow()
NO_SECRETS = [
    ("web", "SECRET_KEY", ""),
    ("web", "SECRET_KEY", "change-me"),
    ("web", "WEBHOOK_SECRET", f"whsec_{33 * 'a'}"),
    ("worker", "WEBHOOK_SECRET", "change-me"),
]
NO_ADDRESS = [(kind, "PUBLIC_URL", "") for kind in ("web", "worker") if FLOW.mails]
NO_ADDRESS += [("worker", "SMTP_URL", "mail.example.org") for _ in NO_ADDRESS[:1]]
NO_BROKER = [
    (kind, "BROKER_URL", "http://127.0.0.1:6379/0")
    for kind in ("web", "worker", "beat")
    if "BROKER_URL" in example_env(spikes()[0])
]
Started = dict[tuple[str, str, str], tuple[subprocess.Popen[bytes], str]]


@pytest.fixture(scope="module")
def outside_debug(site: Site) -> Iterator[Spike]:
    """The same spike on the same database, as in production."""
    assert site.spike is not None
    fresh = fresh_secrets()
    environment = {**site.spike.environment, **fresh, "DEBUG": "0", "PORT": str(free_port())}
    with Spike(site.spike.name, environment, site.spike.log) as spike:
        yield spike


@pytest.fixture(scope="module")
def wrongly_set(outside_debug: Spike) -> Started:
    """A process started with each wrong setting, all at the same time; with their addresses."""
    ports = {case: free_port() for case in [*NO_SECRETS, *NO_BROKER, *NO_ADDRESS]}
    return {
        (kind, name, value): (
            outside_debug.start(kind, **{name: value}, PORT=str(port)),
            f"http://127.0.0.1:{port}",
        )
        for (kind, name, value), port in ports.items()
    }


def answers(url: str) -> bool:
    """Whether anything answers at the address, be it that something is wrong."""
    try:
        STRAIGHT.open(f"{url}/healthz", timeout=2).close()
    except HTTPError:
        return True
    except OSError:
        return False
    return True


def test_it_is_alive_but_not_ready_before_its_migrations(site: Site) -> None:
    assert site.spike is not None

    def ask(path: str) -> httpx.Response:
        return httpx.get(f"{site.url}{path}", trust_env=False, timeout=20)

    with migrations_forgotten(site.spike.environment["DATABASE_URL"]):
        refused(ask("/healthz"), "unavailable", "a database that lacks migrations")
        accepted(ask("/livez"), "a process whose database lacks migrations")
    accepted(ask("/healthz"), "a database with every migration")


@pytest.mark.parametrize(("kind", "name", "value"), NO_SECRETS)
def test_a_placeholder_is_no_secret(wrongly_set: Started, kind: str, name: str, value: str) -> None:
    assert ended(kind, *wrongly_set[kind, name, value]), (
        f"{kind} starts outside debug with {name}={value!r}"
    )


@pytest.mark.parametrize(("kind", "name", "value"), [*NO_ADDRESS, *NO_BROKER])
def test_a_wrong_address_is_refused_by_its_setting(
    wrongly_set: Started, outside_debug: Spike, kind: str, name: str, value: str
) -> None:
    assert ended(kind, *wrongly_set[kind, name, value]), f"{kind} starts with {name}={value!r}"
    assert name in outside_debug.log.read_text(encoding="utf-8"), "the setting is not named"


def ended(kind: str, process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether the process ends with an error, and does not begin to answer."""
    end = time.monotonic() + (60 if kind == "web" else 20)
    while process.poll() is None and time.monotonic() < end and not answers(url):
        time.sleep(0.1)
    return bool(process.poll())


def test_demo_data_that_are_there_sign_nobody_out(site: Site) -> None:
    assert site.spike is not None
    client = site.client_as(FLOW.person_roles[0])
    assert site.spike.run("demo") == 0, "demo data cannot be loaded twice"
    accepted(client.get("/api/session"), "a session from before the demo data were loaded again")


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
    record = site.record_in(FLOW.first_state)
    with httpx.Client(
        base_url=outside_debug.url, headers=headers, timeout=20, trust_env=False
    ) as client:
        assert client.get("/healthz").status_code == 200, "it does not start outside debug"
        body = {"username": "admin", "password": site.password}
        answer = client.post("/api/session", json=body)
        accepted(answer, "signing in outside debug")
        cookies = [c.lower() for c in answer.headers.get_list("set-cookie")]
        assert cookies, "signing in sets a cookie"
        assert all("secure" in cookie for cookie in cookies), f"cookies: {cookies}"
        assert "strict-transport-security" in answer.headers, "HSTS is missing"
        cookies = "; ".join(f"{each.name}={each.value}" for each in client.cookies.jar)
        token = {"X-CSRF-Token": answer.json()["csrf_token"], "Cookie": cookies}
        at = f"{FLOW.path}/{record.id}/comments"
        for origin, code in ((None, 201), ("https://localhost", 201), ("http://localhost", 403)):
            sent = token | ({"Origin": origin} if origin else {})
            done = client.post(at, json={"comment": f"from {origin}"}, headers=sent)
            assert done.status_code == code, f"behind TLS, from {origin} → {done.status_code}"
        site.wrote(record)
        lost = client.get("/no/such/page")
        assert lost.status_code == 404
        for word in ("Traceback", "urlconf", "DEBUG", str(os.getcwd())):
            assert word not in lost.text, f"an unknown page shows {word}"
        stranger = client.get("/healthz", headers={"Host": "evil.example"})
        assert stranger.status_code == 400, "a foreign Host is served"
