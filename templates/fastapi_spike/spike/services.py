"""Everything that changes the data. Each function writes within the caller's transaction.

A change, its audit entry and its follow-ups are committed together or not at all.
"""

import datetime as dt
import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from spike import queries, workflow
from spike.models import AuditEntry, FollowUp, Grant, Record, Session, User, now
from spike.problems import Invalid, not_found
from spike.words import NAMES
from spike.workflow import FIRST_STATE, FOLLOW_UPS, Actor, Refused, Role, Transition


def plain(value: Any) -> Any:
    """A field's value as JSON has it: money as text with two decimals, dates as YYYY-MM-DD."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, dt.date) else value


async def create_record(
    session: AsyncSession, actor: Actor, values: dict[str, Any], given: Collection[str]
) -> Record:
    """Create a record of the actor's own; `given` are the fields that they filled in themselves.

    Raises `Refused` (forbidden).
    """
    workflow.check_creation(actor, given)
    record = Record(**values, state=FIRST_STATE, owner_id=actor.id)
    session.add(record)
    await session.flush()
    changes = [
        {"field": name, "old": None, "new": plain(values[name])}
        for name in workflow.FIELDS
        if values[name] not in (None, "")
    ]
    note(session, record, actor, "create", changes=changes)
    await session.flush()
    await session.refresh(record, ["owned_by"])
    return record


async def edit_record(
    session: AsyncSession, actor: Actor, record: Record, seen: int, values: dict[str, Any]
) -> None:
    """Change some fields of the version that the actor has seen.

    Raises `Refused`: stale, wrong_state, forbidden.
    """
    workflow.check_version(record, seen)
    workflow.check_edit(record, actor, values)
    changes = [
        {"field": name, "old": plain(getattr(record, name)), "new": plain(value)}
        for name, value in values.items()
        if getattr(record, name) != value
    ]
    await change(session, record, values)
    note(session, record, actor, "edit", changes=changes)


async def make_transition(
    session: AsyncSession, actor: Actor, record: Record, name: str, seen: int, comment: str
) -> None:
    """Move the version that the actor has seen to another state, and queue what follows.

    Raises `Refused`: stale, wrong_state, forbidden, guard, comment_required.
    """
    workflow.check_version(record, seen)
    made_by = await queries.made_by(session, record)
    transition = workflow.choose(name, record, actor, made_by)
    workflow.check_comment(transition, comment)
    moved = {"transition": name, "from_state": record.state, "to_state": transition.to_state}
    await change(session, record, {"state": transition.to_state})
    entry = note(session, record, actor, "transition", **moved, comment=comment)
    queue_follow_ups(session, record, transition, entry.at)


async def add_comment(
    session: AsyncSession, actor: Actor, record: Record, comment: str
) -> AuditEntry:
    """Leave a comment in the record's history."""
    entry = note(session, record, actor, "comment", comment=comment)
    await session.flush()
    await session.refresh(entry, ["made_by"])
    return entry


async def change(session: AsyncSession, record: Record, values: dict[str, Any]) -> None:
    """Write the values and the next version, unless somebody else was faster (`Refused`: stale).

    The condition is part of the UPDATE itself: of two people at once, only one can meet it.
    """
    seen, state = record.version, record.state
    result = await session.execute(
        update(Record)
        .where(Record.id == record.id, Record.version == seen, Record.state == state)
        .values(**values, version=seen + 1, updated_at=now())
    )
    if result.rowcount != 1:
        await session.refresh(record)
        workflow.check_version(record, seen)
        raise not_found()


def note(
    session: AsyncSession, record: Record, actor: Actor, action: str, **details: Any
) -> AuditEntry:
    """Add an entry to the record's audit trail."""
    entry = AuditEntry(
        record_id=record.id,
        version=record.version,
        actor_id=actor.id,
        at=now(),
        action=action,
        **details,
    )
    session.add(entry)
    return entry


def queue_follow_ups(
    session: AsyncSession, record: Record, transition: Transition, at: dt.datetime
) -> None:
    """Put the transition's follow-ups into the outbox, with the record as it is now."""
    for name in transition.follow_ups:
        sent = {field: plain(getattr(record, field)) for field in FOLLOW_UPS[name]}
        data = {"id": record.id, "version": record.version, "state": record.state, **sent}
        payload = {
            "type": f"{NAMES.event}.{name}",
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "data": data,
        }
        id = f"msg_{uuid.uuid4().hex}"
        session.add(FollowUp(name=name, record_id=record.id, webhook_id=id, payload=payload))


async def retry_follow_up(session: AsyncSession, id: int) -> FollowUp:
    """Queue a dead follow-up again, due at once. Raises `Refused`: not_found, wrong_state."""
    result = await session.execute(
        update(FollowUp)
        .where(FollowUp.id == id, FollowUp.state == "dead")
        .values(state="queued", attempts=0, next_attempt_at=now())
    )
    follow_up = await session.get(FollowUp, id)
    if follow_up is None:
        raise not_found()
    if result.rowcount != 1:
        raise Refused("wrong_state", "Only a follow-up that is dead can be queued again.")
    return follow_up


async def create_user(
    session: AsyncSession, username: str, name: str, password_hash: str, roles: Collection[str]
) -> User:
    """Add a person with lasting roles. Raises `Invalid` when the username is taken."""
    grants = [Grant(role=role) for role in sorted(set(roles))]
    user = User(username=username, name=name, password_hash=password_hash, all_grants=grants)
    try:
        async with session.begin_nested():
            session.add(user)
    except IntegrityError:
        message = "Somebody else has this username."
        raise Invalid([{"field": "username", "message": message}]) from None
    return user


async def edit_user(
    session: AsyncSession,
    user: User,
    active: bool | None = None,
    roles: Collection[str] | None = None,
) -> None:
    """Disable or enable a user, or replace their lasting roles; None leaves it as it is.

    Whoever is disabled is signed out everywhere. Raises `Invalid` for the roles of a service.
    """
    if roles is not None:
        check_person(user)
        temporary = [grant for grant in user.all_grants if grant.until]
        kept = [g for g in user.all_grants if g.until is None and g.role in roles]
        added = [Grant(role=role) for role in set(roles) - {grant.role for grant in kept}]
        user.all_grants = temporary + kept + added
    if active is not None:
        user.active = active
        if not active:
            await session.execute(delete(Session).where(Session.user_id == user.id))


async def grant_role(session: AsyncSession, user: User, role: Role, until: dt.datetime) -> None:
    """Give a person a role until a moment. Raises `Invalid` for a service."""
    check_person(user)
    user.all_grants.append(Grant(role=role, until=until))
    await session.flush()


def check_person(user: User) -> None:
    """Raise `Invalid` for a service account, whose roles are what its token is for."""
    if user.service:
        message = "The roles of a service account cannot be changed here."
        raise Invalid([{"field": "roles", "message": message}])
