"""The staff screens show what each person may do, and lose nothing."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from spike import auth, services, workflow
from spike.admin import address_of
from spike.models import AuditEntry, FollowUp, Record, User
from spike.workflow import Role, State

from .conftest import PASSWORD

MakeRecord = Callable[..., Record]
PEOPLE = [role for role in Role if role not in workflow.SERVICE_ROLES]
LIST = reverse(f"admin:spike_{Record._meta.model_name}_changelist")


def signed_in(user: User) -> Client:
    """A browser in which this user is signed in."""
    client = Client()
    client.force_login(user)
    return client


def editable(record_in: MakeRecord, users: dict[Role, User]) -> tuple[Record, User, str]:
    """A record, a person who may edit it, and a text field; skips where there is none."""
    for state in workflow.STATE_EDITORS:
        record = record_in(state)
        for role in PEOPLE:
            for name in workflow.editable_fields(record, users[role].actor):
                if Record._meta.get_field(name).get_internal_type() == "TextField":
                    return record, users[role], name
    pytest.skip("nobody edits a long text")


def form_of(client: Client, record: Record) -> dict[str, object]:
    """What a browser would send for the form of the record's page."""
    form = client.get(address_of(record)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()}


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("state", State)
def test_the_buttons_are_those_that_the_workflow_allows(
    record_in: MakeRecord, users: dict[Role, User], role: Role, state: State
) -> None:
    record, user = record_in(state), users[role]
    page = signed_in(user).get(address_of(record)).content.decode()
    open_now = [t.name for t in workflow.available(record, user.actor, {})]
    for name in workflow.TRANSITION_LABELS:
        button = reverse("admin:spike_transition", args=[record.pk, name])
        assert (button in page) == (name in open_now)


@pytest.mark.parametrize("role", PEOPLE)
def test_only_admins_see_people_and_follow_ups(users: dict[Role, User], role: Role) -> None:
    client = signed_in(users[role])
    for model in ("user", "followup", "auditentry"):
        answer = client.get(reverse(f"admin:spike_{model}_changelist"))
        assert answer.status_code == (200 if role == Role.ADMIN else 403)


def test_who_has_no_role_sees_no_record(record_in: MakeRecord, newcomer: User) -> None:
    client = signed_in(newcomer)
    assert client.get(LIST).status_code == 403
    assert client.get(address_of(record_in())).status_code in (302, 403)


@pytest.mark.parametrize("role", sorted(workflow.SEE_OWN - workflow.SERVICE_ROLES))
def test_who_sees_own_records_sees_no_others(
    record_in: MakeRecord, users: dict[Role, User], role: Role
) -> None:
    record = record_in()
    Record.objects.update(owner=users[Role.ADMIN])
    client = signed_in(users[role])
    assert client.get(address_of(record)).status_code == 302
    assert client.get(LIST).context["cl"].result_count == 0
    assert client.get(reverse("record", args=[record.pk])).status_code == 404


def test_nothing_is_deleted(record_in: MakeRecord, creator: User, admin_client: Client) -> None:
    entry = services.add_comment(creator, record_in(), "stays")
    for row in (entry, entry.record, creator):
        address = reverse(f"admin:spike_{row._meta.model_name}_delete", args=[row.pk])
        assert admin_client.post(address, {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.filter(pk=entry.pk).exists()


def test_typed_text_survives_when_somebody_else_saved_first(
    record_in: MakeRecord, users: dict[Role, User]
) -> None:
    record, user, name = editable(record_in, users)
    client = signed_in(user)
    form = form_of(client, record) | {name: "mine"}
    services.edit(user, record, 1, {name: "theirs"})
    answer = client.post(address_of(record), form)
    assert answer.status_code == 200
    assert answer.context["adminform"].form[name].value() == "mine"
    assert "theirs" in str(answer.context["errors"])
    client.post(address_of(record), form_from(answer))
    assert getattr(services.fresh(record), name) == "mine"


def form_from(answer: object) -> dict[str, object]:
    """What a browser would send for the form of this answer."""
    form = answer.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()}


def test_a_form_does_not_take_back_what_others_changed(
    record_in: MakeRecord, users: dict[Role, User]
) -> None:
    record, user, name = editable(record_in, users)
    client = signed_in(user)
    form = form_of(client, record)
    services.edit(user, record, 1, {name: "theirs"})
    client.post(address_of(record), form_from(client.post(address_of(record), form)))
    assert getattr(services.fresh(record), name) == "theirs"


def test_typed_text_survives_when_the_record_moved_on(
    record_in: MakeRecord, users: dict[Role, User]
) -> None:
    record, user, name = editable(record_in, users)
    client = signed_in(user)
    form = form_of(client, record) | {name: "typed for an hour"}
    closed = next(s for s in State if not workflow.STATE_EDITORS.get(s))
    services.write(services.fresh(record), state=closed.value)
    answer = client.post(address_of(record), form)
    assert "typed for an hour" in answer.content.decode()


def test_a_refused_button_keeps_the_comment(record_in: MakeRecord, users: dict[Role, User]) -> None:
    record, user, name = editable(record_in, users)
    services.edit(user, record, 1, {name: "theirs"})
    transition = workflow.TRANSITIONS[0].name
    address = reverse("admin:spike_transition", args=[record.pk, transition])
    answer = signed_in(user).post(address, {"version": 1, "comment": "my reasons"})
    assert answer.status_code == 409
    assert "my reasons" in answer.content.decode()


def test_the_export_follows_the_list(record_in: MakeRecord, admin_client: Client) -> None:
    for state in State:
        record_in(state)
    address = reverse("admin:spike_export")
    answer = admin_client.get(address, {"state__exact": workflow.FIRST_STATE.value})
    assert len(b"".join(answer.streaming_content).splitlines()) == 2


def test_a_dead_follow_up_is_sent_again(record_in: MakeRecord, admin_client: Client) -> None:
    dead = FollowUp.objects.create(
        name="hello", record=record_in(), payload={}, state=FollowUp.State.DEAD
    )
    button = reverse("admin:spike_retry", args=[dead.pk])
    page = admin_client.get(reverse("admin:spike_followup_changelist")).content.decode()
    assert button in page
    admin_client.post(button)
    dead.refresh_from_db()
    assert dead.state == FollowUp.State.QUEUED


def test_guessing_on_the_sign_in_page_is_slowed_down(users: dict[Role, User]) -> None:
    client = Client()
    address = reverse("admin:login")
    for _ in range(auth.TRIES):
        assert client.post(address, {"username": "admin", "password": "no"}).status_code == 200
    answer = client.post(address, {"username": "admin", "password": PASSWORD})
    assert answer.status_code == 429
    assert "Too many failed tries" in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(users: dict[Role, User], target: str) -> None:
    body = {"username": "admin", "password": PASSWORD, "next": target}
    answer = Client().post(reverse("admin:login"), body)
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert answer["Location"].startswith("/")


def test_every_style_and_script_is_served(admin_client: Client) -> None:
    for name in ("spike/spike.css", "admin/css/base.css"):
        assert admin_client.get(f"/static/{name}").status_code == 200


def test_an_administrator_arranges_people(admin_client: Client, newcomer: User) -> None:
    role = PEOPLE[0]
    address = reverse("admin:spike_user_change", args=[newcomer.pk])
    inline = {"grants-TOTAL_FORMS": "0", "grants-INITIAL_FORMS": "0"}
    admin_client.post(address, {"name": "New", "groups": [role], "is_active": "on", **inline})
    newcomer = User.objects.get(pk=newcomer.pk)
    assert (newcomer.name, newcomer.actor.roles) == ("New", {role})
    page = admin_client.get(address).content.decode()
    assert re.search(f'value="{role}"[^>]* checked', page)
    admin_client.post(address, {"name": "New", "groups": [role], **inline})
    newcomer.refresh_from_db()
    assert not newcomer.is_active


@pytest.mark.parametrize("query", ["nonsense=1", "state__exact=nonsense", "p=99999", "q=%00"])
def test_a_senseless_filter_is_no_fault(admin_client: Client, query: str) -> None:
    for address in (LIST, reverse("admin:spike_export")):
        assert admin_client.get(f"{address}?{query}").status_code in (200, 302)
