"""What drf-spectacular cannot see by itself, for /openapi.json."""

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Operations are called like the methods that answer them."""

    def get_operation_id(self) -> str:
        return self.view.action


def close_bodies(result: dict, generator: object, **kwargs: object) -> dict:
    """Say in the OpenAPI document that bodies refuse unknown fields, as `serializers.Body` does."""
    schemas = result["components"]["schemas"]
    for path in result["paths"].values():
        for operation in path.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                name = content["schema"]["$ref"].rsplit("/", 1)[1]
                schemas[name]["additionalProperties"] = False
    return result
