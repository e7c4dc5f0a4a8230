"""Records change as the workflow says, once, with a trail; and not at all otherwise."""

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from conftest import SignIn
from fastapi import FastAPI
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.exc import DBAPIError
from steps import PAGES, RECORDS, open_transition, records_of

from spike import demo, services, workflow
from spike.app import create_app
from spike.export import cell
from spike.models import AuditEntry, FollowUp, Record
from spike.settings import Settings
from spike.words import INPUTS
from spike.workflow import Role

pytestmark = pytest.mark.anyio


async def creator(sign_in: SignIn) -> httpx.AsyncClient:
    """A client that may create records."""
    return await sign_in(next(role for role in Role if role in workflow.CREATORS))


async def counts(app: FastAPI) -> list[int]:
    """How many rows the tables of a transition have."""
    async with app.state.database.reading() as session:
        tables = (Record, AuditEntry, FollowUp)
        return [await session.scalar(select(func.count()).select_from(t)) or 0 for t in tables]


async def test_a_transition_moves_the_record_and_is_written_down(sign_in: SignIn) -> None:
    client, record, name = found = await open_transition(sign_in)
    offered = next(t for t in record["transitions"] if t["name"] == name)
    answer = await client.post(found.address, json=found.body)
    assert answer.status_code == 200
    assert answer.json()["state"] == offered["to"]
    assert answer.json()["version"] == record["version"] + 1
    history = (await client.get(f"{RECORDS}/{record['id']}/history")).json()["items"]
    entry = history[-1]
    assert (entry["action"], entry["transition"]) == ("transition", name)
    assert (entry["from"], entry["to"]) == (record["state"], offered["to"])
    assert entry["comment"] == found.body["comment"]


async def test_of_two_people_at_once_one_is_told_that_it_was_too_late(
    settings: Settings, sign_in: SignIn
) -> None:
    found = await open_transition(sign_in)
    other_process = create_app(settings)
    other = httpx.AsyncClient(
        transport=httpx.ASGITransport(other_process),
        base_url="http://localhost",
        headers=found.client.headers,
        cookies=found.client.cookies,
    )
    answers = await asyncio.gather(
        found.client.post(found.address, json=found.body),
        other.post(found.address, json=found.body),
    )
    await other_process.state.database.dispose()
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_writers_wait_for_each_other(settings: Settings, sign_in: SignIn) -> None:
    client, record, _ = await open_transition(sign_in)
    processes = [create_app(settings) for _ in range(2)]
    clients = [
        httpx.AsyncClient(
            transport=httpx.ASGITransport(process),
            base_url="http://localhost",
            headers=client.headers,
            cookies=client.cookies,
        )
        for process in processes
    ]
    address = f"{RECORDS}/{record['id']}/comments"
    answers = await asyncio.gather(
        *(c.post(address, json={"comment": f"Number {n}"}) for n in range(20) for c in clients)
    )
    for process in processes:
        await process.state.database.dispose()
    assert {answer.status_code for answer in answers} == {201}


async def test_a_failure_half_way_leaves_nothing_behind(
    app: FastAPI, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await open_transition(sign_in)
    before = await counts(app)

    def fail(*_: Any) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr(services, "queue_follow_ups", fail)
    answer = await found.client.post(found.address, json=found.body)
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "secret" not in answer.text
    assert "Content-Security-Policy" in answer.headers
    assert await counts(app) == before
    now = (await found.client.get(f"{RECORDS}/{found.record['id']}")).json()
    assert now == found.record


async def test_whoever_may_not_is_refused_and_nothing_happens(
    app: FastAPI, sign_in: SignIn
) -> None:
    for role in Role:
        client = await sign_in(role)
        before = await counts(app)
        for record in (await records_of(client))[:3]:
            offered = {transition["name"] for transition in record["transitions"]}
            for name in workflow.TRANSITION_LABELS.keys() - offered:
                answer = await client.post(
                    f"{RECORDS}/{record['id']}/transitions/{name}",
                    json={"version": record["version"], "comment": "Please!"},
                )
                assert answer.json()["code"] in ("wrong_state", "forbidden", "guard")
        assert await counts(app) == before


@pytest.mark.parametrize("statement", [update(AuditEntry).values(comment=""), delete(AuditEntry)])
async def test_the_database_refuses_to_change_the_trail(app: FastAPI, statement: Any) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with app.state.database.writing.begin() as session:
            await session.execute(statement)


async def test_an_edit_form_keeps_what_was_typed_when_somebody_else_was_faster(
    sign_in: SignIn,
) -> None:
    texts = [name for name, field in INPUTS.items() if field.kind in ("text", "long_text")]
    for role in Role:
        client = await sign_in(role)
        for record in await records_of(client):
            for name in [name for name in texts if name in record["editable"]]:
                form = {
                    "_csrf": client.headers.get("X-CSRF-Token", ""),
                    "version": str(record["version"]),
                    name: "typed",
                }
                address = f"{PAGES}/{record['id']}/edit"
                theirs = {"version": record["version"], name: "theirs"}
                await client.patch(f"{RECORDS}/{record['id']}", json=theirs)
                late = await client.post(address, data=form)
                assert late.status_code == 409
                assert "typed" in late.text
                assert "<ins>theirs</ins>" in late.text
                again = {**form, "version": str(record["version"] + 1)}
                assert (await client.post(address, data=again)).status_code == 303
                return


async def test_every_page_opens_for_whoever_may_see_it(sign_in: SignIn) -> None:
    for role in Role:
        client = await sign_in(role)
        for page in ("", "?state=&q=a&sort=-id", "/export.csv"):
            assert (await client.get(PAGES + page)).status_code == 200
        assert (await client.get("/report")).status_code == 200
        for record in (await records_of(client))[:5]:
            page = await client.get(f"{PAGES}/{record['id']}")
            assert page.status_code == 200
            for transition in record["transitions"]:
                assert f"/transitions/{transition['name']}" in page.text
            edit = await client.get(f"{PAGES}/{record['id']}/edit")
            assert edit.status_code == (200 if record["editable"] else edit.status_code)
        for page in ("/admin/users", f"/admin/users/{role}", "/admin/follow-ups"):
            wanted = 200 if role == Role.ADMIN else 403
            assert (await client.get(page)).status_code == wanted


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"version": ' + b"9" * 5000 + b"}", "application/json"),
        (b'{"version": 1, "comment": "\\ud800"}', "application/json"),
        (b'{"version": 1, "comment": "\\u0000"}', "application/json"),
        (b'{"version": "1"}', "application/json"),
        (b'{"version": 1, "state": "x"}', "application/json"),
        (b"version=1", "application/x-www-form-urlencoded"),
        (b"", "application/json"),
    ],
)
async def test_a_senseless_body_is_named_as_such(sign_in: SignIn, body: bytes, kind: str) -> None:
    found = await open_transition(sign_in)
    headers = {"Content-Type": kind}
    answer = await found.client.post(found.address, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_list_takes_as_many_queries_for_many_records_as_for_one(
    app: FastAPI, sign_in: SignIn
) -> None:
    admin = await sign_in("admin")
    queries: list[str] = []
    engine = app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    lengths = []
    for size in (1, 100):
        queries.clear()
        assert (await admin.get(RECORDS, params={"size": size})).status_code == 200
        lengths.append(len(queries))
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_an_export_is_a_formula(start: str) -> None:
    assert cell(SimpleNamespace(text=f"{start}1+1"), "text") == f"'{start}1+1"  # type: ignore[arg-type]


async def test_the_demo_is_loaded_once(app: FastAPI, settings: Settings) -> None:
    before = await counts(app)
    await demo.load(settings)
    assert await counts(app) == before
    with pytest.raises(SystemExit, match="debug"):
        await demo.load(settings.model_copy(update={"debug": False}))
