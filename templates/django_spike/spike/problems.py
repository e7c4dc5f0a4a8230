"""Refusals as `application/problem+json` (RFC 9457), whoever raised them; and JSON in, strictly."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from io import BytesIO

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.views import set_rollback

from spike.workflow import Refused

STATUS = {
    "not_signed_in": 401,
    "bad_credentials": 401,
    "too_many_tries": 429,
    "csrf": 403,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "stale": 409,
    "wrong_state": 409,
    "guard": 409,
    "comment_required": 422,
    "invalid": 422,
    "unavailable": 503,
    "error": 500,
}
LONGEST_BODY = 1_000_000  # bytes


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
    if code == "too_many_tries":
        response["Retry-After"] = "900"
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
        case exceptions.MethodNotAllowed():
            return problem("method_not_allowed", str(error.detail))
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


def problem_or(page: Callable, code: str, detail: str, **more: object) -> Callable:
    """A handler that answers the API with a problem, and people with a page."""

    def handler(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.path.startswith("/api/"):
            return problem(code, detail, **more)
        return page(request, *args, **kwargs)

    return handler


bad_request = problem_or(
    defaults.bad_request, "invalid", "The request is not valid.", status=400, errors=[]
)
not_found = problem_or(defaults.page_not_found, "not_found", "There is nothing here.")
server_error = problem_or(defaults.server_error, "error", "Something went wrong on our side.")


class BoundedJSONParser(JSONParser):
    """JSON of a bounded length and depth, whatever content type it claims."""

    def parse(self, stream, media_type=None, parser_context=None):
        """The parsed body. Raises ParseError."""
        body = stream.read(LONGEST_BODY + 1)
        if len(body) > LONGEST_BODY:
            raise exceptions.ParseError("The body is too long.")
        try:
            return super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError("The body is nested too deeply.") from None


class AlwaysJSON(BaseContentNegotiation):
    """JSON, whatever the client says that it accepts."""

    def select_parser(self, request, parsers):
        """The only parser."""
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        """The only renderer."""
        return renderers[0], renderers[0].media_type
