"""`deliver`: the worker that sends follow-ups."""

import logging
import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections

from spike.follow_ups import deliver_due

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Send the follow-ups that are due, for ever. Several may run at once."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        if not settings.WEBHOOK_URL:
            logger.warning("WEBHOOK_URL is not set: follow-ups stay queued.")
            stop.wait()
        while not stop.is_set():
            try:
                deliver_due(stop.is_set)
            except (DatabaseError, InterfaceError):
                logger.exception("The database is away; trying again.")
            close_old_connections()
            stop.wait(settings.POLL_SECONDS)
