"""Who gets in, and that they are out as soon as they should be."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from conftest import PASSWORD, SignIn
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import ValidationError
from sqlalchemy import update
from steps import PAGES, RECORDS

from spike import workflow
from spike.models import Grant, Session
from spike.settings import Settings
from spike.workflow import Role

pytestmark = pytest.mark.anyio

Visitor = Callable[[], httpx.AsyncClient]
PEOPLE = [role for role in Role if role not in workflow.SERVICE_ROLES and role != Role.ADMIN]


def endpoints(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and address of the application, with 1 for each parameter."""
    return [
        (method, re.sub(r"\{[^}]*\}", "1", route.path or ""))
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
        for method in route.methods or ()
    ]


async def test_nothing_but_the_sign_in_answers_visitors(app: FastAPI, visitor: Visitor) -> None:
    public = {"/healthz", "/livez", "/", "/sign-in", "/openapi.json"}
    for method, path in endpoints(app):
        if path in public or (method, path) == ("POST", "/api/session"):
            continue
        answer = await visitor().request(method, path)
        if path.startswith("/api/"):
            assert answer.status_code == 401, (method, path)
        else:
            assert answer.headers["location"].startswith("/sign-in"), (method, path)


async def test_no_page_of_another_site_changes_anything(app: FastAPI, sign_in: SignIn) -> None:
    admin = await sign_in("admin")
    without_token = {"X-CSRF-Token": ""}
    foreign = {"Origin": "http://localhost.example"}
    for method, path in endpoints(app):
        if method != "GET" and (method, path) != ("POST", "/sign-in"):
            for headers in ({} if path == "/api/session" else without_token, foreign):
                if headers or method == "DELETE":
                    answer = await admin.request(method, path, headers=headers or without_token)
                    assert answer.status_code == 403, (method, path, headers)


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(
    sign_in: SignIn, visitor: Visitor
) -> None:
    client = await sign_in("admin")
    copy = visitor()
    copy.cookies.update(client.cookies)
    assert (await copy.get("/api/session")).status_code == 200
    assert (await client.delete("/api/session")).status_code == 204
    assert (await copy.get("/api/session")).status_code == 401


async def test_a_session_ends_by_itself(app: FastAPI, sign_in: SignIn) -> None:
    client = await sign_in("admin")
    async with app.state.database.writing.begin() as session:
        await session.execute(update(Session).values(expires_at=dt.datetime.now(dt.UTC)))
    assert (await client.get("/api/session")).status_code == 401


async def test_a_disabled_user_is_out_at_once(sign_in: SignIn) -> None:
    admin, client = await sign_in("admin"), await sign_in(PEOPLE[0])
    changed = await admin.patch(f"/api/users/{PEOPLE[0]}", json={"active": False})
    assert changed.status_code == 200
    assert (await client.get("/api/session")).status_code == 401


async def test_a_dropped_role_and_an_ended_grant_count_at_once(
    app: FastAPI, sign_in: SignIn
) -> None:
    admin, client = await sign_in("admin"), await sign_in(PEOPLE[0])
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    await admin.patch(f"/api/users/{PEOPLE[0]}", json={"roles": []})
    assert (await client.get("/api/session")).json()["roles"] == []
    grant = {"role": "admin", "until": until.isoformat()}
    assert (await admin.post(f"/api/users/{PEOPLE[0]}/grants", json=grant)).status_code == 201
    assert (await client.get("/api/users")).status_code == 200
    async with app.state.database.writing.begin() as session:
        ended = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        await session.execute(update(Grant).where(Grant.until.is_not(None)).values(until=ended))
    assert (await client.get("/api/users")).status_code == 403


async def test_the_eleventh_wrong_password_is_not_even_tried(visitor: Visitor) -> None:
    client, wrong = visitor(), {"username": "admin", "password": "wrong"}
    answers = [await client.post("/api/session", json=wrong) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {401}
    right = {"username": "admin", "password": PASSWORD}
    answer = await client.post("/api/session", json=right)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    assert (await client.post("/sign-in", data=right)).status_code == 429


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/%0d%0aLocation: //evil.example",
        "evil.example",
        " //evil.example",
    ],
)
async def test_signing_in_leads_to_no_other_site(visitor: Visitor, wanted: str) -> None:
    form = {"username": "admin", "password": PASSWORD, "next": wanted}
    answer = await visitor().post("/sign-in", data=form)
    assert answer.status_code == 303
    assert answer.headers["location"] in ("/", "/%0d%0aLocation: //evil.example")


async def test_signing_in_leads_to_where_one_wanted_to_go(visitor: Visitor) -> None:
    client = visitor()
    asked = await client.get(f"{PAGES}?state=&q=a%20b")
    page = await client.get(asked.headers["location"])
    assert f'value="{PAGES}?state=&amp;q=a%20b"' in page.text


@pytest.mark.parametrize(
    "secret", ["", "change-me", "short", "whsec_change-me-change-me-change-me"]
)
def test_a_weak_secret_does_not_start_outside_debug(secret: str) -> None:
    strong: dict[str, Any] = {"secret_key": "s" * 32, "webhook_secret": "s" * 32}
    for name in strong:
        with pytest.raises(ValidationError, match=name.upper()):
            Settings(**{**strong, name: secret}, debug=False)
    assert Settings(**strong, debug=False).hosts == []


@pytest.mark.parametrize("address", ["abc", "0", "-1", "9" * 19, "9" * 5000, "%00"])
async def test_an_impossible_number_is_not_found(sign_in: SignIn, address: str) -> None:
    admin = await sign_in("admin")
    assert (await admin.get(f"{RECORDS}/{address}")).status_code == 404
    assert (await admin.get(f"{PAGES}/{address}")).status_code == 404
    assert (await admin.patch(f"/api/users/{address}", json={})).status_code == 404
