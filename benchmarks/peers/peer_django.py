"""A plain `ModelViewSet` of the spike's records, for whoever has signed in; no rule, no field of its own."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "peer_settings"

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

application = get_wsgi_application()

from rest_framework import routers, serializers, viewsets
from spike.models import AccessRequest


class AccessRequestSerializer(serializers.ModelSerializer):
    """A record as JSON."""

    owner = serializers.SlugRelatedField(slug_field="username", read_only=True)

    class Meta:
        model = AccessRequest
        fields = [  # noqa: RUF012
            "id",
            "version",
            "state",
            "owner",
            "created_at",
            "updated_at",
            "employee",
            "system",
            "reason",
            "annual_cost",
            "access_until",
            "risk_note",
        ]


class AccessRequestViewSet(viewsets.ModelViewSet):
    """Every record, newest first."""

    queryset = AccessRequest.objects.select_related("owner").order_by("-id")
    serializer_class = AccessRequestSerializer


def health(request: HttpRequest) -> JsonResponse:
    """What the one who waits for the start asks."""
    return JsonResponse({"status": "ok"})


router = routers.DefaultRouter(trailing_slash=False)
router.register("api/access-requests", AccessRequestViewSet)
urlpatterns = [path("healthz", health), path("", include(router.urls))]
