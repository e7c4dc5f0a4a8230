"""The containers that a copy may have: valid by their own rules, and what runs in them runs, as far as without an image.

Nothing here builds an image: what a Dockerfile says is done in a folder of this machine, with its Python.
"""

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from .copies import EVERY_WORD, SPIKES, UV, answers_for
from .test_copies import STATEMENT

SECRETS = {
    "SECRET_KEY": secrets.token_urlsafe(48),
    "WEBHOOK_SECRET": b64encode(secrets.token_bytes(32)).decode(),
    "POSTGRES_PASSWORD": "of-a-database-that-is-not-here",
    "ALLOWED_HOSTS": "spikes.example.org,localhost",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "DJANGO_PUBLIC_URL": "https://django.example",
    "FASTAPI_PUBLIC_URL": "https://fastapi.example",
}
STYLES = {"django": "/static/admin/css/base.css", "fastapi": "/static/style.css"}
PAGES = {"django": "/admin/login/", "fastapi": "/sign-in"}
READY_SECONDS = 60
# compose.yml gives them 30 s; a web process that has nothing to do needs none of them.
STOP_SECONDS = 10


@pytest.fixture(scope="module")
def made(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with containers, of the workflow that has every setting."""
    answers = {"containers": True, "database": "postgresql", **answers_for(EVERY_WORD)}
    return render(tmp_path_factory.mktemp("containers") / "copy", **answers)


def composed(copy: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What compose.yml says with these variables. Raises `KeyError` where one is needed that is not there."""

    def value(found: re.Match[str]) -> str:
        name, sign, default = found.groups()
        if environment.get(name):
            return environment[name]
        if sign == ":?":
            raise KeyError(name)
        return default

    text = (copy / "compose.yml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text))


def instructions(copy: Path, spike: str) -> list[tuple[str, str]]:
    """What the spike's Dockerfile says, line by line."""
    lines = (copy / f"{spike}_spike" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    split = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in split]


@pytest.mark.parametrize("spike", SPIKES)
def test_its_dockerfile_is_in_order(made: Path, spike: str) -> None:
    program = Path(sys.executable).with_name("hadolint")
    command = [program, made / f"{spike}_spike" / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = instructions(made, spike)
    stages = [number for number, (name, _) in enumerate(said) if name == "FROM"]
    final = dict(said[stages[-1] :])
    assert len(stages) == 2
    assert int(final["USER"]) > 0, "it runs as root"
    assert isinstance(json.loads(final["CMD"]), list), "signals would reach a shell"


def valid(copy: Path) -> None:
    """Fail unless the file is one that compose takes."""
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.compose-spec", copy / "compose.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_takes_its_file(made: Path) -> None:
    valid(made)


def test_with_celery_there_is_a_broker_and_what_asks_it(
    render: Callable[..., Path], tmp_path: Path
) -> None:
    copy = render(tmp_path / "copy", containers=True, database="postgresql", queue="celery")
    valid(copy)
    services = composed(copy, SECRETS)["services"]
    for spike in SPIKES:
        lines = (copy / f"{spike}_spike" / "Procfile").read_text(encoding="utf-8").splitlines()
        procfile = {line.partition(": ")[0]: line.partition(": ")[2] for line in lines}
        for kind in ("worker", "beat"):
            service = services[f"{spike}-{kind}"]
            assert service["depends_on"]["broker"] == {"condition": "service_healthy"}
            beside_one_another = re.sub(r" --hostname \S+", "", procfile[kind])
            assert service["command"] == shlex.split(beside_one_another)
        assert service["environment"]["BROKER_URL"].startswith("redis://broker")
    queues = {services[f"{spike}-web"]["environment"]["QUEUE_NAME"] for spike in SPIKES}
    assert len(queues) == len(SPIKES)


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_starts_without_what_has_no_value(made: Path, name: str) -> None:
    with pytest.raises(KeyError, match=name):
        composed(made, {**SECRETS, name: ""})


def test_an_example_has_each_variable(made: Path) -> None:
    asked = set(re.findall(r"\$\{(\w+)", (made / "compose.yml").read_text(encoding="utf-8")))
    told = re.findall(r"(?m)^(\w+)=", (made / ".env.example").read_text(encoding="utf-8"))
    assert asked == set(told)


@pytest.mark.parametrize("spike", SPIKES)
def test_web_and_worker_wait_for_the_release(made: Path, spike: str) -> None:
    services = composed(made, SECRETS)["services"]
    release = {f"{spike}-release": {"condition": "service_completed_successfully"}}
    for kind in ("web", "worker"):
        assert services[f"{spike}-{kind}"]["depends_on"] == release
    database = {f"{spike}-database": {"condition": "service_healthy"}}
    assert services[f"{spike}-release"]["depends_on"] == database


class Image:
    """A folder with what the spike's image has in `/spike`, and its environment."""

    def __init__(self, copy: Path, spike: str, home: Path, variables: dict[str, str]) -> None:
        self.home = home / "spike"
        self.environment = {"PATH": f"{Path(UV).parent}{os.pathsep}{os.environ['PATH']}"}
        self.environment |= {n: x for n, x in os.environ.items() if n.startswith(("UV_", "SSL_"))}
        self.environment |= {"HOME": os.environ["HOME"], "UV_PYTHON_DOWNLOADS": "never"}
        ignored = (copy / f"{spike}_spike" / ".dockerignore").read_text(encoding="utf-8").split()
        said = instructions(copy, spike)
        for name, rest in said:
            if name == "COPY" and rest == ". .":
                names = [line.removeprefix("**/") for line in ignored]
                leave = shutil.ignore_patterns(*names)
                source = copy / f"{spike}_spike"
                shutil.copytree(source, self.home, dirs_exist_ok=True, ignore=leave)
            elif name == "COPY" and rest.startswith("pyproject.toml"):
                self.home.mkdir(parents=True)
                shutil.copy(copy / f"{spike}_spike" / "pyproject.toml", self.home)
            elif name == "ENV":
                for each in shlex.split(rest):
                    variable, _, value = each.partition("=")
                    old = self.environment.get(variable, "")
                    value = value.replace(f"${variable}", old)
                    self.environment[variable] = self.here(value)
            elif name == "RUN" and not rest.startswith("pip install"):  # uv is here already
                done = self.start(["sh", "-ec", rest])
                assert done.wait() == 0, rest
        self.environment |= variables
        self.said = dict(said)

    def here(self, text: str) -> str:
        """The text with the image's folder where it is here."""
        return re.sub(r"/spike\b", lambda _: str(self.home), text)

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a command in the image."""
        return subprocess.Popen(
            command, cwd=self.home, env=self.environment, stdin=subprocess.DEVNULL
        )


def answered(url: str, path: str) -> int:
    """The status of the answer, 0 when there is none."""
    try:
        return httpx.get(url + path, headers={"Host": "localhost"}, trust_env=False).status_code
    except httpx.TransportError:
        return 0


def ended_well(process: subprocess.Popen[bytes]) -> None:
    """Assert that the process ends soon when it is asked to, as its container does."""
    assert process.poll() is None, "it has ended by itself"
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS) in (0, -signal.SIGTERM)


@pytest.mark.parametrize("spike", SPIKES)
def test_what_is_said_for_it_works(made: Path, spike: str, server: str, tmp_path: Path) -> None:
    composing = composed(made, {**SECRETS, "WEBHOOK_URL": "http://127.0.0.1:9/hook"})
    port, name = free_port(), f"containers_{secrets.token_hex(4)}"
    variables = {n: str(x) for n, x in composing[f"x-{spike}"]["environment"].items()}
    variables["DATABASE_URL"] = f"{server}/{name}"
    image = Image(made, spike, tmp_path, variables)

    def run(*command: str) -> int:
        return image.start([*command]).wait()

    def on_server(statement: str) -> None:
        assert run("python", "-c", STATEMENT, server, statement) == 0

    def written(instruction: str) -> list[str]:
        found = image.said[instruction].removeprefix("CMD ").replace("8000", str(port))
        return json.loads(found)

    on_server(f"CREATE DATABASE {name}")
    started: list[subprocess.Popen[bytes]] = []
    try:
        started = [web := image.start(written("CMD"))]
        started += [worker := image.start(composing["services"][f"{spike}-worker"]["command"])]
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + READY_SECONDS
        while answered(url, "/livez") != 200:
            assert web.poll() is None, "it does not start"
            assert time.monotonic() < end, "it is not alive"
            time.sleep(0.1)
        assert run(*written("HEALTHCHECK")) == 0
        assert answered(url, "/healthz") == 503, "it is ready before its migrations"
        assert run(*composing["services"][f"{spike}-release"]["command"]) == 0
        assert answered(url, "/healthz") == 200
        for path in (PAGES[spike], STYLES[spike]):
            assert answered(url, path) == 200, f"{path} is not there"
        ended_well(worker)
        ended_well(web)
        assert run(*written("HEALTHCHECK")) != 0
    finally:
        for process in started:
            process.kill()
            process.wait()
        on_server(f"DROP DATABASE {name} WITH (FORCE)")
    if spike == "django":
        assert (image.home / "collected" / "admin" / "css" / "base.css").is_file()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
