"""Demo people: one for each role, and a token for each service."""

from django.contrib.auth.models import Group
from django.db import transaction

from spike import auth
from spike.models import User
from spike.workflow import SERVICE_ROLES, Role


@transaction.atomic
def make_people(password: str) -> None:
    """A person for each role, and for each service the token ROLE-PASSWORD; again changes nothing."""
    for role in Role:
        user, _ = User.objects.get_or_create(
            username=role.value,
            defaults={"name": f"{role.label[:90]} (demo)", "is_service": role in SERVICE_ROLES},
        )
        user.groups.set(Group.objects.filter(name=role.value))
        if user.is_service:
            auth.set_token(user, f"{role.value}-{password}")
        else:
            user.set_password(password)
            user.save(update_fields=["password"])
