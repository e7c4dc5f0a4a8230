"""Django's admin site with a throttled sign-in, and what all its screens share."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from spike import workflow

NOBODY = workflow.Actor(id=0, roles=frozenset())


def actor_of(request: HttpRequest) -> workflow.Actor:
    """Who asks; the sign-in page asks too, for nobody."""
    return request.user.actor if request.user.is_authenticated else NOBODY


class AnyCase:
    """Screens whose `search_fields` end in `__lower__contains`."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, search_term.lower())


class StaffSite(admin.AdminSite):
    """The staff screens: every active person may open them; the rest depends on roles."""

    site_url = None

    @property
    def site_header(self) -> str:
        """The workflow's name, on every page."""
        return apps.get_app_config("spike").verbose_name

    site_title = site_header

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The variables of every page; the side bar only where it leads to more than one list."""
        context = super().each_context(request)
        lists = sum(len(app["models"]) for app in context["available_apps"])
        return context | {"is_nav_sidebar_enabled": lists > 1}

    def index(self, request: HttpRequest, *args: Any) -> HttpResponse:
        """The list of records, for whoever may see any."""
        if workflow.sees(request.user.actor) != "none":
            return redirect("home")
        return super().index(request, *args)

    def login(self, request: HttpRequest, *args: Any) -> HttpResponse:
        """The sign-in page, which answers 429 after too many tries."""
        response = super().login(request, *args)
        form = getattr(response, "context_data", {}).get("form")
        if form is not None and form.has_error("__all__", "too_many_tries"):
            response.status_code = 429
            response["Retry-After"] = "900"
        return response
