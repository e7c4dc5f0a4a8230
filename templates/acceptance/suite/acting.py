"""Two people, one of whom acts for the other, by the workflow, and what their sessions say of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from suite.client import Client, accepted, expect
from suite.parts import Record
from suite.plan import way_to
from suite.planner import REASON
from suite.site import Site
from suite.workflow_file import workflow

FLOW = workflow()
PAIRS = [
    (role, other) for role in FLOW.impersonating for other in sorted(FLOW.roles[role].impersonates)
]
FIRST = PAIRS[:1]
HALF_AN_HOUR = timedelta(minutes=30)
STOP = "stop"
Ago = Callable[[timedelta], Site]


def names(pair: tuple[str, str]) -> str:
    return f"{pair[0]} for {pair[1]}"


every_pair = pytest.mark.parametrize("pair", PAIRS, ids=names)
one_pair = pytest.mark.parametrize("pair", FIRST, ids=names)


@dataclass
class Two:
    """Somebody who may act for others, and one of those, both signed in."""

    site: Site
    helper: Client
    person: Client

    @contextmanager
    def acting(self, reason: str = REASON) -> Iterator[Client]:
        """The helper while they act for the person, and themselves again afterwards."""
        own = self.helper.actor
        accepted(self.helper.impersonate(self.person.actor.username, reason), "acting for somebody")
        self.helper.actor = replace(self.person.actor, impersonator=own.username)
        try:
            yield self.helper
        finally:
            self.helper.actor = own
            self.helper.stop_impersonating()


Pair = Callable[[tuple[str, str]], Two]


def who(client: Client) -> tuple[str, str | None]:
    """Whose session it is, and who acts for them."""
    session = accepted(client.get("/api/session"))
    impersonator = session["impersonator"]
    return session["username"], impersonator and impersonator["username"]


def is_oneself(client: Client, why: str = "") -> None:
    """Raises AssertionError unless the client acts for nobody."""
    session = accepted(client.get("/api/session"), why)
    acting = (session["impersonator"], session["impersonation_ends_at"])
    expect(session["username"] == client.actor.username, f"still somebody else: {why}")
    expect(acting == (None, None), f"still acting for somebody: {acting}")
    expect(set(session["roles"]) == client.actor.roles, f"with the roles {session['roles']}")


def newest(site: Site, **params: Any) -> dict[str, Any]:
    """The newest of those who acted for somebody."""
    return accepted(site.admin.get("/api/impersonations", **params, size=1))["items"][0]


def some_records(site: Site, person: Client) -> list[Record]:
    """Records in every state: those of the person, where they create, and others'."""
    creates = any(FLOW.roles[role].creates for role in person.actor.roles)
    found = []
    for state in FLOW.states:
        if way_to(state) is not None:
            found.append(site.standing(state, key="impersonates"))
        if creates and any(way_to(state, creator=role) for role in person.actor.roles):
            found.append(site.standing(state, owner=person))
    return found
