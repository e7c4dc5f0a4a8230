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
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from spike.models import ServiceToken, Session, User, now
from spike.settings import Settings
from spike.workflow import Actor, Refused

COOKIE = "fastapi_spike_session"
FAILED_TRIES = RateLimitItemPerMinute(10, 15)  # ten in fifteen minutes

passwords = PasswordHash.recommended()
hashing = anyio.CapacityLimiter(2)  # each takes 64 MB and a processor core for about 0.1 s


@dataclass(frozen=True)
class SignedIn(Actor):
    """The actor of a request, with what screens show of them."""

    username: str
    name: str
    csrf_token: str | None = None  # None for a service


class Throttle:
    """Counts failed tries to sign in, for each username and address; one process's memory."""

    def __init__(self) -> None:
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    async def check(self, username: str, address: str) -> None:
        """Raise `Refused` (too_many_tries) when the tries are used up."""
        if not await self.limiter.test(FAILED_TRIES, username, address):
            raise too_many_tries()

    async def count(self, username: str, address: str) -> None:
        """Count a failed try; raise `Refused` (too_many_tries) when it was one too many."""
        if not await self.limiter.hit(FAILED_TRIES, username, address):
            raise too_many_tries()


def too_many_tries() -> Refused:
    """The refusal after too many failed tries."""
    return Refused("too_many_tries", "Too many failed tries. Wait 15 minutes, then try again.")


async def hash_password(password: str) -> str:
    """The argon2 hash of a password, computed in a thread."""
    return await anyio.to_thread.run_sync(passwords.hash, password, limiter=hashing)


@functools.cache
def nobody() -> str:
    """A hash that no password has, to take as long over unknown users as over known ones."""
    return passwords.hash(secrets.token_urlsafe())


def password_fits(password: str, password_hash: str) -> bool:
    """Whether the password is the one; without a hash always False, after the same time."""
    return passwords.verify(password, password_hash or nobody()) and bool(password_hash)


async def sign_in(
    session: AsyncSession, request: Request, username: str, password: str
) -> tuple[str, User]:
    """Start a new session and return its token for the cookie, and the user.

    An older session of the same browser ends. Raises `Refused`: too_many_tries, bad_credentials.
    """
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    await throttle.check(username, address)
    user = await session.scalar(select(User).where(User.username == username))
    await session.commit()  # nobody else should wait for argon2
    right = await anyio.to_thread.run_sync(
        password_fits, password, user.password_hash if user else "", limiter=hashing
    )
    if user is None or not right or not user.active:
        await throttle.count(username, address)
        raise Refused("bad_credentials", "The username or the password is wrong.")
    await sign_out(session, request)
    await session.execute(
        delete(Session).where(Session.user_id == user.id, Session.expires_at < now())
    )
    settings: Settings = request.app.state.settings
    token = secrets.token_urlsafe(32)
    expires_at = now() + dt.timedelta(hours=settings.session_hours)
    session.add(
        Session(
            token_hash=keyed_hash(settings, "session", token),
            user_id=user.id,
            expires_at=expires_at,
        )
    )
    return token, user


async def sign_out(session: AsyncSession, request: Request) -> None:
    """End the session of the request's cookie, if it has one."""
    token = request.cookies.get(COOKIE, "")
    token_hash = keyed_hash(request.app.state.settings, "session", token)
    await session.execute(delete(Session).where(Session.token_hash == token_hash))


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Give the browser the token of its session."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=not settings.debug,
    )


async def actor_of_session(
    session: AsyncSession, settings: Settings, token: str
) -> SignedIn | None:
    """The person of a session cookie, if it counts now."""
    rows = select(User).join(Session, Session.user_id == User.id)
    user = await session.scalar(
        rows.where(
            Session.token_hash == keyed_hash(settings, "session", token),
            Session.expires_at > now(),
            User.active,
        ).options(selectinload(User.all_grants))
    )
    if user is None:
        return None
    return signed_in(user, csrf_token=keyed_hash(settings, "csrf", token))


async def actor_of_token(session: AsyncSession, token: str) -> SignedIn | None:
    """The service account of a bearer token, if it counts now."""
    rows = select(User).join(ServiceToken, ServiceToken.user_id == User.id)
    user = await session.scalar(
        rows.where(ServiceToken.token_hash == token_hash(token), User.active).options(
            selectinload(User.all_grants)
        )
    )
    return None if user is None else signed_in(user, csrf_token=None)


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


def check_same_origin(request: Request) -> None:
    """Raise `Refused` (csrf) when a browser says that another site sent this request."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Refused("csrf", "This request came from another site.")


async def check_csrf(request: Request, actor: SignedIn) -> None:
    """Raise `Refused` (csrf) unless a request with a cookie proves that a page of ours sent it."""
    check_same_origin(request)
    token = request.headers.get("x-csrf-token")
    if token is None and "form" in request.headers.get("content-type", ""):
        token = (await request.form()).get("_csrf")
    if not isinstance(token, str) or not hmac.compare_digest(
        token.encode("utf-8", "replace"), (actor.csrf_token or "").encode()
    ):
        raise Refused("csrf", "The page was too old. Load it again and repeat what you did.")
