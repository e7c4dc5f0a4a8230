"""What endpoints need before they run, as named types: their signatures say who may call them."""

from typing import Annotated

from fastapi import Depends, Path, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BeforeValidator

from spike import auth, queries, workflow
from spike.auth import SignedIn
from spike.database import SessionDep
from spike.models import Record, User
from spike.problems import not_found
from spike.schemas import Text
from spike.workflow import TRANSITION_LABELS, Refused

SAFE_METHODS = ("GET", "HEAD")


def digits(part: str | int) -> int:
    """The number in a path, if it is all digits; pydantic alone would read "1.0" and "1_0", too."""
    text = str(part)
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ValueError("This is no number.")
    return int(text)


Id = Annotated[int, Path(ge=1, le=2**63 - 1), BeforeValidator(digits)]
TransitionName = Annotated[str, Path(json_schema_extra={"enum": list(TRANSITION_LABELS)})]
Cookie = Annotated[
    str | None,
    Security(APIKeyCookie(name=auth.COOKIE, scheme_name="session", auto_error=False)),
]
Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(scheme_name="bearer", auto_error=False)),
]


async def own_site(request: Request) -> None:
    """Refuse (csrf) what another site's page sends, where no session is needed."""
    auth.check_same_origin(request)


OwnSite = Depends(own_site)


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


async def known_transition(record: VisibleRecord, name: TransitionName) -> str:
    """The transition's name of the address, if there is one; raises `Refused` (not_found)."""
    if name not in TRANSITION_LABELS:
        raise not_found()
    return name


KnownTransition = Annotated[str, Depends(known_transition)]


async def known_user(session: SessionDep, admin: CurrentAdmin, username: Text) -> User:
    """The user of the address; raises `Refused` (not_found)."""
    user = await queries.find_user(session, username)
    if user is None:
        raise not_found()
    return user


KnownUser = Annotated[User, Depends(known_user)]
