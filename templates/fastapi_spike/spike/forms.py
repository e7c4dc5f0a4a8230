"""What browsers send in forms, checked by the same models as the bodies of the API."""

import re
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from spike.models import AuditEntry
from spike.problems import Invalid, field_errors
from spike.services import as_json

SECRET = re.compile("password|_csrf")

Model = TypeVar("Model", bound=BaseModel)


async def sent_form(request: Request) -> FormData:
    """The form that the browser sent."""
    return await request.form()


SentForm = Annotated[FormData, Depends(sent_form)]


async def typed_in(form: SentForm) -> dict[str, str]:
    """What was typed, with line ends as everywhere else; `_csrf` and `_key` are the page's own."""
    return {
        name: value.replace("\r\n", "\n")
        for name, value in form.items()
        if isinstance(value, str) and not name.startswith("_")
    }


Typed = Annotated[dict[str, str], Depends(typed_in)]


def unsent_in(form: FormData, prefix: str = "") -> list[tuple[str, str]]:
    """What was typed into a form that has to be sent again: no password, and not the old token."""
    return [
        (name.removeprefix(prefix), text)
        for name, text in form.multi_items()
        if isinstance(text, str) and name.startswith(prefix) and not SECRET.search(name)
    ]


def check(model: type[Model], values: dict[str, Any]) -> Model:
    """The values as a model. Raises `Invalid`, with what is wrong in words."""
    try:
        return model.model_validate(values, context="form")
    except ValidationError as wrong:
        raise Invalid(field_errors(wrong.errors())) from None


def as_typed(value: Any) -> str:
    """A value as a form's input holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(as_json(value))


def left_alone(typed: dict[str, str], others: list[AuditEntry]) -> set[str]:
    """The fields that others changed in the meantime and this person left as they were."""
    before: dict[str, Any] = {}
    for entry in others:
        for change in entry.changes:
            before.setdefault(change["field"], change["old"])
    return {name for name, old in before.items() if typed.get(name) == as_typed(old)}
