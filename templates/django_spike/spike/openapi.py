"""The OpenAPI document: how an operation is declared, and what drf-spectacular cannot see by itself."""

import re
from collections.abc import Callable

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema

from spike import serializers

LARGEST_ID = 2**63 - 1
PATH_PARAMETERS = {
    "id": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    "name": {"type": "string", "enum": serializers.TRANSITIONS},
    "username": {"type": "string"},
}


def operation(
    gives: object,
    *refusals: int,
    takes: type | None = None,
    query: type | None = None,
    status: object = 200,
    **more: object,
) -> Callable:
    """Declare an endpoint: what it gives, the statuses of its refusals, its body and its query."""
    problem = serializers.ProblemSerializer
    responses = {(code, "application/problem+json"): problem for code in refusals}
    return extend_schema(
        request=takes,
        parameters=[query] if query else [],
        responses={status: gives} | responses,
        **more,
    )


class Schema(AutoSchema):
    """Operations are called like the methods that answer them."""

    def get_operation_id(self) -> str:
        return self.view.action

    def get_override_parameters(self) -> list[OpenApiParameter]:
        """What stands in the path."""
        names = re.findall(r"{(\w+)}", self.path)
        return [OpenApiParameter(name, PATH_PARAMETERS[name], "path") for name in names]


class TokenScheme(OpenApiAuthenticationExtension):
    """How services sign in."""

    target_class = "spike.auth.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class CookieScheme(OpenApiAuthenticationExtension):
    """How people stay signed in; what changes something needs the CSRF token too."""

    target_class = "spike.auth.CookieAuthentication"
    name = ["session", "csrf"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
        ]


def close_bodies(result: dict, generator: object, **kwargs: object) -> dict:
    """Say in the OpenAPI document that bodies refuse unknown fields, as `serializers.BodySerializer` does."""
    schemas = result["components"]["schemas"]
    for path in result["paths"].values():
        for operation in path.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"]["$ref"].rsplit("/", 1)[1]
                schemas[name]["additionalProperties"] = False
    return result
