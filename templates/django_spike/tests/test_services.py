"""Changes happen completely or not at all, and leave a trace."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models import ProtectedError

from spike import follow_ups, samples, services, workflow
from spike.models import AuditEntry, FollowUp, Record, User
from spike.workflow import TRANSITIONS, Refused, Role, State, Transition

MakeRecord = Callable[..., Record]


def ready(
    record_in: MakeRecord, users: dict[Role, User], transition: Transition
) -> tuple[Record, User]:
    """A record, and somebody who may make the transition with it; skips where there is nobody."""
    for number in range(samples.TRIES):
        record = record_in(min(transition.from_states), number)
        for user in users.values():
            if transition in workflow.available(record, user.actor, {}):
                return record, user
    pytest.skip("no demo user may make it with any sample")


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda t: f"{t.name}-{t.to_state}")
def test_a_transition_writes_state_trail_and_follow_ups(
    record_in: MakeRecord, users: dict[Role, User], transition: Transition
) -> None:
    record, user = ready(record_in, users, transition)
    moved = services.make_transition(user, record, 1, transition.name, "because")
    assert (moved.state, moved.version) == (transition.to_state, 2)
    entry = AuditEntry.objects.get(record=record)
    assert (entry.actor, entry.source, entry.target) == (user, record.state, transition.to_state)
    assert entry.comment == "because"
    queued = FollowUp.objects.filter(record=record).values_list("name", flat=True)
    assert sorted(queued) == sorted(transition.follow_ups)


@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda t: f"{t.name}-{t.to_state}")
def test_a_transition_without_the_role_is_refused(
    record_in: MakeRecord, newcomer: User, transition: Transition
) -> None:
    record = record_in(min(transition.from_states))
    with pytest.raises(Refused, match="Only") as refusal:
        services.make_transition(newcomer, record, 1, transition.name, "because")
    assert refusal.value.code == "forbidden"
    assert not AuditEntry.objects.exists()


def test_a_fault_in_the_middle_leaves_nothing(
    record_in: MakeRecord, users: dict[Role, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    record, user = ready(record_in, users, TRANSITIONS[0])
    monkeypatch.setattr(services, "log", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.make_transition(user, record, 1, TRANSITIONS[0].name, "because")
    assert services.fresh(record).version == 1
    assert not FollowUp.objects.exists()


def test_a_stale_version_is_refused(record_in: MakeRecord, users: dict[Role, User]) -> None:
    record, user = ready(record_in, users, TRANSITIONS[0])
    with pytest.raises(Refused) as refusal:
        services.make_transition(user, record, 2, TRANSITIONS[0].name, "because")
    assert refusal.value.code == "stale"


def test_who_comes_second_overwrites_nothing(record_in: MakeRecord) -> None:
    record = record_in()
    seen_by_both = services.fresh(record)
    services.write(seen_by_both, state=list(State)[-1].value)
    with pytest.raises(Refused) as refusal:
        services.write(seen_by_both, state=workflow.FIRST_STATE.value)
    assert refusal.value.code == "stale"
    assert services.fresh(record).state == list(State)[-1]


def test_a_new_record_lists_its_values_in_the_trail(creator: User) -> None:
    allowed = workflow.fields_at_creation(creator.actor)
    record = services.create(creator, {name: samples.sample(0)[name] for name in allowed})
    entry = AuditEntry.objects.get(record=record)
    assert entry.action == AuditEntry.Action.CREATE
    assert all(change["old"] is None for change in entry.changes)
    assert {change["field"] for change in entry.changes} <= set(allowed)


def test_the_trail_is_append_only(record_in: MakeRecord, creator: User) -> None:
    entry = services.add_comment(creator, record_in(), "first")
    entry.comment = "second"
    attempts = [
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(comment="second"),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt()
    assert AuditEntry.objects.get().comment == "first"


def test_what_the_trail_mentions_stays(record_in: MakeRecord, creator: User) -> None:
    record = record_in()
    services.add_comment(creator, record, "hello")
    for mentioned in (record, creator):
        with pytest.raises(ProtectedError):
            mentioned.delete()


def test_a_follow_up_keeps_the_values_of_its_moment(record_in: MakeRecord) -> None:
    for name, fields in workflow.FOLLOW_UPS.items():
        record = record_in()
        queued = follow_ups.queue(record, name)
        queued.refresh_from_db()
        assert set(queued.payload["data"]) == {"id", "version", "state", *fields}
        assert queued.payload["type"].endswith(f".{name}")
