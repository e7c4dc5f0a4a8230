"""What endpoints need before they run, as named types: their signatures say who may call them."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.convertors import IntegerConvertor, register_url_convertor

from spike import auth, queries, workflow
from spike.auth import SignedIn
from spike.database import SessionDep
from spike.models import Record, User
from spike.problems import not_found
from spike.schemas import FollowUpQuery, Paging, RecordQuery, Text
from spike.workflow import TRANSITION_LABELS, Refused

SAFE_METHODS = ("GET", "HEAD")


class KeyConvertor(IntegerConvertor):
    """A number in an address that an id can be; Starlette's own fails over thousands of digits."""

    regex = "[0-9]{1,19}"


register_url_convertor("key", KeyConvertor())

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
TransitionName = Literal[*TRANSITION_LABELS]
cookies = APIKeyCookie(name=auth.COOKIE, scheme_name="session", auto_error=False)
bearers = HTTPBearer(scheme_name="bearer", auto_error=False)
Cookie = Annotated[str | None, Security(cookies)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(bearers)]


OwnSite = Depends(auth.check_same_origin)  # for what needs no session
WantedRecords = Annotated[RecordQuery, Query()]
WantedFollowUps = Annotated[FollowUpQuery, Query()]
WantedUsers = Annotated[Paging, Query()]


async def current_actor(
    request: Request, session: SessionDep, cookie: Cookie, bearer: Bearer
) -> SignedIn:
    """Whoever asks; what a browser wants to change must also come from one of our own pages.

    Raises `Refused`: not_signed_in, csrf.
    """
    actor = None
    if bearer:
        actor = await auth.actor_of_token(session, bearer.credentials)
    elif cookie:
        actor = await auth.actor_of_session(session, request.app.state.settings, cookie)
    if actor is None:
        raise Refused("not_signed_in", "Sign in first.")
    request.state.actor = actor  # for pages, which show who is signed in
    if not bearer and request.method not in SAFE_METHODS:
        await auth.check_csrf(request, actor)
    return actor


CurrentActor = Annotated[SignedIn, Depends(current_actor)]


async def current_admin(actor: CurrentActor) -> SignedIn:
    """Whoever asks, if they are an administrator; raises `Refused` (forbidden)."""
    if not workflow.administers(actor):
        raise Refused("forbidden", "Only an administrator may do this.")
    return actor


CurrentAdmin = Annotated[SignedIn, Depends(current_admin)]


async def visible_record(session: SessionDep, actor: CurrentActor, id: Id) -> Record:
    """The record of the address, if the actor may see it; raises `Refused` (not_found)."""
    record = await queries.find_record(session, actor, id)
    if record is None:
        raise not_found()
    return record


VisibleRecord = Annotated[Record, Depends(visible_record)]


async def known_user(session: SessionDep, admin: CurrentAdmin, username: Text) -> User:
    """The user of the address; raises `Refused` (not_found)."""
    user = await queries.find_user(session, username)
    if user is None:
        raise not_found()
    return user


KnownUser = Annotated[User, Depends(known_user)]
