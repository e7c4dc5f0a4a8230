"""The bodies that the API takes and gives. Taken strictly: right types, no unknown fields."""

import re
from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter

from django.db import models as db
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.serializers import ChoiceField, ListField, Serializer

from spike import models, services, workflow

PERSON_ROLES = [role.value for role in workflow.Role if role not in workflow.SERVICE_ROLES]
ALL_ROLES = [role.value for role in workflow.Role]
STATES = [state.value for state in workflow.State]
TRANSITIONS = list(workflow.TRANSITION_LABELS)
LARGEST_VERSION = 2**31 - 1
SHOWN = ["id", "version", "state", "owner", "created_at", "updated_at", *workflow.FIELDS]
COLUMNS = {name: models.Record._meta.get_field(name) for name in SHOWN}
SORTABLE = ["id", "state", "created_at", "updated_at"] + [
    name for name in workflow.FIELDS if not isinstance(COLUMNS[name], db.TextField)
]
NULLABLE = [
    name
    for name in workflow.FIELDS
    if isinstance(COLUMNS[name], db.IntegerField | db.DecimalField | db.DateField)
]


class Strict:
    """A field that takes one type of JSON value and no look-alike, text of one form where it has one."""

    takes: type = str
    form = ""
    expected = "a string"

    def to_internal_value(self, data: object) -> object:
        """The value. Raises ValidationError."""
        if type(data) is not self.takes or not re.match(self.form, str(data), re.ASCII):
            raise serializers.ValidationError(f"This must be {self.expected}.")
        return super().to_internal_value(data)


class Text(Strict, serializers.CharField):
    """A string."""


class Choice(Strict, ChoiceField):
    """One of some strings."""


class Integer(Strict, serializers.IntegerField):
    """A JSON integer."""

    takes = int
    expected = "an integer"


class Boolean(Strict, serializers.BooleanField):
    """true or false."""

    takes = bool
    expected = "true or false"


class Day(Strict, serializers.DateField):
    """A date as YYYY-MM-DD."""

    form = r"\d{4}-\d{2}-\d{2}\Z"
    expected = "a date as YYYY-MM-DD"


class Moment(Strict, serializers.DateTimeField):
    """A date and time with its zone."""

    form = r".*(Z|[+-]\d{2}:\d{2})\Z"
    expected = "a date and time as YYYY-MM-DDThh:mm:ssZ"


@extend_schema_field({"type": "string", "pattern": r"^-?\d{1,10}(\.\d{1,2})?$"})
class Money(Strict, serializers.DecimalField):
    """An amount as a string with at most two decimals; always two on the way out."""

    form = r"-?\d{1,10}(\.\d{1,2})?\Z"
    expected = "an amount as a string, with at most two decimals"

    def validate_empty_values(self, data: object) -> tuple[bool, object]:
        """Whether there is nothing to read, and what counts then; an empty string is no amount."""
        return (False, data) if data == "" else super().validate_empty_values(data)


class BodySerializer(Serializer):
    """A body that names only fields that may be written."""

    def to_internal_value(self, data: object) -> dict[str, object]:
        if isinstance(data, dict):
            unknown = data.keys() - {field.field_name for field in self._writable_fields}
            if unknown:
                raise serializers.ValidationError(
                    {str(name): ["This field is not known."] for name in sorted(unknown)}
                )
        return super().to_internal_value(data)


class RecordCreateSerializer(BodySerializer, serializers.ModelSerializer):
    """The fields that a new record is given, by the columns of the model."""

    serializer_field_mapping = {
        db.CharField: Text,
        db.TextField: Text,
        db.IntegerField: Integer,
        db.BooleanField: Boolean,
        db.DateField: Day,
        db.DecimalField: Money,
        db.DateTimeField: serializers.DateTimeField,
        db.BigAutoField: serializers.IntegerField,
    }
    serializer_choice_field = Choice

    class Meta:
        model = models.Record
        fields = workflow.FIELDS


class RecordEditSerializer(RecordCreateSerializer):
    """The fields to change, and the version that the caller has seen."""

    version = Integer(min_value=1, max_value=LARGEST_VERSION)

    class Meta:
        model = models.Record
        fields = ["version", *workflow.FIELDS]
        extra_kwargs = {name: {"required": False} for name in workflow.FIELDS}


class RecordSerializer(RecordCreateSerializer):
    """A record, for the OpenAPI document; `record_json` makes the answers."""

    owner = serializers.CharField()
    state = ChoiceField(STATES)

    class Meta:
        model = models.Record
        fields = SHOWN
        read_only_fields = fields
        extra_kwargs = {name: {"allow_null": True} for name in NULLABLE}


class TransitionSerializer(Serializer):
    """A transition that is open to the caller."""

    name = ChoiceField(TRANSITIONS)
    label = serializers.CharField()
    to = ChoiceField(STATES, source="to_state")
    comment = serializers.SerializerMethodField()

    @extend_schema_field(ChoiceField(["required", "optional"]))
    def get_comment(self, transition: workflow.Transition) -> str:
        return "required" if transition.comment_required else "optional"


class RecordDetailSerializer(RecordSerializer):
    """A record with what the caller may do with it now."""

    transitions = TransitionSerializer(many=True)
    editable = ListField(child=serializers.CharField())

    class Meta(RecordSerializer.Meta):
        fields = [*SHOWN, "transitions", "editable"]


# Where the values of `SHOWN` are: in a query, and on an instance.
PATHS = ["owner__username" if name == "owner" else name for name in SHOWN]
values_of = attrgetter(*[path.replace("__", ".") for path in PATHS])


def record_json(values: Iterable[object]) -> dict[str, object]:
    """A record from its values in the order of `SHOWN`.

    A plain function: field by field, as DRF does it, a list would spend most of its time here.
    """
    return dict(zip(SHOWN, map(services.as_json, values), strict=True))


def detail_json(record: models.Record, actor: workflow.Actor) -> dict[str, object]:
    """A record with what the actor may do with it now."""
    transitions = workflow.available(record, actor, services.made_by(record))
    return {
        **record_json(values_of(record)),
        "transitions": TransitionSerializer(transitions, many=True).data,
        "editable": workflow.editable_fields(record, actor),
    }


class TransitionRequestSerializer(BodySerializer):
    """The version that the caller has seen, and why."""

    version = Integer(min_value=1, max_value=LARGEST_VERSION)
    comment = Text(max_length=2000, allow_blank=True, default="")


class CommentRequestSerializer(BodySerializer):
    """A comment for the history."""

    comment = Text(max_length=2000)


class ChangeSerializer(Serializer):
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
        model = models.AuditEntry
        fields = ["id", "at", "actor", "action", "transition", "to", "comment", "changes"]
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        """The fields, with `from`, which Python does not allow as an attribute."""
        return super().get_fields() | {"from": NameOrNull(source="source")}


class HistorySerializer(Serializer):
    """A record's audit trail, oldest first."""

    items = AuditEntrySerializer(many=True)


class StateCountSerializer(Serializer):
    """How many records are in a state, and their totals of money."""

    state = ChoiceField(STATES)
    count = serializers.IntegerField()
    totals = serializers.DictField(child=serializers.CharField())


class ReportSerializer(Serializer):
    """Every state, in the order of the workflow."""

    states = StateCountSerializer(many=True)


class FollowUpSerializer(serializers.ModelSerializer):
    """A follow-up and how far its delivery is."""

    record_id = serializers.IntegerField()

    class Meta:
        model = models.FollowUp
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


class GrantSerializer(serializers.ModelSerializer):
    """A role until a moment."""

    role = ChoiceField(PERSON_ROLES, source="role.name")

    class Meta:
        model = models.TemporaryGrant
        fields = ["role", "until"]


class UserSerializer(serializers.ModelSerializer):
    """A person or a service, with lasting roles and the grants that have not ended."""

    active = serializers.BooleanField(source="is_active")
    service = serializers.BooleanField(source="is_service")
    roles = serializers.SerializerMethodField()
    grants = serializers.SerializerMethodField()

    class Meta:
        model = models.User
        fields = ["username", "name", "active", "service", "roles", "grants"]

    @extend_schema_field(ListField(child=ChoiceField(ALL_ROLES)))
    def get_roles(self, user: models.User) -> list[str]:
        return sorted({group.name for group in user.groups.all()}.intersection(ALL_ROLES))

    @extend_schema_field(GrantSerializer(many=True))
    def get_grants(self, user: models.User) -> list[dict[str, object]]:
        now = timezone.now()
        return GrantSerializer(
            [grant for grant in user.grants.all() if grant.until > now], many=True
        ).data


def page_of(item: type[Serializer]) -> Serializer:
    """A page of such items, and how many there are on all pages."""
    numbers = {name: serializers.IntegerField() for name in ("total", "page", "size")}
    name = item.__name__.replace("Serializer", "Page")
    return inline_serializer(name, {"items": item(many=True), **numbers})


class UserCreateSerializer(BodySerializer):
    """A new person."""

    username = Text(validators=[models.is_username], trim_whitespace=False)
    name = Text(max_length=100)
    password = Text(min_length=12, max_length=200, trim_whitespace=False)
    roles = ListField(child=Choice(PERSON_ROLES))


class UserEditSerializer(BodySerializer):
    """What to change of a user."""

    active = Boolean(required=False)
    roles = ListField(child=Choice(PERSON_ROLES), required=False)


class GrantRequestSerializer(BodySerializer):
    """A role for a while."""

    role = Choice(PERSON_ROLES)
    until = Moment()

    def validate_until(self, until: datetime) -> datetime:
        if until <= timezone.now():
            raise serializers.ValidationError("This moment is over.")
        return until


class CredentialsSerializer(BodySerializer):
    """A username and a password."""

    username = Text(max_length=150)
    password = Text(max_length=200, trim_whitespace=False)


class MaySerializer(Serializer):
    """What the caller may do at all."""

    create = serializers.BooleanField()
    see = ChoiceField(["all", "own", "none"])
    administer = serializers.BooleanField()


class SessionSerializer(Serializer):
    """Who the caller is."""

    username = serializers.CharField()
    name = serializers.CharField()
    roles = ListField(child=ChoiceField(ALL_ROLES))
    csrf_token = serializers.CharField(allow_null=True)
    may = MaySerializer()


class HealthSerializer(Serializer):
    """Alive."""

    status = ChoiceField(["ok"])


class FieldErrorSerializer(Serializer):
    """What is wrong with a field; "" for the whole body."""

    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class ProblemSerializer(Serializer):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)


class QuerySerializer(Serializer):
    """A query string; an empty value is no value, except for the numbers of a page."""

    def to_internal_value(self, data: object) -> dict[str, object]:
        given = {k: v for k, v in data.items() if v != "" or k in ("page", "size")}
        return super().to_internal_value(given)


class PageQuerySerializer(QuerySerializer):
    """Which page."""

    page = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    size = serializers.IntegerField(min_value=1, max_value=100, default=25)


class FilterQuerySerializer(QuerySerializer):
    """Which records, in which order."""

    state = ChoiceField(STATES, default="", allow_blank=True)
    q = serializers.CharField(max_length=200, default="", allow_blank=True)
    sort = ChoiceField(
        [sign + name for name in SORTABLE for sign in ("", "-")], default="", allow_blank=True
    )


class ListQuerySerializer(FilterQuerySerializer, PageQuerySerializer):
    """Which records, in which order, and which page."""


class FollowUpQuerySerializer(PageQuerySerializer):
    """Which follow-ups."""

    state = ChoiceField(models.FollowUp.State.values, default="", allow_blank=True)
