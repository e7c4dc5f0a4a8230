"""What several tests do with records, whatever the workflow is."""

from typing import Any, NamedTuple

import httpx
from conftest import SignIn

from spike.words import NAMES
from spike.workflow import Role

RECORDS = f"/api/{NAMES.path}"
PAGES = f"/{NAMES.path}"


class Open(NamedTuple):
    """A transition that somebody may make now."""

    client: httpx.AsyncClient
    record: dict[str, Any]
    name: str

    @property
    def address(self) -> str:
        """Where the API takes the transition."""
        return f"{RECORDS}/{self.record['id']}/transitions/{self.name}"

    @property
    def body(self) -> dict[str, Any]:
        """What the API wants to hear."""
        return {"version": self.record["version"], "comment": "Because of a test."}


async def records_of(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every record that the client sees, with what it may do there."""
    page = (await client.get(RECORDS, params={"size": 100})).json()
    return [(await client.get(f"{RECORDS}/{item['id']}")).json() for item in page["items"]]


async def open_transition(sign_in: SignIn) -> Open:
    """The first transition that any of the demo's users may make."""
    for role in Role:
        client = await sign_in(role)
        for record in await records_of(client):
            for transition in record["transitions"]:
                return Open(client, record, transition["name"])
    raise AssertionError("nobody may do anything")
