"""CSRF: everything that changes something, with a session but not from a page of ours."""

import socket
import time
from urllib.parse import urlsplit

import pytest

from suite.client import accepted, refused, verdict
from suite.creation import required
from suite.fixtures import Cast
from suite.parts import ADMIN
from suite.people import PASSWORD
from suite.planner import REASON
from suite.screens import show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
AT_ONCE = 5  # seconds, on a busy machine
# What a browser says when another site has sent the request; HERE is our host and port.
FROM_ELSEWHERE = {
    "a foreign origin": {"Origin": "https://elsewhere.example"},
    "the origin null": {"Origin": "null"},
    "another scheme": {"Origin": "https://HERE"},
    "another port": {"Origin": "http://HERE0"},
    "no port": {"Origin": "http://127.0.0.1"},
    "a cross-site fetch": {"Sec-Fetch-Site": "cross-site"},
    "a same-site fetch": {"Sec-Fetch-Site": "same-site"},
}


def sent_to(site: Site, headers: dict[str, str]) -> dict[str, str]:
    """The headers with the spike's own host and port for HERE."""
    here = site.url.partition("://")[2]
    return {name: text.replace("HERE", here) for name, text in headers.items()}


def changing(site: Site, record_id: int) -> list[tuple[str, str, dict]]:
    at = f"{FLOW.path}/{record_id}"
    return [
        ("POST", FLOW.path, required()),
        ("PATCH", at, {"version": 1}),
        *(("POST", f"{at}/transitions/{name}", {"version": 1}) for name in FLOW.names),
        ("POST", f"{at}/comments", {"comment": REASON}),
        *(
            (
                "POST",
                f"{FLOW.path}/transitions/{name}",
                {"records": [{"id": record_id, "version": 1}]},
            )
            for name in FLOW.bulk
        ),
        *(("POST", f"{FLOW.path}/imports{at}", {}) for at in ("", "/1/start") if FLOW.imports),
        ("POST", "/api/follow-ups/1/retry", {}),
        (
            "POST",
            "/api/users",
            {"username": "forged", "name": "Forged", "password": PASSWORD, "roles": []},
        ),
        ("PATCH", f"/api/users/{ADMIN}", {"roles": []}),
        ("POST", f"/api/users/{ADMIN}/grants", {"role": ADMIN, "until": "2099-01-01T00:00:00Z"}),
        ("DELETE", "/api/session", {}),
        *(
            (method, "/api/session/impersonation", {"username": ADMIN, "reason": REASON})
            for method in ("POST", "DELETE")
            if FLOW.impersonating
        ),
    ]


@pytest.mark.parametrize(
    ("what", "headers", "token"),
    [
        ("no token", {}, False),
        ("a wrong token", {"X-CSRF-Token": "a" * 64}, True),
        ("an empty token", {"X-CSRF-Token": ""}, True),
        *((what, headers, True) for what, headers in FROM_ELSEWHERE.items()),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_forged_request_is_refused(
    site: Site, what: str, headers: dict[str, str], token: bool
) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    headers = sent_to(site, headers)
    everywhere = changing(site, record.id)
    for method, path, body in (
        everywhere if what in ("no token", "a foreign origin") else everywhere[::5]
    ):
        answer = site.admin.request(method, path, json=body, headers=headers, csrf=token)
        refused(answer, "csrf", f"{method} {path} with {what}")
    # Whatever else is wrong, this comes first.
    unknown = site.admin.request("PATCH", f"{FLOW.path}/0", json=[], headers=headers, csrf=token)
    refused(unknown, "csrf", f"PATCH of an unknown record with {what}")
    accepted(site.admin.get("/api/session"), "the session lives on")


def test_a_request_from_a_page_of_ours_is_accepted(site: Site) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    at = f"{FLOW.path}/{record.id}/comments"
    for headers in (
        {"Origin": site.url, "Sec-Fetch-Site": "same-origin"},
        {"Origin": site.url},
        {"Sec-Fetch-Site": "none"},
        {},
    ):
        answer = site.admin.post(at, {"comment": "from a page of ours"}, headers=headers)
        accepted(answer, f"a request with {headers}")


def test_the_token_of_another_session_is_refused(site: Site, cast: Cast) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    other = cast.other.csrf or ""
    at = f"{FLOW.path}/{record.id}/comments"
    answer = site.admin.post(at, {"comment": REASON}, headers={"X-CSRF-Token": other})
    refused(answer, "csrf", "the CSRF token of another session")


@pytest.mark.parametrize("what", FROM_ELSEWHERE)
def test_signing_in_from_elsewhere_is_refused(site: Site, person: str, what: str) -> None:
    headers = sent_to(site, FROM_ELSEWHERE[what])
    refused(site.visitor().sign_in(person, PASSWORD, **headers), "csrf", f"with {what}")


@pytest.mark.parametrize(
    "what", [what for what, told in FROM_ELSEWHERE.items() if "Origin" in told]
)
def test_signing_in_on_the_page_from_elsewhere_is_refused(
    site: Site, person: str, what: str
) -> None:
    client = site.visitor()
    form = show(client, "/").credentials(person, PASSWORD)
    headers = {"Referer": f"{site.url}{form.page}", **sent_to(site, FROM_ELSEWHERE[what])}
    client.http.post(form.action, data=dict(form.data()), headers=headers)
    refused(client.get("/api/session"), "not_signed_in", f"signing in on the page with {what}")


def test_no_other_site_is_let_read_an_answer(site: Site) -> None:
    for path in ("/", FLOW.path):
        headers = site.admin.http.get(path, headers={"Origin": "https://elsewhere.example"}).headers
        opened = [name for name in headers if name.startswith("access-control-allow")]
        assert not opened, f"{path} is open to other sites: {opened}"


@pytest.mark.started
def test_a_form_that_never_arrives_keeps_nobody_from_writing(site: Site) -> None:
    """From somebody who is signed in, on a bad line."""
    record = site.standing(FLOW.first_state, key="forged")
    posted = (
        form for form in show(site.admin, site.page_of(record)).forms if form.method == "post"
    )
    address = urlsplit(next(posted).action)
    cookies = "; ".join(f"{each.name}={each.value}" for each in site.admin.http.cookies.jar)
    headers = {
        "Host": address.netloc,
        "Cookie": cookies,
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": "1000",
    }
    lines = [f"POST {address.path} HTTP/1.1", *(f"{n}: {text}" for n, text in headers.items())]
    with socket.create_connection((address.hostname, address.port), timeout=5) as slow:
        slow.sendall("\r\n".join([*lines, "", ""]).encode())
        time.sleep(0.2)  # until it is being read
        began = time.monotonic()
        accepted(site.admin.comment(record, "meanwhile"), "a comment while a form arrives slowly")
        assert time.monotonic() - began < AT_ONCE, "a form that arrives slowly holds up others"


@pytest.mark.parametrize("role", FLOW.service_roles[:1])
def test_a_service_needs_no_csrf_token(site: Site, role: str) -> None:
    record = site.standing(FLOW.first_state, key="forged")
    answer = site.service(role).comment(record, "from a service")
    expected = FLOW.visible(site.service(role).actor, record)
    assert verdict(answer) == ("ok" if expected else "not_found")
