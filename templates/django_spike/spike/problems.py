"""Refusals as `application/problem+json` (RFC 9457), whoever raised them."""

from collections.abc import Iterator
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.openapi import AutoSchema
from rest_framework import exceptions
from rest_framework.views import set_rollback

from spike.serializers import ProblemSerializer
from spike.workflow import Refused

STATUS = {
    "not_signed_in": 401,
    "bad_credentials": 401,
    "too_many_tries": 429,
    "csrf": 403,
    "forbidden": 403,
    "not_found": 404,
    "stale": 409,
    "wrong_state": 409,
    "guard": 409,
    "too_large": 413,
    "comment_required": 422,
    "invalid": 422,
    "unavailable": 503,
    "error": 500,
}
RETRY_AFTER = {"too_many_tries": "900", "unavailable": "60"}  # seconds


def refusals(*statuses: int) -> dict[tuple[int, str], type[ProblemSerializer]]:
    """What one endpoint refuses beside what all may, for its `extend_schema`."""
    return {(status, "application/problem+json"): ProblemSerializer for status in statuses}


class Schema(AutoSchema):
    """The OpenAPI document: beside what an endpoint says of itself, how every endpoint may refuse."""

    def _get_response_bodies(self, direction: str = "response") -> dict[str, object]:
        statuses = (401, 403, 404, 409, 422) if "{" in self.path else (401, 403, 422)
        media_types = ["application/problem+json"]
        refusal = self._get_response_for_code(ProblemSerializer, "", media_types, direction)
        own = super()._get_response_bodies(direction)
        return own | {str(status): refusal for status in statuses}


def problem(code: str, detail: str, status: int = 0, **more: object) -> JsonResponse:
    """The answer for a refusal."""
    status = status or STATUS[code]
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if code in RETRY_AFTER:
        response["Retry-After"] = RETRY_AFTER[code]
    return response


def answer(error: Exception, context: dict[str, object]) -> HttpResponse | None:
    """DRF's exception handler: the problem, or None for what is a fault of ours."""
    set_rollback()
    match error:
        case Refused():
            return problem(error.code, error.detail)
        case exceptions.ValidationError():
            errors = [{"field": name, "message": text} for name, text in messages(error.detail)]
            return problem("invalid", "Some values are not valid.", errors=errors)
        case exceptions.ParseError() | exceptions.UnsupportedMediaType():
            errors = [{"field": "", "message": str(error.detail)}]
            return problem("invalid", "The body is not the JSON expected.", errors=errors)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            response = problem("not_signed_in", str(error.detail))
            response["WWW-Authenticate"] = error.auth_header
            return response
        case exceptions.PermissionDenied():
            code = "csrf" if error.get_codes() == "csrf" else "forbidden"
            return problem(code, str(error.detail))
        case Http404() | exceptions.NotFound():
            return problem("not_found", "There is nothing here, or not for you.")
        case exceptions.APIException():
            return problem(error.default_code, str(error.detail), error.status_code)
    return None


def messages(detail: object, field: str = "") -> Iterator[tuple[str, str]]:
    """The field and text of each message in DRF's nested error details."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            name = "" if name == "non_field_errors" else str(name)
            yield from messages(inner, field or name)
    elif isinstance(detail, list):
        for inner in detail:
            yield from messages(inner, field)
    else:
        yield field, str(detail)


@csrf_exempt
def no_such_address(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """What an address under `/api/` that does not exist answers."""
    return problem("not_found", "There is nothing here.")


def server_error(request: HttpRequest) -> HttpResponse:
    """What a fault of ours answers: the API with a problem, people with a page."""
    if request.path.startswith("/api/"):
        return problem("error", "Something went wrong on our side.")
    return defaults.server_error(request)
