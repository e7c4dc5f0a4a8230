"""What Django itself costs: an endpoint that does nothing, and one that lists 25 records."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bare_settings"

from django.core.wsgi import get_wsgi_application
from django.forms.models import model_to_dict
from django.http import HttpRequest, JsonResponse
from django.urls import path

application = get_wsgi_application()

from spike.models import Record


def nothing(request: HttpRequest) -> JsonResponse:
    """The least that Django answers."""
    return JsonResponse({"status": "ok"})


def records(request: HttpRequest) -> JsonResponse:
    """The newest 25 records with their owners."""
    rows = Record.objects.select_related("owner").order_by("-id")[:25]
    items = [{**model_to_dict(row), "id": row.pk, "owner": row.owner.username} for row in rows]
    return JsonResponse({"items": items})


urlpatterns = [path("bare", nothing), path("bare/records", records), path("healthz", nothing)]
