"""How pages are made: the templates, what they know of the workflow, and how they say no."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from spike import workflow
from spike.auth import from_own_site
from spike.forms import unsent_in
from spike.problems import STATUS, Invalid
from spike.workflow import FIELD_LABELS, SERVICE_ROLES, TRANSITION_LABELS, Refused, Role, State

DONE = {
    "created": "Created.",
    "saved": "Saved.",
    "commented": "Your comment is in the history.",
    "password": "The password is changed. Sign in with the new one.",
    **{name: f"“{label}” is done." for name, label in TRANSITION_LABELS.items()},
}

pages = Jinja2Templates(Path(__file__).parent / "pages")


def show(request: Request, name: str, refused: Refused | None = None, **context: Any) -> Response:
    """A page; a refusal gives it its status and stands at its top, with what is wrong by field."""
    wrong = refused.errors if isinstance(refused, Invalid) else []
    known = {
        "actor": getattr(request.state, "actor", None),
        "done": DONE.get(request.query_params.get("done", "")),
        "refused": refused,
        "errors": {error["field"]: error["message"] for error in wrong},
        "typed": {},
    }
    status = STATUS[refused.code] if refused else 200
    return pages.TemplateResponse(request, name, known | context, status_code=status)


def go(address: str, done: str = "") -> Response:
    """Lead the browser to another page, which says what was done."""
    return RedirectResponse(f"{address}?done={done}" if done else address, status_code=303)


async def refusal_page(request: Request, refused: Refused) -> Response:
    """What people see when a page is refused: the sign-in, or the reason.

    Where the session has ended in the middle of a form, the sign-in keeps what was typed.
    """
    if refused.code != "not_signed_in":
        return show(request, "refused.html", refused)
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return go(f"/sign-in?{urlencode({'next': request.url.path + query})}")
    try:
        unsent = unsent_in(await request.form()) if from_own_site(request) else []
    except HTTPException:  # what was sent is too large, or no form
        unsent = []
    if not unsent:
        return go("/sign-in")
    ended = Refused(refused.code, "Your session has ended. Sign in, and go on with what you typed.")
    typed = {"next": request.url.path}
    return show(request, "sign_in.html", ended, typed=typed, unsent=unsent)


def in_query(wanted: BaseModel, **changed: Any) -> str:
    """The query of an address with these filters, some of them changed; defaults are left out."""
    kept = {**wanted.model_dump(exclude_defaults=True), **changed}
    return urlencode({name: value for name, value in kept.items() if value})


def when(moment: dt.datetime | None) -> str:
    """A moment in words."""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC" if moment else ""


def shown(value: Any) -> str:
    """A field's value as people read it."""
    match value:
        case None | "":
            return "—"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
        case dt.date():
            return f"{value.day} {value:%b %Y}"
    return str(value)


def money(text: str | None) -> str:
    """An amount of the history, which is text there, as people read it."""
    return shown(text and Decimal(text))


def day(text: str | None) -> str:
    """A date of the history, which is text there, as people read it."""
    return shown(text and dt.date.fromisoformat(text))


pages.env.filters.update({"when": when, "shown": shown, "money": money, "day": day})
KNOWN_TO_PAGES: dict[str, Any] = {
    "states": {state.value: state.label for state in State},
    "roles": {role.value: role.label for role in Role},
    "person_roles": [role for role in Role if role not in SERVICE_ROLES],
    "field_labels": FIELD_LABELS,
    "transition_labels": TRANSITION_LABELS,
    "may_create": workflow.may_create,
    "administers": workflow.administers,
    "in_query": in_query,
}
pages.env.globals.update(KNOWN_TO_PAGES)
