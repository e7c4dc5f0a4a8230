"""Demo data: a user for each role, and records in each state, reached as people would reach it."""

from django.contrib.auth.models import Group
from django.db import transaction

from spike import auth, services, workflow
from spike.models import AuditEntry, Record, User
from spike.samples import COMMENT, Journey, journeys
from spike.workflow import Role


@transaction.atomic
def load(password: str) -> None:
    """Demo users with this password, and a few records in each state, unless there are any."""
    users = {role: demo_user(role, password) for role in Role}
    if not Record.objects.exists():
        for journey in journeys():
            play(users, journey)


def demo_user(role: Role, password: str) -> User:
    """The user of a role: a person with this password, or a service with the token ROLE-PASSWORD."""
    service = role in workflow.SERVICE_ROLES
    user, _ = User.objects.get_or_create(
        username=role.value, defaults={"name": f"{role.label[:90]} (demo)", "is_service": service}
    )
    user.groups.set([Group.objects.get(name=role.value)])
    if service:
        auth.set_token(user, f"{role.value}-{password}")
    else:
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def play(users: dict[Role, User], journey: Journey) -> None:
    """Create the journey's record and take it along; put it there where the workflow does not lead."""
    owner = users[journey.owner]
    if journey.steps is None:
        record = Record.objects.create(owner=owner, state=journey.state.value, **journey.values)
        services.log(record, owner, AuditEntry.Action.LOADED, target=record.state)
        return
    record = services.create(owner, journey.values)
    for step in journey.steps:
        user = users[step.role]
        if step.transition:
            record = services.make_transition(
                user, record, record.version, step.transition, COMMENT
            )
        else:
            record = services.edit(user, record, record.version, step.values)
