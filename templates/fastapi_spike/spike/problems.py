"""Refusals over HTTP: the status of each code, and the body that says why (RFC 9457)."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from spike.workflow import Refused

STATUS = {
    "not_signed_in": 401,
    "bad_credentials": 401,
    "csrf": 403,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "stale": 409,
    "wrong_state": 409,
    "guard": 409,
    "too_large": 413,
    "comment_required": 422,
    "invalid": 422,
    "too_many_tries": 429,
    "error": 500,
    "unavailable": 503,
}
HEADERS = {
    "not_signed_in": {"WWW-Authenticate": "Bearer"},
    "too_many_tries": {"Retry-After": "900"},
}


class Invalid(Refused):
    """Values that cannot be accepted: `errors` has what is wrong with each field, in words."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("invalid", "Some fields need another look.")
        self.errors = errors


def invalid(field: str, message: str) -> Invalid:
    """The refusal of one field."""
    return Invalid([{"field": field, "message": message}])


def not_found() -> Refused:
    """The refusal for what is not there, or not for this caller to see."""
    return Refused("not_found", "There is nothing here, or nothing that you may see.")


def problem(refused: Refused) -> JSONResponse:
    """The answer to a refused API request."""
    status = HTTPStatus(STATUS[refused.code])
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": refused.code,
        "detail": refused.detail,
    }
    if isinstance(refused, Invalid):
        body["errors"] = refused.errors
    return JSONResponse(
        body, status, HEADERS.get(refused.code), media_type="application/problem+json"
    )


def field_errors(errors: Sequence[Any], within: int = 0) -> list[dict[str, str]]:
    """Pydantic's errors as field and message; the field "" is the whole body.

    `within` says how many names come before the field's: FastAPI's begin with `body` or `query`.
    """
    found = []
    for error in errors:
        place = error["loc"][within:]
        field = place[0] if place and isinstance(place[0], str) else ""
        message = error["msg"].removeprefix("Value error, ")
        message = re.sub(r"Decimal\('(.*?)'\)", r"\1", message)  # an amount, as people write it
        empty = error["input"] in ("", None) and error["type"] != "extra_forbidden"
        found.append({"field": field, "message": "This is needed" if empty else message})
    return found
