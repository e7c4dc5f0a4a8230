"""Commands: `python -m spike --help`."""

import argparse
import asyncio
import getpass
import logging
import signal
from contextlib import suppress

import httpx
from sqlalchemy.exc import SQLAlchemyError

from spike import auth, demo, follow_ups, services
from spike.database import Database
from spike.settings import Settings, load_settings
from spike.workflow import SERVICE_ROLES, Refused, Role

DELIVERIES_AT_ONCE = 5  # so that a slow receiver holds up no others

log = logging.getLogger(__name__)


async def deliver(settings: Settings) -> None:
    """Deliver follow-ups as they become due, until a signal; what has begun by then is finished."""
    database, stopping, turn = Database(settings), asyncio.Event(), asyncio.Lock()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    if not settings.webhook_url:
        log.warning("WEBHOOK_URL is empty: follow-ups stay queued.")
        await stopping.wait()

    async def work(client: httpx.AsyncClient) -> None:
        while not stopping.is_set():
            async with turn:  # they wait in turn, so that together they look once in POLL_SECONDS
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), settings.poll_seconds)
            try:
                await follow_ups.deliver_due(database, client, settings, stopping.is_set)
            except (SQLAlchemyError, OSError) as error:
                log.error("The database does not answer: %s", error)

    # trust_env: a proxy of whoever starts the worker is not meant for it.
    async with httpx.AsyncClient(timeout=follow_ups.DEADLINE, trust_env=False) as client:
        await asyncio.gather(*(work(client) for _ in range(DELIVERIES_AT_ONCE)))
    await database.dispose()


async def new_service_token(settings: Settings, name: str) -> str:
    """A new token for the service account of this name, which is a service's role."""
    async with Database(settings).writing.begin() as session:
        return await auth.new_token(session, Role(name))


async def new_admin(settings: Settings, username: str, password: str) -> None:
    """Add the first administrator, who adds everybody else on the screens."""
    password_hash = await auth.hash_password(password)
    async with Database(settings).writing.begin() as session:
        await services.create_user(session, username, username, password_hash, [Role.ADMIN])


def main() -> None:
    """Run the command of the command line."""
    parser = argparse.ArgumentParser(prog="python -m spike", description="The spike's commands.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="add the demo people (in debug only)")
    commands.add_parser("deliver", help="deliver follow-ups until stopped")
    token = commands.add_parser("service_token", help="print a new token of a service, once")
    token.add_argument("name", choices=sorted(SERVICE_ROLES))
    admin = commands.add_parser("admin", help="add an administrator")
    admin.add_argument("username")
    arguments = parser.parse_args()
    settings = load_settings()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        match arguments.command:
            case "demo":
                asyncio.run(demo.load(settings))
            case "deliver":
                asyncio.run(deliver(settings))
            case "service_token":
                print(asyncio.run(new_service_token(settings, arguments.name)))
            case "admin":
                asyncio.run(new_admin(settings, arguments.username, getpass.getpass()))
    except Refused as refused:
        raise SystemExit(refused.detail) from None


if __name__ == "__main__":
    main()
