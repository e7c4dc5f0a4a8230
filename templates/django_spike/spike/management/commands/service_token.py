"""`service_token`: a new token for a service."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser

from spike import auth
from spike.models import User
from spike.workflow import SERVICE_ROLES


class Command(BaseCommand):
    """Print a new token of a service account, once; the one before stops working."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the account, or the service role of a new one")

    def handle(self, *args: Any, name: str, **options: Any) -> str:
        user = User.objects.filter(username=name, is_service=True).first()
        if user is None and name in SERVICE_ROLES:
            user = User.objects.create_user(name, is_service=True)
            user.groups.add(Group.objects.get(name=name))
        if user is None:
            raise CommandError(f"There is no service account {name!r}.")
        return auth.new_token(user)
