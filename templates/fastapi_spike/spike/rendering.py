"""How pages are made: the templates, what they know of the workflow, and how they say no."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel

from spike import workflow
from spike.problems import STATUS, Invalid
from spike.words import INPUTS, NAMES
from spike.workflow import FIELD_LABELS, TRANSITION_LABELS, Refused, Role, State

HOME = f"/{NAMES.path}"
DONE = {"created": "Created.", "saved": "Saved.", "commented": "Your comment is in the history."}
DONE |= {name: f"“{label}” is done." for name, label in TRANSITION_LABELS.items()}

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


def refusal_page(request: Request, refused: Refused) -> Response:
    """What people see when a page is refused: the sign-in, or the reason."""
    if refused.code == "not_signed_in":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        wanted = f"?next={quote(here)}" if request.method == "GET" and here != "/" else ""
        return go(f"/sign-in{wanted}")
    return show(request, "refused.html", refused)


def in_query(wanted: BaseModel, **changed: Any) -> str:
    """The query of an address with these filters, some of them changed; defaults are left out."""
    kept = {**wanted.model_dump(exclude_defaults=True), **changed}
    return urlencode({name: value for name, value in kept.items() if value})


def when(moment: dt.datetime | None) -> str:
    """A moment in words."""
    return f"{moment:%d %b %Y, %H:%M} UTC" if moment else ""


def shown(value: Any, name: str) -> str:
    """A field's value as people read it, whether from a record or from the history's JSON."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{Decimal(value):,.2f}" if INPUTS[name].kind == "money" else str(value)


pages.env.filters.update(when=when, shown=shown)
pages.env.globals.update(
    names=NAMES,
    home=HOME,
    inputs=INPUTS,
    columns=[name for name, field in INPUTS.items() if field.kind != "long_text"][:4],
    labels=FIELD_LABELS,
    choices=getattr(workflow, "CHOICES", {}),
    states={state.value: state.label for state in State},
    state_numbers={state.value: number for number, state in enumerate(State)},
    roles={role.value: role.label for role in Role},
    person_roles=[role for role in Role if role not in workflow.SERVICE_ROLES],
    transition_labels=TRANSITION_LABELS,
    may_create=workflow.may_create,
    administers=workflow.administers,
    in_query=in_query,
)
