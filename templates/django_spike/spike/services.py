"""Everything that writes a record, and the arranging of people.

Each change, its audit entry and its follow-ups commit together or not at all.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from spike import follow_ups, workflow
from spike.models import AuditEntry, FollowUp, Record, TemporaryGrant, User


def create(user: User, values: Mapping[str, object]) -> Record:
    """A new record that the user owns. Raises `Refused`: forbidden."""
    workflow.check_creation(user.actor, values)
    with transaction.atomic():
        record = Record.objects.create(owner=user, **values)
        log(record, user, AuditEntry.Action.CREATE, changes=changes({}, values))
    return record


def edit(user: User, record: Record, version: int, values: Mapping[str, object]) -> Record:
    """The record with the changed values. Raises `Refused`: stale, wrong_state, forbidden."""
    with transaction.atomic():
        current = fresh(record)
        workflow.check_version(current, version)
        workflow.check_edit(current, user.actor, values)
        old = {name: getattr(current, name) for name in values}
        current = write(current, **values)
        log(current, user, AuditEntry.Action.EDIT, changes=changes(old, values))
    return current


def make_transition(user: User, record: Record, version: int, name: str, comment: str) -> Record:
    """The record in its next state. Raises `Refused`.

    stale, wrong_state, forbidden, guard, comment_required, in this order.
    """
    with transaction.atomic():
        current = fresh(record)
        workflow.check_version(current, version)
        transition = workflow.choose(name, current, user.actor, made_by(current))
        workflow.check_comment(transition, comment)
        source = current.state
        current = write(current, state=transition.to_state.value)
        log(
            current,
            user,
            AuditEntry.Action.TRANSITION,
            transition=name,
            source=source,
            target=current.state,
            comment=comment,
        )
        for follow_up in transition.follow_ups:
            follow_ups.queue(current, follow_up)
    return current


def add_comment(user: User, record: Record, comment: str) -> AuditEntry:
    """The new entry in the record's history."""
    return log(record, user, AuditEntry.Action.COMMENT, comment=comment)


def made_by(record: Record) -> dict[str, int]:
    """Who made each transition of this record last: user ids by the transition's name."""
    made = AuditEntry.objects.filter(record=record, action=AuditEntry.Action.TRANSITION)
    return dict(made.order_by("id").values_list("transition", "actor_id"))


def history(record: Record) -> list[AuditEntry]:
    """The record's audit trail, oldest first."""
    return list(AuditEntry.objects.filter(record=record).select_related("actor").order_by("id"))


def fresh(record: Record) -> Record:
    """The record as it is in the database now."""
    return Record.objects.select_related("owner").get(pk=record.pk)


def write(record: Record, **values: object) -> Record:
    """Write values if nobody else has written since `record` was read. Raises `Refused`: stale."""
    written = Record.objects.filter(
        pk=record.pk, version=record.version, state=record.state
    ).update(**values, version=F("version") + 1, updated_at=timezone.now())
    if not written:
        raise workflow.Refused("stale", "Somebody else has changed this record just now.")
    return fresh(record)


def log(record: Record, user: User, action: str, **details: object) -> AuditEntry:
    """Add an entry to the record's audit trail."""
    return AuditEntry.objects.create(
        record=record, version=record.version, actor=user, action=action, **details
    )


def changes(old: Mapping[str, object], new: Mapping[str, object]) -> list[dict[str, object]]:
    """What differs, field by field, as JSON values."""
    pairs = [(name, as_json(old.get(name)), as_json(value)) for name, value in new.items()]
    return [
        {"field": name, "old": before, "new": after}
        for name, before, after in pairs
        if before != after and (name in old or after != "")
    ]


def as_json(value: object) -> object:
    """A field's value as the API gives it: money with two decimals, dates and moments in ISO form."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat().replace("+00:00", "Z")
    return value


def retry(follow_up: FollowUp) -> FollowUp:
    """The follow-up, due at once. Raises `Refused` (wrong_state) when it is not dead."""
    revived = FollowUp.objects.filter(pk=follow_up.pk, state=FollowUp.State.DEAD).update(
        state=FollowUp.State.QUEUED, attempts=0, next_attempt_at=timezone.now()
    )
    if not revived:
        raise workflow.Refused("wrong_state", "Only a dead follow-up can be sent again.")
    follow_up.refresh_from_db()
    return follow_up


@transaction.atomic
def create_user(username: str, name: str, password: str, roles: Collection[str]) -> User:
    """A new person with these lasting roles."""
    user = User.objects.create_user(username, password, name)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


@transaction.atomic
def edit_user(user: User, active: bool | None = None, roles: Collection[str] | None = None) -> User:
    """The user, enabled or disabled, with the lasting roles replaced; None leaves as is."""
    if active is not None:
        user.is_active = active
        user.save(update_fields=["is_active"])
    if roles is not None:
        user.groups.set(Group.objects.filter(name__in=roles))
    return user


def grant(user: User, role: str, until: datetime) -> TemporaryGrant:
    """A role for the user until a moment."""
    return TemporaryGrant.objects.create(user=user, role=Group.objects.get(name=role), until=until)
