"""Django's admin site with a throttled sign-in."""

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse


class StaffSite(admin.AdminSite):
    """The staff screens: every active person may open them; the rest depends on roles."""

    site_url = None
    index_title = "What you may see"

    @property
    def site_header(self) -> str:
        """The workflow's name, on every page."""
        return apps.get_app_config("spike").verbose_name

    site_title = site_header

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The sign-in page, which answers 429 after too many tries."""
        response = super().login(request, extra_context)
        form = getattr(response, "context_data", {}).get("form")
        if form is not None and form.has_error("__all__", "too_many_tries"):
            response.status_code = 429
            response["Retry-After"] = "900"
        return response
