"""What the API, the screens and the export read; nothing here writes."""

from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, false, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from spike import workflow
from spike.models import AuditEntry, FollowUp, Record, User
from spike.schemas import FollowUpQuery, Paging, RecordFilter
from spike.words import INPUTS
from spike.workflow import Actor, State

TEXTS = [
    getattr(Record, name)
    for name, field in INPUTS.items()
    if field.kind in ("text", "long_text", "email", "url", "choice")
]
SEARCHED = func.lower(reduce(lambda before, text: before + "\n" + text, TEXTS, literal("")))
MONEY_FIELDS = [name for name, field in INPUTS.items() if field.kind == "money"]

# Built once, since most requests need them.
RECORDS = select(Record).options(joinedload(Record.owned_by, innerjoin=True))
TRANSITIONS_MADE = (
    select(AuditEntry.transition, AuditEntry.actor_id)
    .where(AuditEntry.record_id == bindparam("record_id"), AuditEntry.action == "transition")
    .order_by(AuditEntry.id)
)


class Page(NamedTuple):
    """One page of rows, and how many there are in all."""

    items: list[Any]
    total: int
    page: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))


def visible(actor: Actor) -> Select[tuple[Record]]:
    """The records that the actor may see, with their owners."""
    match workflow.sees(actor):
        case "all":
            return RECORDS
        case "own":
            return RECORDS.where(Record.owner_id == actor.id)
    return RECORDS.where(false())


def filtered(actor: Actor, wanted: RecordFilter) -> Select[tuple[Record]]:
    """The visible records that match the filter, in its order; ties go by the newest first."""
    records = visible(actor)
    if wanted.state:
        records = records.where(Record.state == wanted.state)
    if wanted.q:
        records = records.where(SEARCHED.contains(wanted.q.lower(), autoescape=True))
    name = wanted.sort.removeprefix("-") or "id"
    column = getattr(Record, name)
    ascending = wanted.sort == name
    return records.order_by(column if ascending else column.desc(), Record.id.desc())


async def page_of(session: AsyncSession, rows: Select[Any], wanted: Paging) -> Page:
    """A page of these rows; past the end it is empty. One statement finds and counts them."""
    count = rows.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    counted = rows.add_columns(count.correlate(None).scalar_subquery())
    start = (wanted.page - 1) * wanted.size
    found = (await session.execute(counted.limit(wanted.size).offset(start))).all()
    total = found[0][1] if found else await session.scalar(count) or 0
    return Page([row for row, _ in found], total, wanted.page, wanted.size)


async def find_record(session: AsyncSession, actor: Actor, id: int) -> Record | None:
    """The record, if the actor may see it."""
    return await session.scalar(visible(actor).where(Record.id == id))


async def history(session: AsyncSession, record: Record) -> list[AuditEntry]:
    """The record's audit trail, oldest first, with who did it."""
    entries = await session.scalars(
        select(AuditEntry)
        .where(AuditEntry.record_id == record.id)
        .order_by(AuditEntry.id)
        .options(joinedload(AuditEntry.made_by, innerjoin=True))
    )
    return list(entries)


async def changes_since(session: AsyncSession, record: Record, version: int) -> list[AuditEntry]:
    """What happened to the record after this version, oldest first."""
    return [entry for entry in await history(session, record) if entry.version > version]


async def made_by(session: AsyncSession, record: Record) -> dict[str, int]:
    """Who made each transition of this record last: user ids by transition name."""
    rows = await session.execute(TRANSITIONS_MADE, {"record_id": record.id})
    return {str(transition): actor_id for transition, actor_id in rows}


async def report(session: AsyncSession, actor: Actor) -> list[dict[str, Any]]:
    """For every state, how many records the actor may see, and the totals of their money fields."""
    sums = [func.coalesce(func.sum(getattr(Record, name)), 0) for name in MONEY_FIELDS]
    rows = await session.execute(
        visible(actor)
        .with_only_columns(Record.state, func.count(), *sums, maintain_column_froms=True)
        .group_by(Record.state)
    )
    found = {state: figures for state, *figures in rows}
    nothing = [0, *(Decimal(0) for _ in MONEY_FIELDS)]
    return [
        {"state": state, "count": count, "totals": dict(zip(MONEY_FIELDS, totals, strict=True))}
        for state in State
        for count, *totals in [found.get(state, nothing)]
    ]


def follow_ups(wanted: FollowUpQuery) -> Select[tuple[FollowUp]]:
    """The outbox, newest first."""
    rows = select(FollowUp).order_by(FollowUp.id.desc())
    return rows.where(FollowUp.state == wanted.state) if wanted.state else rows


def users() -> Select[tuple[User]]:
    """People and services by username, with their roles."""
    return select(User).order_by(User.username).options(selectinload(User.all_grants))


async def find_user(session: AsyncSession, username: str) -> User | None:
    """The user of this name, with their roles."""
    return await session.scalar(users().where(User.username == username))
