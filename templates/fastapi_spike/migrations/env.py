"""How Alembic reaches the database: the spike's own settings, engine and models."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from spike.database import Database
from spike.models import Base
from spike.settings import load_settings


def migrate(connection: Connection) -> None:
    """Run the migrations; SQLite rebuilds a table where it cannot alter it (`render_as_batch`)."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run() -> None:
    """Connect as the spike does, migrate, and disconnect."""
    database = Database(load_settings())
    async with database.engine.begin() as connection:
        await connection.run_sync(migrate)
    await database.dispose()


asyncio.run(run())
