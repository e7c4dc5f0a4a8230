"""`python -m suite migration`: let the spike's own tool write a migration for what its tables lack."""

from suite.database import database
from suite.spike import RESULTS, Spike, fresh_secrets, sync


def write(spike: str, name: str) -> None:
    """Write the migration of this name. Raises `UserError` with the tool's last lines when it fails."""
    sync(spike)
    with database(spike) as address:
        environment = {
            **fresh_secrets(),
            "DEBUG": "1",
            "PORT": "1",
            "DATABASE_URL": address,
            "WEBHOOK_URL": "http://127.0.0.1:9/hook",
            "NAME": name,
        }
        log = RESULTS / f"{spike}-migration.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")
        with Spike(spike, environment, log) as it:
            it.must("release")
            it.must("migration")
