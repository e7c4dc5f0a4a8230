"""The spike's own OpenAPI document, health, and answers as the contract has them."""

import pytest

from suite.client import accepted, refused
from suite.contract import Document, contract, differences
from suite.people import PASSWORD
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("follow_ups_and_api")
FLOW = workflow()


@pytest.fixture(scope="module")
def found(site: Site) -> list[str]:
    """How the spike's own description differs from the contract."""
    answer = site.visitor().get("/openapi.json")
    assert answer.status_code == 200, f"/openapi.json → {answer.status_code}"
    return sorted(differences(answer.json()))


OPERATIONS = sorted(f"{m.upper()} {p}" for p, m in Document(contract()).operations)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_spikes_own_description_agrees(found: list[str], operation: str) -> None:
    own = [
        each.removeprefix(f"{operation}: ") for each in found if each.startswith(operation + ":")
    ]
    assert not own, "; ".join(own)


def test_healthy(site: Site) -> None:
    for path in ("/healthz", "/livez"):
        assert accepted(site.visitor().get(path))["status"] == "ok"


@pytest.mark.parametrize("path", ["/api/nothing", "/api/nothing/more", f"{FLOW.path}/1/nothing"])
def test_an_unknown_address_is_not_found(site: Site, path: str) -> None:
    for client in (site.visitor(), site.admin):
        refused(client.get(path), "not_found")


def test_answers_are_not_to_be_kept_or_guessed(site: Site) -> None:
    for path in ("/api/session", FLOW.path, f"{FLOW.path}/export.csv"):
        headers = site.admin.get(path).headers
        assert "no-store" in headers.get("cache-control", ""), f"{path} may be kept by caches"
        assert headers.get("x-content-type-options") == "nosniff", f"{path} may be guessed at"


@pytest.mark.last
def test_the_spike_never_broke(site: Site) -> None:
    """Whatever was asked of it in the whole run."""
    failures = site.ledger.failures
    assert not failures, f"{len(failures)} answers were errors of the spike: {failures[0]}"


@pytest.mark.last
@pytest.mark.started
def test_the_log_has_no_secret(site: Site) -> None:
    """Of the whole run: passwords, tokens, sessions, and what signs webhooks."""
    assert site.spike is not None
    site.sign_in(site.add_person(), PASSWORD)
    lines = site.spike.log.read_text(encoding="utf-8", errors="replace").splitlines()
    log = "\n".join(line for line in lines if "?" not in line)  # addresses are the suite's own
    secrets = {"a password": PASSWORD, "the demo password": site.password}
    secrets |= {"the webhook secret": site.spike.environment["WEBHOOK_SECRET"]}
    secrets |= {f"the session {c.name}": c.value or "" for c in site.admin.http.cookies.jar}
    told = [what for what, text in secrets.items() if text and text in log]
    assert not told, f"{site.spike.log.name} has {' and '.join(told)}"


@pytest.mark.last
def test_every_moment_has_its_zone(site: Site) -> None:
    """As `Z`, in every answer of the whole run."""
    wrong = site.ledger.moments
    assert not wrong, f"{len(wrong)} moments are not given in UTC with Z: {wrong[0]}"
