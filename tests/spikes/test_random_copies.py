"""Copies of workflows that nobody thought of migrate, agree with their models, and pass the whole suite."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from workflows import workflows

from .copies import SPIKES, Copy, passed

ENVIRONMENT = {
    "DEBUG": "1",
    "DATABASE_URL": "sqlite:///fresh.sqlite3",
    "ALLOWED_HOSTS": "localhost",
}
COMMANDS = {
    "django": [
        ["python", "manage.py", "check"],
        ["python", "manage.py", "migrate", "--no-input", "--verbosity", "0"],
        ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
        [
            "python",
            "manage.py",
            "spectacular",
            "--validate",
            "--fail-on-warn",
            "--file",
            "/dev/null",
        ],
    ],
    "fastapi": [
        ["alembic", "upgrade", "head"],
        ["alembic", "check"],
        ["python", "-c", "from spike.app import create_app; create_app().openapi()"],
    ],
}
# The same ones every time; making a failing example small would take an hour.
SAMPLE = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=4, **SAMPLE)
@given(workflow=workflows())
def test_they_migrate_and_describe_themselves(
    workflow: dict[str, Any], make_copy: Callable[..., Copy]
) -> None:
    copy = make_copy(scenario="own", workflow=workflow)
    for spike, commands in COMMANDS.items():
        for command in commands:
            passed(copy.run(f"{spike}_spike", *command, **ENVIRONMENT))


@settings(max_examples=2, **SAMPLE)
@given(workflow=workflows())
def test_they_pass_the_whole_suite(
    workflow: dict[str, Any], make_copy: Callable[..., Copy]
) -> None:
    copy = make_copy(scenario="own", workflow=workflow)
    with ThreadPoolExecutor(2) as pool:
        for done in list(pool.map(copy.suite, SPIKES)):
            passed(done)
