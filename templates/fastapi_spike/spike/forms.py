"""What browsers send in forms, and how a record's values stand in them."""

import re
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from spike.models import AuditEntry, Record
from spike.problems import Invalid, in_words
from spike.services import plain
from spike.words import INPUTS

Model = TypeVar("Model", bound=BaseModel)


async def read_form(request: Request) -> FormData:
    """The form that the browser sent."""
    return await request.form()


SentForm = Annotated[FormData, Depends(read_form)]


def text_of(form: FormData, name: str) -> str:
    """A form's text, with line ends as everywhere else; "" where it is missing or a file."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def version_of(form: FormData) -> int:
    """The version that the form was made from; 0, which no record has, where it is no number."""
    text = text_of(form, "version")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def check(model: type[Model], values: dict[str, Any]) -> Model:
    """The values as a model. Raises `Invalid`, with what is wrong in words."""
    try:
        return model.model_validate(values)
    except ValidationError as wrong:
        errors = in_words(wrong.errors())
    for error in errors:
        if values.get(error["field"]) in (None, ""):
            error["message"] = "This is needed."
    raise Invalid(errors)


def typed_as(value: Any) -> str:
    """A value as a form's input holds it."""
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(plain(value))


def meant(typed: dict[str, str]) -> dict[str, Any]:
    """What the typed texts mean; one that means nothing stays as it is, for the check to name."""
    values: dict[str, Any] = {}
    for name, text in typed.items():
        match INPUTS[name].kind:
            case "boolean":
                values[name] = text == "true"
            case "integer" if re.fullmatch(r"[+-]?[0-9]{1,18}", text):
                values[name] = int(text)
            case "integer" | "money" | "date" if not text:
                values[name] = None
            case _:
                values[name] = text
    return values


def untouched(record: Record, typed: dict[str, str], others: list[AuditEntry]) -> dict[str, str]:
    """What others changed in the meantime and this person left as it was, as it is now."""
    before: dict[str, Any] = {}
    for entry in others:
        for change in entry.changes:
            before.setdefault(change["field"], change["old"])
    return {
        name: typed_as(getattr(record, name))
        for name, old in before.items()
        if name in typed and typed[name] == typed_as(old)
    }
