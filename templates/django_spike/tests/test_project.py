"""The project as a whole: migrations, production, demo data."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from spike.models import User
from spike.workflow import Role

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


def test_a_webhook_secret_that_cannot_be_one_is_refused() -> None:
    checked = manage("check", **PRODUCTION | {"WEBHOOK_SECRET": "whsec_" + "x" * 33})
    assert checked.returncode == 1
    assert "WEBHOOK_SECRET must be base64" in checked.stderr


def test_demo_people_are_for_debug_only() -> None:
    refused = manage("demo", **PRODUCTION)
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1


@pytest.mark.django_db
def test_making_the_demo_people_again_changes_nothing(settings: object) -> None:
    settings.DEBUG = True
    for _ in range(2):
        call_command("demo", verbosity=0)
    assert set(User.objects.values_list("username", "groups__name")) == {(r, r) for r in Role}


def test_every_setting_is_in_the_example() -> None:
    settings = (HERE / "config" / "settings.py").read_text()
    names = re.findall(r"(?:env\.\w+|secret)\(\s*\"([A-Z_]+)\"", settings)
    example = (HERE / ".env.example").read_text()
    assert names
    assert [name for name in names if f"\n{name}=" not in example] == []
