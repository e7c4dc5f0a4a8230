"""A plain list and record of the spike's records, for whoever has signed in; no rule, no page of its own."""

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from spike.auth import keyed_hash
from spike.models import AccessRequest, Session, User
from spike.settings import load_settings
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import joinedload

app = FastAPI()
settings = load_settings()
engine = create_async_engine(settings.sqlalchemy_url)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Record(BaseModel):
    """A record as JSON."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    version: int
    state: str
    owner: str
    created_at: dt.datetime
    updated_at: dt.datetime
    employee: str
    system: str
    reason: str
    annual_cost: Decimal
    access_until: dt.date | None
    risk_note: str


class Page(BaseModel):
    """A part of the records, and how many there are."""

    items: list[Record]
    total: int


async def get_session() -> AsyncIterator[AsyncSession]:
    """The request's session."""
    async with sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


async def get_user(session: SessionDep, fastapi_spike_session: Annotated[str, Cookie()]) -> User:
    """Whoever has signed in."""
    token_hash = keyed_hash(settings, "session", fastapi_spike_session)
    user = await session.scalar(
        select(User)
        .join(Session, Session.user_id == User.id)
        .where(Session.token_hash == token_hash, Session.expires_at > dt.datetime.now(dt.UTC))
    )
    if user is None or not user.active:
        raise HTTPException(401)
    return user


UserDep = Annotated[User, Depends(get_user)]


@app.get("/healthz")
async def health() -> dict[str, str]:
    """What the one who waits for the start asks."""
    return {"status": "ok"}


@app.get("/api/access-requests", response_model=Page)
async def list_records(session: SessionDep, user: UserDep, page: int = 1, size: int = 25):
    """A page of the records, newest first."""
    records = select(AccessRequest).options(joinedload(AccessRequest.owned_by))
    found = records.order_by(AccessRequest.id.desc()).limit(size).offset((page - 1) * size)
    total = await session.scalar(select(func.count()).select_from(AccessRequest))
    return {"items": list(await session.scalars(found)), "total": total}


@app.get("/api/access-requests/{id}", response_model=Record)
async def get_record(session: SessionDep, user: UserDep, id: int):
    """One record."""
    record = await session.get(AccessRequest, id, options=[joinedload(AccessRequest.owned_by)])
    if record is None:
        raise HTTPException(404)
    return record
