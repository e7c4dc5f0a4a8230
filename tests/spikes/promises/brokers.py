"""A broker of a test's own, which the test may kill: Redis or RabbitMQ, on a free port and without anything kept."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from suite.spike import free_port

START_SECONDS = 60
RABBITMQ = Path(
    "/usr/lib/rabbitmq/bin/rabbitmq-server"
)  # Debian's, past the one that changes the user
REDIS = shutil.which("redis-server") or "redis-server"


class Broker:
    """A server of the kind that the scheme names, with its files in the folder."""

    def __init__(self, scheme: str, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}/" + ("/" if scheme == "amqp" else "0")
        self.command, self.environment = self.rabbitmq() if scheme == "amqp" else self.redis()
        self.process: subprocess.Popen[bytes] | None = None

    def redis(self) -> tuple[list[str], dict[str, str]]:
        """How Redis is started."""
        options = {"--port": self.port, "--bind": "127.0.0.1", "--save": "", "--dir": self.home}
        return [REDIS, *(str(part) for option in options.items() for part in option)], {}

    def rabbitmq(self) -> tuple[list[str], dict[str, str]]:
        """How RabbitMQ is started, as a node that meets no other."""
        plugins = self.home / "plugins"
        plugins.write_text("[].", encoding="utf-8")
        return [str(RABBITMQ)], {
            "HOME": str(self.home),
            "RABBITMQ_NODENAME": f"promise{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(self.home / "data"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_CONF_ENV_FILE": str(self.home / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.home / "none"),
        }

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.home / "output").open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process.poll() is None, (self.home / "output").read_text(errors="replace")
            assert time.monotonic() < end, "the broker does not start"
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all that belongs to it."""
        assert self.process is not None
        os.killpg(self.process.pid, number)
        if number == signal.SIGKILL:
            self.process.wait()
