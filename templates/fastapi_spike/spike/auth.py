"""Who is asking: passwords, sessions, service tokens, and the checks against forged requests."""

import datetime as dt
import functools
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import Request, Response
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from pwdlib import PasswordHash
from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from spike.models import Grant, ServiceToken, Session, User, now
from spike.queries import find_user
from spike.schemas import Credentials, UserCreate
from spike.services import create_user
from spike.settings import Settings
from spike.workflow import Actor, Refused, Role

COOKIE = "fastapi_spike_session"
FAILED_TRIES = RateLimitItemPerMinute(10, 15)  # ten in fifteen minutes

# Built once: every request asks one of them, for a user and their grants in one statement.
ACCOUNTS = select(User).where(User.active).options(joinedload(User.all_grants))
OF_SESSION = ACCOUNTS.join(Session, Session.user_id == User.id).where(
    Session.token_hash == bindparam("token_hash"), Session.expires_at > bindparam("now")
)
OF_TOKEN = ACCOUNTS.join(ServiceToken, ServiceToken.user_id == User.id).where(
    ServiceToken.token_hash == bindparam("token_hash")
)

passwords = PasswordHash.recommended()
hashing = anyio.CapacityLimiter(2)  # each takes 64 MB and a processor core for about 0.1 s


@dataclass(frozen=True)
class SignedIn(Actor):
    """The actor of a request, with what screens show of them."""

    username: str
    name: str
    csrf_token: str | None = None  # None for a service


def throttle() -> MovingWindowRateLimiter:
    """A counter of failed tries to sign in, in this process's memory."""
    return MovingWindowRateLimiter(MemoryStorage())


def too_many_tries() -> Refused:
    """The refusal after too many failed tries, of one username from one address."""
    return Refused("too_many_tries", "Too many failed tries. Wait 15 minutes, then try again.")


async def hash_password(password: str) -> str:
    """The argon2 hash of a password, computed in a thread."""
    return await anyio.to_thread.run_sync(passwords.hash, password, limiter=hashing)


async def add_person(session: AsyncSession, given: UserCreate) -> User:
    """Add a person. Raises `Invalid` when the username is taken."""
    await session.commit()  # nobody else should wait for argon2
    password_hash = await hash_password(given.password)
    return await create_user(session, given.username, given.name, password_hash, given.roles)


@functools.cache
def nobody() -> str:
    """A hash that no password has, to take as long over unknown users as over known ones."""
    return passwords.hash(secrets.token_urlsafe())


def password_fits(password: str, password_hash: str) -> bool:
    """Whether the password is the one; without a hash always False, after the same time."""
    return passwords.verify(password, password_hash or nobody()) and bool(password_hash)


async def sign_in(
    session: AsyncSession, request: Request, response: Response, given: Credentials
) -> SignedIn:
    """Start a new session, whose token the response sets as a cookie, and return who it is.

    An older session of the same browser ends. Raises `Refused`: too_many_tries, bad_credentials.
    """
    tries: MovingWindowRateLimiter = request.app.state.failed_tries
    who = (given.username, request.client.host if request.client else "")
    if not await tries.test(FAILED_TRIES, *who):
        raise too_many_tries()
    user = await find_user(session, given.username)
    await session.commit()  # nobody else should wait for argon2
    right = await anyio.to_thread.run_sync(
        password_fits, given.password, user.password_hash if user else "", limiter=hashing
    )
    if user is None or not right or not user.active:
        if not await tries.hit(FAILED_TRIES, *who):
            raise too_many_tries()
        raise Refused("bad_credentials", "The username or the password is wrong.")
    await sign_out(session, request)
    await session.execute(
        delete(Session).where(Session.user_id == user.id, Session.expires_at < now())
    )
    settings: Settings = request.app.state.settings
    token = secrets.token_urlsafe(32)
    expires_at = now() + dt.timedelta(hours=settings.session_hours)
    hashed = keyed_hash(settings, "session", token)
    session.add(Session(token_hash=hashed, user_id=user.id, expires_at=expires_at))
    response.set_cookie(
        COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=not settings.debug,
    )
    return signed_in(user, csrf_token=keyed_hash(settings, "csrf", token))


async def sign_out(session: AsyncSession, request: Request) -> None:
    """End the session of the request's cookie, if it has one."""
    token = request.cookies.get(COOKIE, "")
    token_hash = keyed_hash(request.app.state.settings, "session", token)
    await session.execute(delete(Session).where(Session.token_hash == token_hash))


async def actor_of_session(
    session: AsyncSession, settings: Settings, token: str
) -> SignedIn | None:
    """The person of a session cookie, if it counts now."""
    hashed = keyed_hash(settings, "session", token)
    found = await session.scalars(OF_SESSION, {"token_hash": hashed, "now": now()})
    user = found.unique().one_or_none()
    return user and signed_in(user, csrf_token=keyed_hash(settings, "csrf", token))


async def actor_of_token(session: AsyncSession, token: str) -> SignedIn | None:
    """The service account of a bearer token, if it counts now."""
    found = await session.scalars(OF_TOKEN, {"token_hash": token_hash(token)})
    user = found.unique().one_or_none()
    return user and signed_in(user, csrf_token=None)


async def admit_service(session: AsyncSession, role: Role, token: str) -> User:
    """The account of a service, which is made where it is missing, and which this token opens.

    Raises `Refused` (forbidden) when a person has its username.
    """
    user = await find_user(session, role)
    if user is None:
        grants = [Grant(role=role.value)]
        user = User(username=role.value, name=role.label[:100], service=True, all_grants=grants)
        session.add(user)
        await session.flush()
    if not user.service:
        raise Refused("forbidden", f"“{role.value}” is the username of a person.")
    await session.merge(ServiceToken(token_hash=token_hash(token), user_id=user.id))
    return user


def signed_in(user: User, csrf_token: str | None) -> SignedIn:
    """The user as an actor, with the roles that count at this moment."""
    return SignedIn(user.id, user.roles_now, user.username, user.name, csrf_token)


def token_hash(token: str) -> str:
    """What the database keeps of a service's token: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(settings: Settings, purpose: str, token: str) -> str:
    """A hash of a session's token that only this installation can compute."""
    message = f"{purpose}:{token}".encode("utf-8", "replace")
    return hmac.digest(settings.secret_key.encode(), message, "sha256").hex()


async def check_same_origin(request: Request) -> None:
    """Raise `Refused` (csrf) when a browser says that another site sent this request."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Refused("csrf", "This request came from another site.")


async def check_csrf(request: Request, actor: SignedIn) -> None:
    """Raise `Refused` (csrf) unless a request with a cookie proves that a page of ours sent it."""
    await check_same_origin(request)
    token = request.headers.get("x-csrf-token")
    if token is None and "form" in request.headers.get("content-type", ""):
        token = (await request.form()).get("_csrf")
    if not isinstance(token, str) or not hmac.compare_digest(
        token.encode("utf-8", "replace"), (actor.csrf_token or "").encode()
    ):
        raise Refused("csrf", "The page was too old. Load it again and repeat what you did.")
