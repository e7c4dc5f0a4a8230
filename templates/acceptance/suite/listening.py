"""A server of the suite's own on this machine, which runs for as long as a `with` lasts."""

import threading
from socketserver import TCPServer
from typing import Self

NOTICED = 0.05  # seconds until the end is; the half second of socketserver would count in every run


class Listening:
    """Serves in a thread of its own."""

    def __init__(self, server: TCPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=[NOTICED], daemon=True)

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
