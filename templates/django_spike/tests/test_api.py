"""Signing in, what is refused, and how much is asked of the database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from spike import auth, services, workflow
from spike.models import SEARCHED, Record, User
from spike.workflow import Role

from .conftest import PASSWORD

MakeRecord = Callable[..., Record]
JSON = "application/json"
RECORDS = reverse("record", args=[0]).removesuffix("/0")


@pytest.fixture
def client() -> Client:
    """A browser that is held to the CSRF rules."""
    return Client(enforce_csrf_checks=True)


def sign_in(
    client: Client, username: str, password: str = PASSWORD, **headers: str
) -> HttpResponse:
    """The answer to signing in."""
    body = {"username": username, "password": password}
    return client.post("/api/session", body, JSON, headers=headers)


def test_signing_in_begins_a_new_session_and_out_ends_it(
    client: Client, users: dict[Role, User]
) -> None:
    ids = []
    for _ in range(2):
        token = sign_in(client, "admin").json()["csrf_token"]
        ids.append(client.cookies["django_spike_session"].value)
    assert ids[0] != ids[1]
    assert client.delete("/api/session", headers={"X-CSRF-Token": token}).status_code == 204
    client.cookies["django_spike_session"] = ids[1]
    assert client.get("/api/session").status_code == 401


def test_the_session_cookie_is_out_of_reach_of_scripts(
    client: Client, users: dict[Role, User]
) -> None:
    sign_in(client, "admin")
    cookie = client.cookies["django_spike_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRF-Token": "x" * 64}, {"Origin": "https://evil.example"}],
    ids=["no token", "a wrong token", "a foreign origin"],
)
def test_a_forged_request_is_refused(
    client: Client, users: dict[Role, User], headers: dict[str, str]
) -> None:
    token = sign_in(client, "admin").json()["csrf_token"]
    if "Origin" in headers:
        headers = headers | {"X-CSRF-Token": token}
    answer = client.delete("/api/session", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_another_site_cannot_sign_a_browser_in(client: Client, users: dict[Role, User]) -> None:
    assert sign_in(client, "admin", Origin="https://evil.example").json()["code"] == "csrf"


def test_guessing_is_slowed_down(client: Client, users: dict[Role, User]) -> None:
    for _ in range(auth.TRIES):
        assert sign_in(client, "admin", "wrong").json()["code"] == "bad_credentials"
    answer = sign_in(client, "admin")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    assert sign_in(client, "nobody", "wrong").status_code == 401


@pytest.mark.parametrize("change", ["disabled", "role dropped", "grant ended"])
def test_what_a_user_loses_is_lost_at_once(client: Client, newcomer: User, change: str) -> None:
    role = next(iter(workflow.SEE_ALL - workflow.SERVICE_ROLES)).value
    if change == "grant ended":
        grant = services.grant(newcomer, role, timezone.now() + timedelta(hours=1))
    else:
        services.edit_user(newcomer, roles=[role])
    sign_in(client, "newcomer")
    assert client.get("/api/session").json()["may"]["see"] == "all"
    if change == "disabled":
        services.edit_user(newcomer, active=False)
        assert client.get("/api/session").status_code == 401
        return
    if change == "grant ended":
        grant.until = timezone.now()
        grant.save()
    else:
        services.edit_user(newcomer, roles=[])
    assert client.get("/api/session").json()["may"]["see"] == "none"


def test_a_token_signs_a_service_in_and_only_its_hash_is_kept(client: Client, db: None) -> None:
    service = User.objects.create_user("robot", is_service=True)
    token = auth.new_token(service)
    answer = client.get("/api/session", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["username"] == "robot"
    service.refresh_from_db()
    assert token not in service.token_hash
    wrong = client.get("/api/session", headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401


@pytest.mark.parametrize("number", ["abc", "0", "-1", "9223372036854775808", "9" * 40, "%00"])
def test_an_impossible_number_is_not_found(admin_client: Client, number: str) -> None:
    assert admin_client.get(f"{RECORDS}/{number}").status_code == 404


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"x"', "[" * 9999, '{"state": "x"}', '{"nul": "\\u0000"}', "9" * 5000, b"\xff"],
    ids=range(8),
)
def test_a_senseless_body_is_refused(admin_client: Client, body: str) -> None:
    answer = admin_client.post(RECORDS, body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_an_unknown_field_is_refused(client: Client, users: dict[Role, User]) -> None:
    body = {"username": "admin", "password": PASSWORD, "role": "admin"}
    answer = client.post("/api/session", body, JSON)
    assert [error["field"] for error in answer.json()["errors"]] == ["role"]


def test_a_page_costs_the_same_for_any_number_of_records(
    admin_client: Client,
    record_in: MakeRecord,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        record_in(number=number)
    with django_assert_num_queries(5):  # session, user, roles, page, total
        assert len(admin_client.get(RECORDS).json()["items"]) == 20


@pytest.mark.skipif(not SEARCHED, reason="there is no text to search")
@pytest.mark.parametrize("query", ["žé", "ŽÉ"])
def test_the_search_ignores_case_in_any_script(
    admin_client: Client, record_in: MakeRecord, query: str
) -> None:
    Record.objects.filter(pk=record_in().pk).update(**{SEARCHED[0]: "ŽÉ"})
    assert admin_client.get(RECORDS, {"q": query}).json()["total"] == 1
    screen = reverse(f"admin:spike_{Record._meta.model_name}_changelist")
    assert admin_client.get(screen, {"q": query}).context["cl"].result_count == 1


def test_errors_of_the_api_are_problems(admin_client: Client) -> None:
    for method, path, status in [("get", "/api/nowhere", 404), ("put", "/api/session", 405)]:
        answer = getattr(admin_client, method)(path)
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"


def test_a_fault_of_ours_shows_no_trace(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "create_user", lambda **body: 1 / 0)
    admin_client.raise_request_exception = False
    body = {"username": "ann", "name": "Ann", "password": "x" * 12, "roles": []}
    answer = admin_client.post("/api/users", body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "ZeroDivision" not in answer.content.decode()
