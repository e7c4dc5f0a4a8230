"""The broker that a spike may need: whether it answers, and a queue of its own for whoever starts a spike."""

import secrets
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from suite.errors import UserError

NOWHERE = "redis://127.0.0.1:9/0"
# By the scheme of the address: the server, its usual port, and Debian's package.
SERVERS = {
    "amqp": ("RabbitMQ", 5672, "rabbitmq-server"),
    "amqps": ("RabbitMQ", 5671, "rabbitmq-server"),
    "redis": ("Redis", 6379, "redis-server"),
    "rediss": ("Redis", 6379, "redis-server"),
}


def new_queue() -> str:
    """The name of a queue that nobody else uses, so that spikes on one broker do not take each other's messages."""
    return f"suite_{secrets.token_hex(4)}"


def check_broker(environment: Mapping[str, str]) -> None:
    """Raise `UserError` when a spike with this environment needs a broker that does not answer.

    What else may be wrong with its address is for the spike to say.
    """
    parts = urlsplit(environment.get("BROKER_URL", ""))
    if parts.scheme not in SERVERS:
        return
    server, usual, package = SERVERS[parts.scheme]
    host, port = parts.hostname or "127.0.0.1", parts.port or usual
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        raise UserError(
            f"No {server} answers at {host}:{port}: start one (Debian: apt-get install {package}), "
            "or name another broker in BROKER_URL."
        ) from None
