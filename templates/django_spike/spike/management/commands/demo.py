"""`demo`: users and records to look at."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from spike import demo


class Command(BaseCommand):
    """Load demo users and records; in debug only. Running it again changes nothing."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> str:
        if not settings.DEBUG:
            raise CommandError("Demo data is for debug only: set DEBUG=1.")
        demo.load(settings.DEMO_PASSWORD)
        return "Loaded the demo users and records."
