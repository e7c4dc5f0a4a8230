"""Is the spike alive, and its database with it?"""

from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, InterfaceError, connection
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from spike.models import User
from spike.openapi import operation
from spike.problems import problem
from spike.serializers import HealthSerializer

PATIENCE = 1.5  # seconds

# A thread of its own, because a database that hangs cannot be asked to hurry.
asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="healthz")


class HealthView(ViewSet):
    """For the load balancer."""

    authentication_classes = []
    permission_classes = []

    @operation(HealthSerializer, 503, auth=[])
    def healthz(self, request: Request) -> Response:
        """Is the spike alive, and its database with it?"""
        try:
            asker.submit(ask).result(timeout=PATIENCE)
        except (DatabaseError, InterfaceError, TimeoutError):
            return problem("unavailable", "The database is away.")
        return Response({"status": "ok"})


def ask() -> None:
    """Read from a table. Raises whatever the database raises."""
    try:
        User.objects.exists()
    finally:
        connection.close()
