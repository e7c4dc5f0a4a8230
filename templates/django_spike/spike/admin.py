"""The staff screens of records: Django's admin, asking the workflow what each person may do."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator, capfirst
from django.views.decorators.http import require_POST

from spike import export, services, workflow
from spike.auth import SignInForm
from spike.models import SEARCHED, AuditEntry, Record
from spike.people_admin import ReadOnly
from spike.staff_site import AnyCase, actor_of

admin.site.login_form = SignInForm

LISTED = [
    name
    for name in workflow.FIELDS
    if not isinstance(Record._meta.get_field(name), models.TextField)
][:5]


class RecordForm(forms.ModelForm):
    """The fields of a record, and the version that the person saw."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        """The cleaned data; an error when somebody else saved first, with everything typed kept."""
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("seen_version") != self.instance.version:
            self.catch_up(cleaned)
        return cleaned

    def catch_up(self, cleaned: dict[str, Any]) -> None:
        """Take over what others changed and this person did not, and say so; saving again is theirs."""
        entries = since(self.instance, cleaned.get("seen_version") or 0)
        seen: dict[str, Any] = {}
        for entry in entries:
            for change in entry.changes:
                seen.setdefault(change["field"], change["old"])
        self.data = self.data.copy()
        self.data["seen_version"] = self.instance.version
        for name, old in seen.items():
            if name in cleaned and services.as_json(cleaned[name]) == old:
                self.data[name] = self.initial[name]
        self.add_error(None, ["Somebody else saved this record first.", *map(in_words, entries)])
        self.add_error(None, "What you typed is still here. Check it, then save again.")


class ActionForm(forms.Form):
    """A comment, and the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2147483647)
    comment = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.register(Record)
class RecordAdmin(AnyCase, admin.ModelAdmin):
    """The list, the record's page with its buttons and history, the export and the report."""

    form = RecordForm
    list_display = ["number", "state_badge", *LISTED, "owner", "updated_at"]
    list_filter = ["state"]
    list_per_page = 25
    list_select_related = ["owner"]
    search_fields = [f"{name}__lower__contains" for name in SEARCHED]
    show_full_result_count = False
    sortable_by = ["number", "state_badge", *LISTED, "updated_at"]
    actions = None
    change_list_template = "spike/records.html"
    change_form_template = "spike/record.html"
    formfield_overrides = {
        models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})},
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})},
    }

    @admin.display(description="id", ordering="id")
    def number(self, record: Record) -> str:
        """The id, which unlike amounts has no separators."""
        return str(record.pk)

    @admin.display(description="state", ordering="state")
    def state_badge(self, record: Record) -> str:
        """The state as a badge."""
        return badge(record)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Record]:
        """The records that this person may see."""
        return super().get_queryset(request).visible_to(actor_of(request))

    def get_visible(self, request: HttpRequest, object_id: str, lock: bool = False) -> Record:
        """The record, locked till the transaction ends if so asked. Raises Http404."""
        records = self.get_queryset(request).select_related("owner")
        if lock:
            records = records.select_for_update(of=("self",))
        try:
            return records.get(pk=object_id)
        except (Record.DoesNotExist, ValueError):
            raise Http404 from None

    def changelist_view(self, request: HttpRequest, *args: Any) -> HttpResponse:
        """The list, called like what it lists."""
        return super().changelist_view(request, {"title": capfirst(self.opts.verbose_name_plural)})

    def has_view_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        return workflow.sees(actor_of(request)) != "none"

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return workflow.may_create(actor_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        return obj is not None and bool(workflow.editable_fields(obj, actor_of(request)))

    def has_delete_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Record | None = None) -> list[str]:
        """At creation what this person may fill in; later all, and the version behind an edit."""
        if obj is None:
            return list(workflow.fields_at_creation(actor_of(request)))
        version = ["seen_version"] if self.has_change_permission(request, obj) else []
        return [*workflow.FIELDS, *version]

    def get_readonly_fields(self, request: HttpRequest, obj: Record | None = None) -> list[str]:
        """The fields that this person may not change now."""
        if obj is None:
            return []
        editable = workflow.editable_fields(obj, actor_of(request))
        return [name for name in workflow.FIELDS if name not in editable]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any
    ) -> HttpResponse:
        """The record's page; whoever loses the right to edit while typing gets the text back."""
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, *args)
        with transaction.atomic():
            record = self.get_visible(request, object_id, lock=True)
            if not self.has_change_permission(request, record):
                return self.show_unsaved(request, record)
            return super().changeform_view(request, object_id, *args)

    def show_unsaved(self, request: HttpRequest, record: Record) -> HttpResponse:
        """What somebody typed and can no longer save, with the reason."""
        labels = workflow.FIELD_LABELS.items()
        typed = [(label, request.POST[name]) for name, label in labels if request.POST.get(name)]
        shown = {"title": "Not saved", "record": record, "typed": typed}
        try:
            workflow.check_edit(record, actor_of(request), [])
        except workflow.Refused as refused:
            shown["reason"] = refused.detail
        return self.page(request, "spike/unsaved.html", 403, **shown)

    def save_model(self, request: HttpRequest, obj: Record, form: RecordForm, change: bool) -> None:
        """Write through the services."""
        values = {name: form.cleaned_data[name] for name in form.fields if name != "seen_version"}
        if not change:
            obj.pk = services.create(request.user, values).pk
            return
        changed = {name: value for name, value in values.items() if name in form.changed_data}
        if changed:
            services.edit(request.user, obj, form.cleaned_data["seen_version"], changed)

    def log_change(self, *args: Any) -> None:
        """Nothing: the audit trail has it."""

    log_addition = log_change

    def response_post_save_change(self, request: HttpRequest, obj: Record) -> HttpResponse:
        """On to the record's page."""
        return HttpResponseRedirect(address_of(obj))

    response_post_save_add = response_post_save_change

    def history_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """The history is on the record's page."""
        return HttpResponseRedirect(address_of(self.get_visible(request, object_id)) + "#history")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], obj: Record | None = None, **shown: Any
    ) -> HttpResponse:
        """The page, with the buttons, the reasons for those that are missing, and the history."""
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        if obj:
            current = services.fresh(obj)
            rules = (current, actor_of(request), services.made_by(obj))
            context |= {
                "title": str(current),
                "subtitle": None,
                "record": current,
                "badge": badge(current),
                "transitions": workflow.available(*rules),
                "blocked": workflow.blocked(*rules),
                "history": [
                    (entry, headline(entry), differences(entry)) for entry in services.history(obj)
                ],
            }
        return super().render_change_form(request, context, obj=obj, **shown)

    def get_urls(self) -> list[URLPattern]:
        """The admin's own addresses, after those of the buttons, the export and the report."""
        wrap = self.admin_site.admin_view
        comment, transition = require_POST(self.comment), require_POST(self.make_transition)
        step = "<str:object_id>/transition/<str:name>/"
        return [
            path("export/", wrap(self.export), name="spike_export"),
            path("report/", wrap(self.report), name="spike_report"),
            path("<str:object_id>/comment/", wrap(comment), name="spike_comment"),
            path(step, wrap(transition), name="spike_transition"),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest) -> HttpResponse:
        """The list as CSV, with its filters, search and order."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            records = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse("home"))
        return export.csv_response(records)

    def report(self, request: HttpRequest) -> HttpResponse:
        """How many records are in each state, the totals of money, and those of all states."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = [
            (row["state"], [row["count"], *map(Decimal, row["totals"].values())])
            for row in export.report(self.get_queryset(request))
        ]
        return self.page(
            request,
            "spike/report.html",
            title="Report",
            rows=[(workflow.State(state), numbers) for state, numbers in rows],
            sums=[sum(column) for column in zip(*(numbers for _, numbers in rows), strict=True)],
            money=[workflow.FIELD_LABELS[name] for name in export.MONEY],
        )

    def comment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Leave a comment in the history."""
        record = self.get_visible(request, object_id)
        form = ActionForm(request.POST)
        comment = form.cleaned_data["comment"] if form.is_valid() else ""
        if comment:
            services.add_comment(request.user, record, comment)
            return HttpResponseRedirect(address_of(record) + "#history")
        form.add_error("comment", "Write a comment first." if form.is_valid() else None)
        return self.ask_again(request, record, form, "Comment")

    def make_transition(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Make a transition; if it is refused, say why and keep the comment."""
        if name not in workflow.TRANSITION_LABELS:
            raise Http404
        record = self.get_visible(request, object_id)
        form = ActionForm(request.POST)
        if form.is_valid():
            try:
                moved = services.make_transition(
                    request.user, record, name=name, **form.cleaned_data
                )
            except workflow.Refused as refused:
                form.add_error(None, refused.detail)
            else:
                text = f"{moved} is now “{moved.get_state_display()}”."
                self.message_user(request, text, messages.SUCCESS)
                return HttpResponseRedirect(address_of(moved))
        return self.ask_again(request, record, form, workflow.TRANSITION_LABELS[name], name)

    def ask_again(
        self, request: HttpRequest, record: Record, form: ActionForm, label: str, name: str = ""
    ) -> HttpResponse:
        """The page after a refusal: what changed meanwhile, the comment, and the button if it is open."""
        current = services.fresh(record)
        seen = form.cleaned_data.get("version", current.version)
        form.data = {"version": current.version, "comment": form.data.get("comment", "")}
        made_by = services.made_by(current)
        open_now = workflow.available(current, actor_of(request), made_by)
        return self.page(
            request,
            "spike/again.html",
            409,
            title=f"{label}: {current}",
            record=current,
            badge=badge(current),
            label=label,
            form=form,
            open=not name or name in [transition.name for transition in open_now],
            news=[in_words(entry) for entry in since(current, seen)],
        )

    def page(
        self, request: HttpRequest, template: str, status: int = 200, **shown: Any
    ) -> HttpResponse:
        """A page of this admin's own."""
        common = self.admin_site.each_context(request)
        context = {**common, "opts": self.opts, **shown}
        return TemplateResponse(request, template, context, status=status)


@admin.register(AuditEntry)
class AuditEntryAdmin(AnyCase, ReadOnly, admin.ModelAdmin):
    """Everything that ever happened to the records."""

    list_display = ["at", "record", "actor", "what", "comment"]
    list_filter = ["action", "at"]
    list_select_related = ["record", "actor"]
    search_fields = [
        f"{name}__lower__contains" for name in ("actor__username", "actor__name", "comment")
    ]
    ordering = ["-id"]

    @admin.display
    def what(self, entry: AuditEntry) -> str:
        """The entry in words."""
        return ". ".join([headline(entry), *differences(entry)])


def address_of(record: Record) -> str:
    """The record's page."""
    return reverse(f"admin:spike_{record._meta.model_name}_change", args=[record.pk])


def badge(record: Record) -> str:
    """The record's state as a badge; neighbours in the workflow have different colours."""
    place = list(workflow.State).index(record.state) % 6
    return format_html('<span class="badge s{}">{}</span>', place, record.get_state_display())


def since(record: Record, version: int) -> list[AuditEntry]:
    """What happened to the record after this version, oldest first."""
    return [entry for entry in services.history(record) if entry.version > version]


def headline(entry: AuditEntry) -> str:
    """What was done, in a few words."""
    if entry.action != AuditEntry.Action.TRANSITION:
        return entry.get_action_display()
    label = workflow.TRANSITION_LABELS.get(entry.transition, entry.transition)
    return f"{label}: {entry.get_source_display()} → {entry.get_target_display()}"


def differences(entry: AuditEntry) -> list[str]:
    """Each change of a field in words."""
    lines = []
    for change in entry.changes:
        label = workflow.FIELD_LABELS.get(change["field"], change["field"])
        old, new = in_quotes(change["old"]), in_quotes(change["new"])
        lines.append(f"{label}: {new}" if change["old"] is None else f"{label}: {old} → {new}")
    return lines


def in_quotes(value: object) -> str:
    """A field's value for reading."""
    if value in (None, ""):
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{Truncator(value).chars(300)}”"


def in_words(entry: AuditEntry) -> str:
    """Who did what, as a line."""
    return ". ".join([f"{entry.actor}: {headline(entry)}", *differences(entry)])
