"""The project as a whole: migrations, production, demo data."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from spike.models import Record
from spike.workflow import State

HERE = Path(__file__).parent.parent
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "an-unlikely-long-text-with-many-different-letters-0123456789",
    "WEBHOOK_SECRET": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "ALLOWED_HOSTS": "spike.example",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A management command in an environment of its own."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=HERE,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.django_db
def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_production_settings_pass_djangos_checks() -> None:
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "WEBHOOK_SECRET"])
@pytest.mark.parametrize("value", ["change-me", "short"])
def test_production_refuses_a_weak_secret(name: str, value: str) -> None:
    checked = manage("check", **PRODUCTION | {name: value})
    assert checked.returncode == 1
    assert f"{name} must be a secret" in checked.stderr


def test_demo_data_are_for_debug_only() -> None:
    refused = manage("demo", **PRODUCTION)
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1


def test_demo_data_reach_every_state_and_load_once(db: None, settings: object) -> None:
    settings.DEBUG = True
    for _ in range(2):
        call_command("demo", verbosity=0)
        counts = {state: Record.objects.filter(state=state).count() for state in State}
        assert set(counts.values()) == {3}
