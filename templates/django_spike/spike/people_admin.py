"""The staff screens of administrators: people with their roles, and follow-ups."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from spike import services, workflow
from spike.models import FollowUp, TemporaryGrant, User
from spike.staff_site import AnyCase, actor_of


class AdminsOnly:
    """Screens for those who administer. Nothing is deleted."""

    actions = None

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return workflow.administers(actor_of(request))

    has_module_permission = has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnly(AdminsOnly):
    """Screens that only show."""

    has_add_permission = has_change_permission = AdminsOnly.has_delete_permission


class RoleField(forms.ModelChoiceField):
    """A role that a person can have, by its label."""

    def __init__(self, queryset: models.QuerySet[Group], **kwargs: Any) -> None:
        super().__init__(queryset.exclude(name__in=workflow.SERVICE_ROLES), **kwargs)

    def label_from_instance(self, group: Group) -> str:
        return role_label(group)


class RolesField(RoleField, forms.ModelMultipleChoiceField):
    """Roles that a person can have."""

    widget = forms.CheckboxSelectMultiple


def role_label(group: Group) -> str:
    """The role in the workflow's words."""
    return next((role.label for role in workflow.Role if role == group.name), group.name)


class GrantInline(AdminsOnly, admin.TabularInline):
    """A person's temporary roles; deleting one ends it."""

    model = TemporaryGrant
    extra = 0
    verbose_name = "temporary role"
    has_delete_permission = AdminsOnly.has_view_permission

    def formfield_for_foreignkey(self, *args: Any, **kwargs: Any) -> forms.Field:
        return super().formfield_for_foreignkey(*args, form_class=RoleField, **kwargs)


@admin.register(User)
class UserAdmin(AnyCase, AdminsOnly, StockUserAdmin):
    """People and services: names, passwords, roles, temporary roles; disabled, never deleted."""

    list_display = ["username", "name", "roles", "is_active", "is_service"]
    list_filter = ["is_active", "is_service", "groups"]
    search_fields = ["username__lower__contains", "name__lower__contains"]
    fieldsets = [(None, {"fields": ["username", "name", "password", "is_active", "groups"]})]
    add_fieldsets = [(None, {"fields": ["username", "name", "password1", "password2", "groups"]})]
    filter_horizontal = []

    @admin.display
    def roles(self, user: User) -> str:
        """The lasting roles."""
        return ", ".join(role_label(group) for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """The username stays what it is in the audit trail; a service keeps its role."""
        if obj is None:
            return []
        return ["username", "groups"] if obj.is_service else ["username"]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type]:
        return [] if obj is None or obj.is_service else [GrantInline]

    def formfield_for_manytomany(self, *args: Any, **kwargs: Any) -> forms.Field:
        shown = {"form_class": RolesField, "to_field_name": "name", "label": "Roles"}
        return super().formfield_for_manytomany(*args, help_text="", **shown, **kwargs)


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnly, admin.ModelAdmin):
    """The outbox, with a button that sends a dead follow-up again."""

    list_display = [
        "id",
        "name",
        "record",
        "state",
        "send_again",
        "attempts",
        "next_attempt_at",
        "last_error",
    ]
    list_filter = ["state", "name"]
    list_select_related = ["record"]
    search_fields = ["webhook_id"]

    @admin.display(description="")
    def send_again(self, follow_up: FollowUp) -> str:
        """The button; it posts the list's form, which has the CSRF token."""
        if follow_up.state != FollowUp.State.DEAD:
            return ""
        address = reverse("admin:spike_retry", args=[follow_up.pk])
        return format_html('<button class="button" formaction="{}">Send again</button>', address)

    def get_urls(self) -> list[URLPattern]:
        retry = self.admin_site.admin_view(require_POST(self.retry))
        return [path("<int:pk>/retry/", retry, name="spike_retry"), *super().get_urls()]

    def retry(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Queue a dead follow-up again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        follow_up = get_object_or_404(FollowUp, pk=pk)
        try:
            services.retry(follow_up)
        except workflow.Refused as refused:
            self.message_user(request, refused.detail, messages.WARNING)
        else:
            self.message_user(request, f"{follow_up} is queued again.", messages.SUCCESS)
        return redirect("admin:spike_followup_changelist")
