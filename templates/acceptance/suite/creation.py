"""New records: who may make one, and from what."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from suite import values as v
from suite.client import Client
from suite.parts import Actor, Field, Value
from suite.site import Site
from suite.workflow_file import workflow

FLOW = workflow()


def creating() -> list[str]:
    """The roles that create, people first."""
    return [*FLOW.creators(), *FLOW.creators(service=True)]


def creator_of(site: Site, name: str = "") -> Client | None:
    """A client who may fill in the field on a new record, and the one that decides whether it counts."""
    for role in creating():
        client = site.client_as(role)
        if not name or fills_in(client.actor, FLOW.fields[name]):
            return client
    return None


def fills_in(actor: Actor, field: Field) -> bool:
    """Whether the actor may give the field a value on a new record."""
    decides = {field.only_when.field} if field.only_when else set()
    return {field.name, *decides} <= set(FLOW.settable(actor))


def required() -> dict[str, Any]:
    """A body with every required field and no other."""
    return written(v.fitted(FLOW, {f.name: v.good(f) for f in FLOW.fields.values() if f.required}))


def required_beside(name: str, given: Any) -> dict[str, Any]:
    """The same with a value for one field, as JSON has it, and the others so that they fit."""
    field = FLOW.fields[name]
    value = v.good(field)
    with suppress(ValueError, ArithmeticError, TypeError):
        read = field.read(given)
        fits = v.fits(field, read) and not (field.only_when and read == field.empty)
        value = read if field.type == "date" or fits else value
    values = {f.name: v.good(f) for f in FLOW.fields.values() if f.required} | {name: value}
    return written(v.fitted(FLOW, values, [name])) | {name: given}


def written(values: Mapping[str, Value]) -> dict[str, Any]:
    """The values as JSON has them."""
    return {name: FLOW.fields[name].write(value) for name, value in values.items()}


def settable_fields() -> list[Field]:
    """The fields that somebody may fill in on a new record."""
    return [
        field
        for field in FLOW.fields.values()
        if any(fills_in(Actor("", frozenset({role})), field) for role in creating())
    ]
