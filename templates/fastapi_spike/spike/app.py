"""The application: its parts put together, how refusals are answered, and its security headers."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spike import screens
from spike.api import api, health
from spike.auth import nobody, throttle
from spike.database import Database
from spike.problems import Invalid, in_words, not_found, problem
from spike.rendering import refusal_page
from spike.settings import Settings, load_settings
from spike.words import NAMES
from spike.workflow import Refused

log = logging.getLogger("spike")

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
DOCS = "/docs"  # Swagger UI, in debug only: it loads its scripts from elsewhere
BODY_LIMIT = 1_000_000  # bytes
AWAY = (OperationalError, InterfaceError, PoolTimeout, OSError)  # so that a database is gone


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, ready to serve; with wrong settings the process ends with a line for each."""
    settings = settings or load_settings()
    app = FastAPI(
        title=NAMES.plural_label,
        summary=NAMES.summary or None,
        version="1",
        docs_url=DOCS if settings.debug else None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        max_body_size=BODY_LIMIT,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.database = Database(settings)
    app.state.failed_tries = throttle()
    app.include_router(health)
    app.include_router(api)
    app.include_router(screens.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.hosts)
    app.add_middleware(SecurityHeaders, headers=security_headers(settings))
    for raised in (Refused, RequestValidationError, HTTPException, *AWAY, Exception):
        app.add_exception_handler(raised, refuse)
    app.openapi = lambda: app.openapi_schema or document(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Prepare what the first sign-in needs; close the database's connections in the end."""
    await anyio.to_thread.run_sync(nobody)
    yield
    await app.state.database.dispose()


class SecurityHeaders:
    """Adds headers that keep browsers on the safe side to every answer."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                if scope["path"] == DOCS:
                    del headers["Content-Security-Policy"]
                if scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "max-age=300"
            await send(message)

        await self.app(scope, receive, send_with_headers)


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer."""
    headers = {
        "Content-Security-Policy": CONTENT_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if not settings.debug:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to whatever was raised: a problem to programs, a page to people."""
    refused = refusal_of(error)
    if request.url.path.startswith("/api/") or request.url.path == "/healthz":
        response: Response = problem(refused)
    else:
        response = refusal_page(request, refused)
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    if refused.code == "method_not_allowed" and (methods := methods_of(request)):
        response.headers["Allow"] = methods
    if refused.code == "error":  # answered outside of the middleware
        response.headers.update(security_headers(request.app.state.settings))
        response.headers["Connection"] = "close"  # uvicorn does; without a word it resets the next
    return response


def refusal_of(error: Exception) -> Refused:
    """Why a request failed, in words for whoever sent it; our own mistakes are for the log."""
    match error:
        case Refused():
            return error
        case RequestValidationError() if any(part["loc"][0] == "path" for part in error.errors()):
            return not_found()  # an address that cannot exist
        case RequestValidationError():
            return Invalid(in_words(error.errors(), within=1))
        case HTTPException(status_code=404):
            return not_found()
        case HTTPException(status_code=405):
            return Refused("method_not_allowed", "This address does not take such requests.")
        case HTTPException():
            return Invalid([{"field": "", "message": HTTPStatus(error.status_code).phrase}])
        case error if isinstance(error, AWAY):
            log.error("The database is away: %s", error)
            return Refused("unavailable", "The database is away. Try again soon.")
    return Refused("error", "Something went wrong here.")


def methods_of(request: Request) -> str:
    """The methods that the address takes; Starlette names those of its first route alone."""
    routes = [route for route in iter_route_contexts(request.app.routes) if route.methods]
    there = [route for route in routes if route.path_regex.match(request.url.path)]
    return ", ".join(sorted({m for r in there if r.path == there[0].path for m in r.methods}))


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with refusals as they are: problems, also where FastAPI assumes not."""
    described = get_openapi(
        title=app.title, summary=app.summary, version=app.version, routes=app.routes
    )
    for operations in described["paths"].values():
        for operation in operations.values():
            for status, response in list(operation["responses"].items()):
                content = response.get("content", {}).get("application/json", {})
                if "HTTPValidationError" in content.get("schema", {}).get("$ref", ""):
                    del operation["responses"][status]
                elif status >= "400":
                    response["content"] = {"application/problem+json": content}
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
    app.openapi_schema = described
    return described
