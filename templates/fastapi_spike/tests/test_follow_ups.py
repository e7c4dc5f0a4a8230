"""Follow-ups arrive at least once, signed, and wait for better times when they cannot."""

import asyncio
import datetime as dt
import signal
from collections.abc import Callable

import httpx
import pytest
from conftest import SignIn
from fastapi import FastAPI
from sqlalchemy import delete, select, update
from standardwebhooks import Webhook

from spike import follow_ups
from spike.models import FollowUp, Record, now
from spike.settings import Settings
from spike.workflow import FOLLOW_UPS

pytestmark = pytest.mark.anyio

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
async def queued(app: FastAPI) -> int:
    """The id of a follow-up that is due, the only one of the outbox."""
    async with app.state.database.writing.begin() as session:
        await session.execute(delete(FollowUp))
        record_id = await session.scalar(select(Record.id).limit(1))
        name = next(iter(FOLLOW_UPS), "test")
        row = FollowUp(name=name, record_id=record_id, webhook_id="msg_1", payload={"é": "1"})
        session.add(row)
        await session.flush()
        return row.id


async def deliver(app: FastAPI, settings: Settings, answer: Answer) -> int:
    """Let the worker try what is due, with this receiver; return how much it was."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        return await follow_ups.deliver_due(app.state.database, client, settings)


async def state_of(app: FastAPI, id: int) -> FollowUp:
    """The follow-up as it is now."""
    async with app.state.database.reading() as session:
        return await session.get_one(FollowUp, id)


@pytest.fixture
def sending(settings: Settings) -> Settings:
    """Settings with a receiver and two short delays."""
    changes = {"webhook_url": "http://receiver", "webhook_secret": "s" * 32, "retry_delays": [0, 0]}
    return settings.model_copy(update=changes)


async def test_a_follow_up_is_delivered_once_and_signed(
    app: FastAPI, sending: Settings, queued: int
) -> None:
    received = []

    def answer(request: httpx.Request) -> httpx.Response:
        received.append(Webhook(b"s" * 32).verify(request.content, dict(request.headers)))
        return httpx.Response(204)

    assert await deliver(app, sending, answer) == 1
    assert await deliver(app, sending, answer) == 0
    assert received == [{"é": "1"}]
    row = await state_of(app, queued)
    assert (row.state, row.attempts, row.next_attempt_at) == ("delivered", 1, None)


@pytest.mark.parametrize("status", [200, 299])
async def test_success_is_success(
    app: FastAPI, sending: Settings, queued: int, status: int
) -> None:
    await deliver(app, sending, lambda _: httpx.Response(status))
    assert (await state_of(app, queued)).state == "delivered"


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_failing_receiver_gets_the_same_id_until_the_delays_are_used_up(
    app: FastAPI, sending: Settings, queued: int, sign_in: SignIn, status: int
) -> None:
    ids = []

    def answer(request: httpx.Request) -> httpx.Response:
        ids.append(request.headers["webhook-id"])
        return httpx.Response(status, headers={"Location": "http://elsewhere"})

    for _ in range(5):
        await deliver(app, sending, answer)
    assert ids == ["msg_1"] * 3
    row = await state_of(app, queued)
    assert (row.state, row.attempts) == ("dead", 3)
    assert str(status) in row.last_error
    admin = await sign_in("admin")
    replayed = await admin.post(f"/api/follow-ups/{queued}/retry")
    assert (replayed.json()["state"], replayed.json()["attempts"]) == ("queued", 0)
    assert (await admin.post(f"/api/follow-ups/{queued}/retry")).status_code == 409
    await deliver(app, sending, lambda _: httpx.Response(200))
    assert (await state_of(app, queued)).state == "delivered"


async def test_a_receiver_that_is_gone_is_not_asked_again(
    app: FastAPI, sending: Settings, queued: int
) -> None:
    await deliver(app, sending, lambda _: httpx.Response(410))
    assert (await state_of(app, queued)).state == "dead"


@pytest.mark.parametrize("far", ["120", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_a_receiver_may_ask_to_wait(
    app: FastAPI, sending: Settings, queued: int, far: str
) -> None:
    answer = httpx.Response(503, headers={"Retry-After": far})
    await deliver(app, sending, lambda _: answer)
    row = await state_of(app, queued)
    assert row.next_attempt_at
    assert row.next_attempt_at > now() + dt.timedelta(seconds=100)


async def test_a_dead_worker_keeps_its_rows_only_for_the_lease(
    app: FastAPI, sending: Settings, queued: int
) -> None:
    assert [row.id for row in await follow_ups.claim(app.state.database)] == [queued]
    assert await deliver(app, sending, lambda _: httpx.Response(200)) == 0
    async with app.state.database.writing.begin() as session:
        await session.execute(update(FollowUp).values(next_attempt_at=now()))
    assert await deliver(app, sending, lambda _: httpx.Response(200)) == 1
    assert (await state_of(app, queued)).attempts == 1


async def test_a_receiver_that_breaks_off_is_tried_again(
    app: FastAPI, sending: Settings, queued: int
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow")

    await deliver(app, sending, answer)
    row = await state_of(app, queued)
    assert (row.state, row.last_error) == ("queued", "ReadTimeout: too slow")


async def test_a_worker_that_is_told_to_stop_finishes_what_it_has_begun(
    app: FastAPI, sending: Settings, queued: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def slow(*_: object) -> tuple[str, float, bool]:
        begun.set()
        await asyncio.sleep(0.1)
        return "", 0, False

    monkeypatch.setattr(follow_ups, "attempt", slow)
    usual = signal.getsignal(signal.SIGTERM)
    worker = asyncio.create_task(follow_ups.deliver_for_ever(sending))
    await asyncio.wait_for(begun.wait(), 5)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(worker, 5)
    signal.signal(signal.SIGTERM, usual)
    assert (await state_of(app, queued)).state == "delivered"
