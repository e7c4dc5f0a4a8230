"""New records: who may make one, and from what."""

from contextlib import suppress
from typing import Any

from suite import values as v
from suite.client import Client
from suite.site import Site
from suite.workflow import Actor, Field
from suite.workflow_file import workflow

FLOW = workflow()


def creating() -> list[str]:
    """The roles that create, people first."""
    return [*FLOW.creators(), *FLOW.creators(service=True)]


def creator_of(site: Site, name: str = "") -> Client | None:
    """A client who may fill in the field on a new record."""
    for role in creating():
        client = site.client_as(role)
        if not name or name in FLOW.settable(client.actor):
            return client
    return None


def required() -> dict[str, Any]:
    """A body with every required field and no other."""
    return {f.name: f.write(v.good(f)) for f in FLOW.fields.values() if f.required}


def required_beside(name: str, given: Any) -> dict[str, Any]:
    """The same with a value for one field, and the dates in order with it, if it is a day."""
    values: dict[str, Any] = {f.name: v.good(f) for f in FLOW.fields.values() if f.required}
    with suppress(ValueError):
        day = {name: FLOW.fields[name].read(given)} if FLOW.fields[name].type == "date" else {}
        values = FLOW.put_in_order(values | day, [name])
    return {n: FLOW.fields[n].write(x) for n, x in values.items()} | {name: given}


def settable_fields() -> list[Field]:
    """The fields that somebody may fill in on a new record."""
    return [
        field
        for field in FLOW.fields.values()
        if any(field.name in FLOW.settable(Actor("", frozenset({role}))) for role in creating())
    ]
