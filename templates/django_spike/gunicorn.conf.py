"""How gunicorn serves the spike; WEB_CONCURRENCY says in how many processes."""

import socket
import struct
from typing import Any

threads = 8
keepalive = 75  # seconds
graceful_timeout = 20  # seconds for the requests under way when it is told to stop
control_socket_disable = True

SEND_TIMEOUT = 10  # seconds without any progress, a few times over


def when_ready(server: Any) -> None:
    """Give up on whoever reads nothing of an answer; connections inherit it from their listener."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT, 0)
        )
