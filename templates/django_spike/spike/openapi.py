"""What drf-spectacular cannot see by itself, for /openapi.json."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Operations are called like the methods that answer them."""

    def get_operation_id(self) -> str:
        return self.view.action


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
    """Say in the OpenAPI document that bodies refuse unknown fields, as `serializers.Body` does."""
    schemas = result["components"]["schemas"]
    for path in result["paths"].values():
        for operation in path.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"]["$ref"].rsplit("/", 1)[1]
                schemas[name]["additionalProperties"] = False
    return result
