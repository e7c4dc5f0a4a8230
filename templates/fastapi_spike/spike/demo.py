"""Demo data: a user for each role, and records in each state, reached as people would reach it."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from spike import auth, services, workflow
from spike.database import Database
from spike.models import Record
from spike.queries import find_user
from spike.samples import COMMENT, Journey, journeys
from spike.settings import Settings
from spike.words import INPUTS
from spike.workflow import Actor, Role

EMPTY = {"integer": None, "money": None, "date": None, "boolean": False}


async def load(settings: Settings) -> None:
    """Add the demo's users and records where they are missing; ends the process outside debug."""
    if not settings.debug:
        raise SystemExit("Demo data is for debug only: its passwords are no secret.")
    password_hash = await auth.hash_password(settings.demo_password)
    database = Database(settings)
    async with database.writing.begin() as session:
        actors = {
            role: await demo_actor(session, role, password_hash, settings.demo_password)
            for role in Role
        }
        if not await session.scalar(select(func.count()).select_from(Record)):
            for journey in journeys():
                await play(session, actors, journey)
    await database.dispose()


async def demo_actor(session: AsyncSession, role: Role, password_hash: str, password: str) -> Actor:
    """The user of a role: a person with this password, or a service with the token ROLE-PASSWORD."""
    if role in workflow.SERVICE_ROLES:
        user = await auth.admit_service(session, role, f"{role}-{password}")
    else:
        name = f"{role.label[:90]} (demo)"
        user = await find_user(session, role) or await services.create_user(
            session, role.value, name, password_hash, [role.value]
        )
        user.password_hash = password_hash
    return Actor(user.id, frozenset({role.value}))


async def play(session: AsyncSession, actors: dict[Role, Actor], journey: Journey) -> None:
    """Create the journey's record and take it along; put it there where the workflow does not lead."""
    owner = actors[journey.owner]
    values: dict[str, Any] = {
        name: EMPTY.get(field.kind, "") for name, field in INPUTS.items()
    } | journey.values
    if journey.steps is None:
        record = Record(**values, state=journey.state, owner_id=owner.id)
        session.add(record)
        await session.flush()
        services.note(session, record, owner, "loaded")
        return
    record = await services.create_record(session, owner, values, journey.values)
    for step in journey.steps:
        actor, seen = actors[step.role], record.version
        if step.transition:
            await services.make_transition(session, actor, record, step.transition, seen, COMMENT)
        else:
            await services.edit_record(session, actor, record, seen, step.values)
