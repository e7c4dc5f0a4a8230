"""People and records for the tests, whatever the workflow."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from spike import demo, samples, workflow
from spike.models import Record, User
from spike.workflow import Role, State

PASSWORD = "correct horse battery"


@pytest.fixture
def users(db: None) -> dict[Role, User]:
    """The demo user of each role."""
    return {role: demo.demo_user(role, PASSWORD) for role in Role}


@pytest.fixture
def creator(users: dict[Role, User]) -> User:
    """Somebody who may create records."""
    return next(user for role, user in users.items() if role in workflow.CREATORS)


@pytest.fixture
def record_in(creator: User) -> Callable[..., Record]:
    """Puts a record straight into a state."""

    def put(state: State = workflow.FIRST_STATE, number: int = 0) -> Record:
        return Record.objects.create(owner=creator, state=state, **samples.sample(number))

    return put


@pytest.fixture
def newcomer(db: None) -> User:
    """A person without any role."""
    return User.objects.create_user("newcomer", PASSWORD)


@pytest.fixture
def give(db: None) -> Callable[[User, str], User]:
    """Gives a user a role, and the user afresh."""

    def give(user: User, role: str) -> User:
        user.groups.add(Group.objects.get(name=role))
        return User.objects.get(pk=user.pk)

    return give


@pytest.fixture
def admin_client(users: dict[Role, User]) -> Client:
    """A browser in which the administrator is signed in."""
    client = Client()
    client.force_login(users[Role.ADMIN])
    return client
