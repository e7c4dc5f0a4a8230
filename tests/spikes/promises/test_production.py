"""Outside debug: real secrets or no start, cookies for HTTPS only, and headers that browsers obey."""

from collections.abc import Callable

import pytest
from suite.client import accepted
from suite.people import PASSWORD
from suite.site import Site
from suite.spike import Spike, free_port

PLACEHOLDERS = {
    "SECRET_KEY": ["change-me", "change-me" * 9, "", "short"],
    "WEBHOOK_SECRET": ["change-me", "whsec_c2hvcnQ="],
}


@pytest.fixture(scope="module")
def url(start_web: Callable[..., str]) -> str:
    """A process in production."""
    return start_web(DEBUG="0")


def test_it_starts_with_secrets_and_keeps_browsers_safe(site: Site, url: str) -> None:
    visitor = site.visitor()
    visitor.http.base_url = url
    name = site.add_person()
    answer = visitor.post("/api/session", {"username": name, "password": PASSWORD})
    accepted(answer)
    cookies = answer.headers.get_list("set-cookie")
    assert cookies
    for cookie in cookies:
        for flag in ("Secure", "HttpOnly", "SameSite"):
            assert flag.lower() in cookie.lower(), f"{flag} is missing: {cookie}"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in PLACEHOLDERS for value in PLACEHOLDERS[name]]
)
@pytest.mark.parametrize("kind", ["web", "worker"])
def test_it_refuses_placeholders(spike: Spike, kind: str, name: str, value: str) -> None:
    before = len(spike.log.read_text(encoding="utf-8"))
    changed = {"DEBUG": "0", name: value, "PORT": str(free_port())}
    assert spike.run(kind, seconds=30, **changed) != 0
    written = spike.log.read_text(encoding="utf-8")[before:]
    assert f"{name} must be" in written.replace(":", ""), "the log says which"


def test_demo_data_stay_out_of_production(spike: Spike) -> None:
    assert spike.run("demo", DEBUG="0") == 1


def test_the_document_has_no_playground(site: Site, url: str) -> None:
    visitor = site.visitor()
    visitor.http.base_url = url
    assert visitor.get("/docs").status_code == 404
