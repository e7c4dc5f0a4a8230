"""The worker: delivers what the outbox holds as signed webhooks, at least once each.

A worker claims rows by moving their next attempt a lease ahead, in one UPDATE that only finds rows
which are due: however many workers run, one has each row. A worker that dies leaves its rows to be
due again when the lease ends.
"""

import asyncio
import datetime as dt
import json
import logging
import random
import signal
from contextlib import suppress
from email.utils import parsedate_to_datetime

import httpx
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook

from spike.database import Database
from spike.models import FollowUp, now
from spike.settings import Settings

log = logging.getLogger("spike.follow_ups")

LEASE = dt.timedelta(seconds=60)  # longer than an attempt can take
TIMEOUT = 15  # seconds that the receiver has to answer
BATCH = 20  # deliveries at a time
LONGEST_WAIT = 86_400  # seconds that a receiver may ask us to wait
GONE = 410


async def deliver_for_ever(settings: Settings) -> None:
    """Deliver follow-ups as they become due, until SIGTERM; what is claimed by then is finished."""
    database = Database(settings)
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(stopping.set))
    if not settings.webhook_url:
        log.warning("WEBHOOK_URL is empty: follow-ups stay queued.")
    async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client:
        while not stopping.is_set():
            try:
                busy = bool(settings.webhook_url) and await deliver_due(database, client, settings)
            except (SQLAlchemyError, OSError) as error:
                log.error("The database is away: %s", error)
                busy = False
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), settings.poll_seconds)
    await database.dispose()


async def deliver_due(database: Database, client: httpx.AsyncClient, settings: Settings) -> int:
    """Try everything that is due, up to a batch, and return how many there were."""
    claimed = await claim(database)
    await asyncio.gather(*(deliver(database, client, settings, row) for row in claimed))
    return len(claimed)


async def claim(database: Database) -> list[FollowUp]:
    """Take the follow-ups that are due, for the length of the lease."""
    due = FollowUp.state == "queued", FollowUp.next_attempt_at <= now()
    oldest = select(FollowUp.id).where(*due).order_by(FollowUp.next_attempt_at).limit(BATCH)
    async with database.reading() as session:
        ids = list(await session.scalars(oldest))
    if not ids:
        return []
    async with database.writing.begin() as session:
        claimed = await session.scalars(
            update(FollowUp)
            .where(FollowUp.id.in_(ids), *due)
            .values(next_attempt_at=now() + LEASE)
            .returning(FollowUp)
        )
        return list(claimed)


async def deliver(
    database: Database, client: httpx.AsyncClient, settings: Settings, row: FollowUp
) -> None:
    """Make one attempt and write down what came of it, unless the lease is no longer ours."""
    error, asked_to_wait, hopeless = await attempt(client, settings, row)
    attempts = row.attempts + 1
    outcome = {"attempts": attempts, "last_error": error}
    if not error:
        outcome |= {"state": "delivered", "delivered_at": now(), "next_attempt_at": None}
    elif hopeless or attempts > len(settings.retry_delays):
        outcome |= {"state": "dead", "next_attempt_at": None}
    else:
        jittered = settings.retry_delays[attempts - 1] * random.uniform(1, 1.2)  # noqa: S311
        wait = dt.timedelta(seconds=max(jittered, asked_to_wait))
        outcome |= {"next_attempt_at": now() + wait}
    async with database.writing.begin() as session:
        await session.execute(
            update(FollowUp)
            .where(FollowUp.id == row.id, FollowUp.next_attempt_at == row.next_attempt_at)
            .values(**outcome)
        )
    log.info("%s %s: %s", row.name, row.webhook_id, error or "delivered")


async def attempt(
    client: httpx.AsyncClient, settings: Settings, row: FollowUp
) -> tuple[str, float, bool]:
    """Send the webhook once.

    Returns what went wrong ("" when nothing did), the seconds that the receiver asks us to wait, and
    whether another attempt is hopeless.
    """
    body = json.dumps(row.payload, ensure_ascii=False)
    sent_at = now()
    headers = {
        "content-type": "application/json",
        "webhook-id": row.webhook_id,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(settings.webhook_key).sign(row.webhook_id, sent_at, body),
    }
    try:
        async with asyncio.timeout(TIMEOUT):
            response = await client.post(settings.webhook_url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failure:
        return f"{type(failure).__name__}: {failure}"[:500], 0, False
    if response.is_success:
        return "", 0, False
    wait = seconds_of(response.headers.get("retry-after", ""))
    return f"The receiver answered {response.status_code}.", wait, response.status_code == GONE


def seconds_of(retry_after: str) -> float:
    """The seconds of a Retry-After header: a number or a date; 0 where it is neither."""
    try:
        if retry_after.isascii() and retry_after.isdigit():
            seconds = float(retry_after)
        else:
            seconds = (parsedate_to_datetime(retry_after) - now()).total_seconds()
    except (ValueError, TypeError):
        return 0
    return min(max(seconds, 0), LONGEST_WAIT)
