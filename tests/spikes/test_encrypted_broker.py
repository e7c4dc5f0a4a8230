"""An encrypted connection to Redis: the spikes speak with a broker whose certificate is in order, and no other."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import missing

from .copies import SPIKES, Copy, passed

SETTINGS = {"django": "config.celery", "fastapi": "spike.celery"}
HOST = "/CN=localhost"
NAMES = "subjectAltName=DNS:localhost"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that vouches for itself; its key is beside it."""
    if shutil.which("openssl") is None:
        missing("openssl")
    file = tmp_path_factory.mktemp("certificate") / "host.pem"
    made = ["-keyout", str(file.with_suffix(".key")), "-out", str(file), "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made]
    subprocess.run([*command, "-subj", HOST, "-addext", NAMES], check=True, capture_output=True)
    return file


@pytest.fixture(scope="module")
def redis(certificate: Path) -> Iterator[str]:
    """The address of a Redis that takes encrypted connections only."""
    if shutil.which("redis-server") is None:
        missing("redis-server")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    shown = ["--tls-cert-file", certificate, "--tls-key-file", certificate.with_suffix(".key")]
    options = ["--port", "0", "--tls-port", port, "--tls-auth-clients", "no", "--save", ""]
    command = ["redis-server", *options, *shown, "--tls-ca-cert-file", certificate]
    process = subprocess.Popen(
        [str(each) for each in command], cwd=certificate.parent, stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=2).close()
                break
            except OSError:
                assert process.poll() is None, "redis-server does not start"
                assert time.monotonic() < end, "redis-server does not answer"
                time.sleep(0.05)
        yield f"rediss://localhost:{port}/0"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("spike", SPIKES)
def test_a_broker_without_a_known_certificate_is_away(
    spike: str, make_copy: Callable[..., Copy], certificate: Path, redis: str
) -> None:
    copy = make_copy(queue="celery")

    def answers(**known: str) -> str:
        code = f"from {SETTINGS[spike]} import broker_answers; print(broker_answers())"
        given = {"DEBUG": "1", "BROKER_URL": redis, **known}
        return passed(copy.run(f"{spike}_spike", "python", "-c", code, **given)).strip()

    assert answers(SSL_CERT_FILE=str(certificate)) == "True"
    assert answers() == "False", "whoever stands between spike and broker reads along"
