"""Refusals over HTTP: the status of each code, and the body that says why (RFC 9457)."""

from collections.abc import Mapping, Sequence
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
    """Values that cannot be accepted: each one's `field`, and in `message` what is wrong."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("invalid", "Some fields need another look.")
        self.errors = errors


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


MESSAGES = {
    "missing": "This is needed.",
    "string_type": "Write a text.",
    "string_unicode": "This text contains a character that cannot be stored.",
    "string_too_long": "Use at most {max_length} characters.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than_equal": "This must be at most {le}.",
    "literal_error": "Choose one of: {expected}.",
    "int_type": "Write a whole number.",
    "bool_type": "Answer true or false.",
    "string_pattern_mismatch": "This does not have the right form.",
    "extra_forbidden": "There is no such field.",
    "model_attributes_type": "The body must be a JSON object.",
}


def in_words(errors: Sequence[Mapping[str, Any]], within: int = 0) -> list[dict[str, str]]:
    """Pydantic's errors as field and message, in words for people; "" is the whole body.

    `within` says how many names come before the field's: FastAPI's errors begin with `body` or `query`.
    """
    found = []
    for error in errors:
        place = error["loc"][within:]
        field = place[0] if place and isinstance(place[0], str) else ""
        context = dict(error.get("ctx", {}))
        if error["type"] == "string_too_short":
            least = context["min_length"]
            message = f"Use at least {least} characters." if least > 1 else "This is needed."
        elif error["type"] in MESSAGES:
            message = MESSAGES[error["type"]].format_map(context)
        else:
            message = error["msg"].removeprefix("Value error, ")
        found.append({"field": field, "message": message})
    return found
