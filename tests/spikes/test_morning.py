"""This morning's database is kept, on SQLite and on a server, and a migration that loses something is told."""

from pathlib import Path

import pytest

from .copies import NO_SERVER, SPIKES, Copy, passed

LOSING = {
    "django": (
        "spike/migrations/0002_losing.py",
        """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("spike", "0001_initial")]
    operations = [migrations.RunSQL("UPDATE {table} SET reason = 'gone'")]
""",
    ),
    "fastapi": (
        "migrations/versions/0002_losing.py",
        """
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("UPDATE {table} SET reason = 'gone'")
""",
    ),
}
CASES = [("django", "sqlite"), *((spike, "postgresql") for spike in SPIKES)]
TABLES = {"django": "access_request", "fastapi": "access_requests"}


@pytest.mark.parametrize(("spike", "database"), CASES)
def test_what_a_migration_loses_of_the_morning_is_told(
    copies: dict[str, Copy], tmp_path: Path, spike: str, database: str
) -> None:
    if database not in copies:
        pytest.skip(NO_SERVER)
    copy = copies[database].twin(tmp_path / "copy")
    passed(copy.run("acceptance", "python", "-m", "suite", "morning", spike))
    try:
        assert "3 passed" in passed(copy.suite(spike, "tests/test_morning.py"))
        path, text = LOSING[spike]
        migration = copy.home / f"{spike}_spike" / path
        migration.write_text(text.lstrip().replace("{table}", TABLES[spike]), encoding="utf-8")
        told = copy.suite(spike, "tests/test_morning.py")
        assert "'gone'" in told.stdout
        assert "1 failed, 2 passed" in told.stdout
    finally:
        passed(copy.run("acceptance", "python", "-c", FORGET, spike))


FORGET = """
import json, sys
from suite import database, morning
told = json.loads(morning.kept(sys.argv[1]).read_text())
database.forget(sys.argv[1], told["database"])
"""
