"""The list as a CSV file, streamed, with cells that no spreadsheet takes for a formula."""

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from spike import queries
from spike.models import Record
from spike.schemas import RecordFilter
from spike.services import plain
from spike.words import INPUTS
from spike.workflow import Actor

COLUMNS = ["id", "state", "owner", *INPUTS, "created_at", "updated_at"]
ROWS_AT_ONCE = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


async def stream(
    sessions: async_sessionmaker[AsyncSession], actor: Actor, wanted: RecordFilter
) -> AsyncIterator[str]:
    """The visible records that match the filter, as a file in pieces.

    It begins with a byte order mark, so that spreadsheets read UTF-8.
    It opens a session of its own: the request's is closed before the first piece is sent.
    """
    yield "\ufeff" + lines([COLUMNS])
    async with sessions() as session:
        rows = await session.stream_scalars(
            queries.filtered(actor, wanted).execution_options(yield_per=ROWS_AT_ONCE)
        )
        async for records in rows.partitions():
            yield lines([[cell(record, name) for name in COLUMNS] for record in records])


def lines(rows: list[list[str]]) -> str:
    """The rows as text of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def cell(record: Record, name: str) -> str:
    """One value as text; a text that looks like a formula gets a leading apostrophe."""
    value: Any = getattr(record, name)
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case str() if value.startswith(FORMULA_STARTS):
            return f"'{value}"
    return str(plain(value))
