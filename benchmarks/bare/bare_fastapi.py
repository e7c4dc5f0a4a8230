"""What FastAPI itself costs: an endpoint that does nothing, and one that lists 25 records."""

from typing import Any

from fastapi import FastAPI
from spike import schemas
from spike.database import Database, SessionDep
from spike.models import Record
from spike.settings import load_settings
from sqlalchemy import select
from sqlalchemy.orm import joinedload


def create_app() -> FastAPI:
    """The application, on the spike's database."""
    app = FastAPI()
    app.state.database = Database(load_settings())

    @app.get("/bare")
    @app.get("/healthz")
    async def nothing() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/bare/records", response_model=list[schemas.Record])
    async def records(session: SessionDep) -> list[Any]:
        rows = select(Record).options(joinedload(Record.owned_by, innerjoin=True))
        return list(await session.scalars(rows.order_by(Record.id.desc()).limit(25)))

    return app
