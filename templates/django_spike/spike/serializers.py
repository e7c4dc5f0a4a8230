"""The bodies that the API takes and gives. Taken strictly: right types, no unknown fields."""

import re
from datetime import datetime
from decimal import Decimal

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from spike import services, workflow
from spike.models import AuditEntry, FollowUp, Record, TemporaryGrant, User, is_username

PERSON_ROLES = [role.value for role in workflow.Role if role not in workflow.SERVICE_ROLES]
ALL_ROLES = [role.value for role in workflow.Role]
STATES = [state.value for state in workflow.State]
TRANSITIONS = list(workflow.TRANSITION_LABELS)
SORTABLE = ["id", "state", "created_at", "updated_at"] + [
    name
    for name in workflow.FIELDS
    if not isinstance(Record._meta.get_field(name), models.TextField)
]

NULLABLE = [
    name
    for name in workflow.FIELDS
    if isinstance(
        Record._meta.get_field(name), models.IntegerField | models.DecimalField | models.DateField
    )
]


class Text(serializers.CharField):
    """A string, and nothing that only looks like one."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of some strings."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Integer(serializers.IntegerField):
    """A JSON integer."""

    def to_internal_value(self, data: object) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class Boolean(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Day(serializers.DateField):
    """A date as YYYY-MM-DD."""

    def to_internal_value(self, data: object) -> object:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(data)


MONEY = r"^-?\d{1,10}(\.\d{1,2})?$"


@extend_schema_field({"type": "string", "pattern": MONEY})
class Money(serializers.DecimalField):
    """An amount as a string with at most two decimals; always two on the way out."""

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        """Whether there is nothing to read, and what counts then; an empty string is no amount."""
        return (False, data) if data == "" else super().validate_empty_values(data)

    def to_internal_value(self, data: object) -> Decimal:
        if not isinstance(data, str) or not re.fullmatch(MONEY[1:-1], data, re.ASCII):
            self.fail("invalid")
        return Decimal(data)


class Moment(serializers.DateTimeField):
    """A date and time with its zone."""

    def to_internal_value(self, data: object) -> datetime:
        if not isinstance(data, str) or not re.search(r"(Z|[+-][0-9]{2}:[0-9]{2})\Z", data):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        return super().to_internal_value(data)


class Body(serializers.Serializer):
    """A body that names only fields that may be written."""

    def to_internal_value(self, data: object) -> dict[str, object]:
        if isinstance(data, dict):
            unknown = data.keys() - {field.field_name for field in self._writable_fields}
            if unknown:
                raise serializers.ValidationError(
                    {str(name): ["This field is not known."] for name in sorted(unknown)}
                )
        return super().to_internal_value(data)


class RecordBody(Body, serializers.ModelSerializer):
    """The fields of a record, by the columns of the model."""

    serializer_field_mapping = {
        models.CharField: Text,
        models.TextField: Text,
        models.IntegerField: Integer,
        models.BooleanField: Boolean,
        models.DateField: Day,
        models.DecimalField: Money,
        models.DateTimeField: serializers.DateTimeField,
        models.BigAutoField: serializers.IntegerField,
    }
    serializer_choice_field = Choice


class RecordCreateSerializer(RecordBody):
    """The fields that a new record is given."""

    class Meta:
        model = Record
        fields = workflow.FIELDS


class RecordEditSerializer(RecordBody):
    """The fields to change, and the version that the caller has seen."""

    version = Integer(min_value=1, max_value=2147483647)

    class Meta:
        model = Record
        fields = ["version", *workflow.FIELDS]
        extra_kwargs = {name: {"required": False} for name in workflow.FIELDS}


class RecordSerializer(RecordBody):
    """A record."""

    owner = serializers.SlugRelatedField("username", read_only=True)
    state = serializers.ChoiceField(STATES, read_only=True)

    class Meta:
        model = Record
        fields = ["id", "version", "state", "owner", "created_at", "updated_at", *workflow.FIELDS]
        read_only_fields = fields
        extra_kwargs = {name: {"allow_null": True} for name in NULLABLE}


class TransitionSerializer(serializers.Serializer):
    """A transition that is open to the caller."""

    name = serializers.ChoiceField(TRANSITIONS)
    label = serializers.CharField()
    to = serializers.ChoiceField(STATES, source="target")
    comment = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "enum": ["required", "optional"]})
    def get_comment(self, transition: workflow.Transition) -> str:
        return "required" if transition.comment_required else "optional"


class RecordDetailSerializer(RecordSerializer):
    """A record with what the caller may do with it now; needs the `actor` in the context."""

    transitions = serializers.SerializerMethodField()
    editable = serializers.SerializerMethodField()

    class Meta(RecordSerializer.Meta):
        fields = [*RecordSerializer.Meta.fields, "transitions", "editable"]
        read_only_fields = fields

    @extend_schema_field(TransitionSerializer(many=True))
    def get_transitions(self, record: Record) -> list[dict[str, str]]:
        made_by = services.made_by(record)
        found = workflow.available(record, self.context["actor"], made_by)
        return TransitionSerializer(found, many=True).data

    def get_editable(self, record: Record) -> list[str]:
        return list(workflow.editable_fields(record, self.context["actor"]))


class TransitionRequestSerializer(Body):
    """The version that the caller has seen, and why."""

    version = Integer(min_value=1, max_value=2147483647)
    comment = Text(max_length=2000, allow_blank=True, default="")


class CommentRequestSerializer(Body):
    """A comment for the history."""

    comment = Text(max_length=2000)


class ChangeSerializer(serializers.Serializer):
    """A field's value before and after."""

    field = serializers.CharField()
    old = serializers.JSONField()
    new = serializers.JSONField()


class NameOrNull(serializers.CharField):
    """A name, or null where there is none."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_representation(self, value: str) -> str | None:
        return value or None


class AuditEntrySerializer(serializers.ModelSerializer):
    """Who did what, when."""

    actor = serializers.SlugRelatedField("username", read_only=True)
    transition = NameOrNull()
    to = NameOrNull(source="target")
    changes = ChangeSerializer(many=True)

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "actor", "action", "transition", "to", "comment", "changes"]
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        """The fields, with `from`, which Python does not allow as an attribute."""
        return super().get_fields() | {"from": NameOrNull(source="source")}


class PageSerializer(serializers.Serializer):
    """A page of items, and how many there are on all pages."""

    total = serializers.IntegerField()
    page = serializers.IntegerField()
    size = serializers.IntegerField()


class RecordPageSerializer(PageSerializer):
    """A page of records."""

    items = RecordSerializer(many=True)


class HistorySerializer(serializers.Serializer):
    """A record's audit trail, oldest first."""

    items = AuditEntrySerializer(many=True)


class StateCountSerializer(serializers.Serializer):
    """How many records are in a state, and their totals of money."""

    state = serializers.ChoiceField(STATES)
    count = serializers.IntegerField()
    totals = serializers.DictField(child=serializers.CharField())


class ReportSerializer(serializers.Serializer):
    """Every state, in the order of the workflow."""

    states = StateCountSerializer(many=True)


class FollowUpSerializer(serializers.ModelSerializer):
    """A follow-up and how far its delivery is."""

    record_id = serializers.IntegerField()

    class Meta:
        model = FollowUp
        fields = [
            "id",
            "name",
            "record_id",
            "webhook_id",
            "state",
            "attempts",
            "next_attempt_at",
            "last_error",
            "created_at",
            "delivered_at",
        ]
        read_only_fields = fields


class FollowUpPageSerializer(PageSerializer):
    """A page of follow-ups."""

    items = FollowUpSerializer(many=True)


class GrantSerializer(serializers.ModelSerializer):
    """A role until a moment."""

    role = serializers.ChoiceField(PERSON_ROLES, source="role.name")

    class Meta:
        model = TemporaryGrant
        fields = ["role", "until"]


class UserSerializer(serializers.ModelSerializer):
    """A person or a service, with lasting roles and the grants that have not ended."""

    active = serializers.BooleanField(source="is_active")
    service = serializers.BooleanField(source="is_service")
    roles = serializers.SerializerMethodField()
    grants = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["username", "name", "active", "service", "roles", "grants"]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(ALL_ROLES)))
    def get_roles(self, user: User) -> list[str]:
        return sorted({group.name for group in user.groups.all()}.intersection(ALL_ROLES))

    @extend_schema_field(GrantSerializer(many=True))
    def get_grants(self, user: User) -> list[dict[str, object]]:
        now = timezone.now()
        grants = [grant for grant in user.grants.all() if grant.until > now]
        return GrantSerializer(grants, many=True).data


class UserPageSerializer(PageSerializer):
    """A page of users."""

    items = UserSerializer(many=True)


class UserCreateSerializer(Body):
    """A new person."""

    username = Text(validators=[is_username], trim_whitespace=False)
    name = Text(max_length=100)
    password = Text(min_length=12, max_length=200, trim_whitespace=False)
    roles = serializers.ListField(child=Choice(PERSON_ROLES))


class UserEditSerializer(Body):
    """What to change of a user."""

    active = Boolean(required=False)
    roles = serializers.ListField(child=Choice(PERSON_ROLES), required=False)


class GrantRequestSerializer(Body):
    """A role for a while."""

    role = Choice(PERSON_ROLES)
    until = Moment()

    def validate_until(self, until: datetime) -> datetime:
        if until <= timezone.now():
            raise serializers.ValidationError("This moment is over.")
        return until


class CredentialsSerializer(Body):
    """A username and a password."""

    username = Text(max_length=150)
    password = Text(max_length=200, trim_whitespace=False)


class MaySerializer(serializers.Serializer):
    """What the caller may do at all."""

    create = serializers.BooleanField()
    see = serializers.ChoiceField(["all", "own", "none"])
    administer = serializers.BooleanField()


class SessionSerializer(serializers.Serializer):
    """Who the caller is."""

    username = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(ALL_ROLES))
    csrf_token = serializers.CharField(allow_null=True)
    may = MaySerializer()


class HealthSerializer(serializers.Serializer):
    """Alive."""

    status = serializers.ChoiceField(["ok"])


class FieldErrorSerializer(serializers.Serializer):
    """What is wrong with a field; "" for the whole body."""

    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)


class QuerySerializer(serializers.Serializer):
    """A query string; an empty value is no value."""

    def to_internal_value(self, data: object) -> dict[str, object]:
        return super().to_internal_value({k: v for k, v in data.items() if v != "" or k in PAGING})


PAGING = ("page", "size")


class PageQuerySerializer(QuerySerializer):
    """Which page."""

    page = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    size = serializers.IntegerField(min_value=1, max_value=100, default=25)


class FilterQuerySerializer(QuerySerializer):
    """Which records, in which order."""

    state = serializers.ChoiceField(STATES, default="", allow_blank=True)
    q = serializers.CharField(max_length=200, default="", allow_blank=True)
    sort = serializers.ChoiceField(
        [sign + name for name in SORTABLE for sign in ("", "-")], default="", allow_blank=True
    )


class ListQuerySerializer(FilterQuerySerializer, PageQuerySerializer):
    """Which records, in which order, and which page."""


class FollowUpQuerySerializer(PageQuerySerializer):
    """Which follow-ups."""

    state = serializers.ChoiceField(FollowUp.State.values, default="", allow_blank=True)
