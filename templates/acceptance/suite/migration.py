"""`python -m suite migration`: let the spike's own tool write a migration for what its tables lack."""

from collections.abc import Sequence

from suite.database import database
from suite.spike import RESULTS, Spike, fresh_secrets, sync


def write(spike: str, name: str, filled: Sequence[str] = ()) -> None:
    """Write the migration of this name. Raises `UserError` with the tool's last lines when it fails.

    `filled` has what records that exist get in new required fields, for a tool that asks about each: it is
    told to take a value now (1), and which.
    """
    sync(spike)
    with database(spike) as address:
        environment = {
            **fresh_secrets(),
            "DEBUG": "1",
            "PORT": "1",
            "DATABASE_URL": address,
            "WEBHOOK_URL": "http://127.0.0.1:9/hook",
            "NAME": name,
            "ANSWERS": "".join(f"1\n{value}\n" for value in filled),
        }
        log = RESULTS / f"{spike}-migration.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")
        with Spike(spike, environment, log) as it:
            it.must("release")
            it.must("migration")
