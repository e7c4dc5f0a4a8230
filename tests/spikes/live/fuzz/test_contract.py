"""Schemathesis finds no request that either spike answers against its own OpenAPI or the contract."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ...copies import Copy

HERE = Path(__file__).parent
SEED = "20260101"
MOST_SECONDS = 60


def fuzz(document: str, site: Any, headers: dict[str, str], *options: str) -> None:
    """Run all checks, with a fixed seed, within a minute of processor time."""
    users = [user["username"] for user in site.all_pages(site.admin, "/api/users")]
    command = [
        str(Path(sys.executable).with_name("st")),
        "--config-file",
        str(HERE / "schemathesis.toml"),
    ]
    command += ["run", document, "--url", site.url, "--checks", "all", "--seed", SEED, "--no-color"]
    command += ["--max-examples", "6", "--continue-on-failure", "--warnings", "off", *options]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SCHEMATHESIS_HOOKS": "hooks",
        "FUZZ_SPARED": " ".join(users),
        "FUZZ_TARGET": site.add_person("requester"),
    }
    begin = seconds()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    print(done.stdout[-20_000:], done.stderr[-2_000:])
    assert done.returncode == 0, "see what Schemathesis found below"
    assert seconds() - begin < MOST_SECONDS


def seconds() -> float:
    """The processor time of what has been run and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(params=["own", "contract"])
def document(request: pytest.FixtureRequest, site: Any, copy: Copy) -> str:
    """What the spike says of itself, and what the contract says of both."""
    return (
        f"{site.url}/openapi.json"
        if request.param == "own"
        else str(copy.home / "contract" / "openapi.yaml")
    )


def cookie_of(person: Any) -> dict[str, str]:
    """The headers of somebody who has signed in."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.http.cookies.jar)
    return {"Cookie": cookies, "X-CSRF-Token": person.csrf}


# What Schemathesis makes of wrong credentials it sends beside the right ones, which it does not know as
# such: a good token wins over a bad cookie, and a good cookie counts where no token is given. Refused
# credentials are the acceptance suite's (`test_routes.py`, `test_sign_in.py`). What a framework answers to
# a method that an address does not know is its own matter, and so is what it makes of look-alikes.
ASIDE = (
    "--exclude-checks",
    "ignored_auth,unsupported_method,allow_header_conformance,negative_data_rejection",
)


def test_a_person_finds_nothing(site: Any, document: str) -> None:
    person = site.new_person("admin", "requester")
    again = site.sign_in(person.actor.username, "correct-horse-battery")
    fuzz(document, site, cookie_of(person), *ASIDE, "--exclude-method", "DELETE")
    fuzz(document, site, cookie_of(again), *ASIDE, "--include-method", "DELETE")


def test_a_service_finds_nothing(site: Any, document: str) -> None:
    token = {"Authorization": f"Bearer identity_provider-{site.password}"}
    fuzz(document, site, token, *ASIDE)
