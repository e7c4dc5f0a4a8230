"""Which admin site the spike uses."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Django's admin with this spike's own sign-in."""

    default_site = "spike.staff_site.StaffSite"
