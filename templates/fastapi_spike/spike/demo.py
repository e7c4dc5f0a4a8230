"""Demo people: one for each role, with the same password; and a token for each service."""

from spike import auth, services
from spike.database import Database
from spike.queries import find_user
from spike.settings import Settings
from spike.workflow import SERVICE_ROLES, Role


async def load(settings: Settings) -> None:
    """Add the demo's people and tokens where they are missing; ends the process outside debug."""
    if not settings.debug:
        raise SystemExit("Demo people are for debug only: their password is no secret.")
    password_hash = await auth.hash_password(settings.demo_password)
    database = Database(settings)
    async with database.writing.begin() as session:
        for role in Role:
            if role in SERVICE_ROLES:
                await auth.set_token(session, role, f"{role}-{settings.demo_password}")
                continue
            user = await find_user(session, role) or await services.create_user(
                session, role.value, f"{role.label[:90]} (demo)", password_hash, [role.value]
            )
            user.password_hash = password_hash
    await database.dispose()
