"""How the REST framework reads bodies and makes pages; `config/settings.py` names these classes."""

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from spike.workflow import Refused

LONGEST_BODY = 1_000_000  # bytes


class BoundedJSONParser(JSONParser):
    """JSON of a bounded length and depth."""

    def parse(self, stream, media_type=None, parser_context=None):
        """The parsed body. Raises ParseError, `Refused` (too_large)."""
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
            raise Refused("too_large", "The body is too large.")
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None


class AlwaysJSON(DefaultContentNegotiation):
    """JSON, whatever the client says that it accepts: `text/csv` for the export, say."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class Pages(PageNumberPagination):
    """Pages as the contract has them."""

    page_size = 25
    page_size_query_param = "size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int:
        """The size asked for. Raises ValidationError, where DRF would take the usual size."""
        size = request.query_params.get("size") or "25"
        if not size.isdecimal() or len(size) > 9 or int(size) == 0:
            raise ValidationError({"size": ["This must be a number from 1."]})
        return super().get_page_size(request)

    def paginate_queryset(self, queryset: QuerySet, request: Request, view=None) -> list:
        """The rows of the page asked for. Raises ValidationError, where DRF would find nothing."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound as error:
            raise ValidationError({"page": [error.detail]}) from None

    def get_paginated_response(self, data: list) -> Response:
        paginator = self.page.paginator
        return Response(
            {
                "items": data,
                "total": paginator.count,
                "page": self.page.number,
                "size": paginator.per_page,
            }
        )

    def get_paginated_response_schema(self, schema: dict) -> dict:
        number = {"type": "integer"}
        return {
            "type": "object",
            "required": ["items", "total", "page", "size"],
            "properties": {"items": schema, "total": number, "page": number, "size": number},
        }
