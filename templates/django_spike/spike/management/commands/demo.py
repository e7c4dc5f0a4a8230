"""`demo`: people and service tokens to try the spike with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from spike import demo


class Command(BaseCommand):
    """Make the demo people and service tokens; in debug only. Running it again changes nothing."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> str:
        if not settings.DEBUG:
            raise CommandError("Demo people are for debug only: set DEBUG=1.")
        demo.make_people(settings.DEMO_PASSWORD)
        return "Made the demo people."
