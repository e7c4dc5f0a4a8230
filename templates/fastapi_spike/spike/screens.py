"""The pages for people: forms and lists around the same services and rules as the API."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from spike import auth, queries, schemas, services, workflow
from spike.auth import SignedIn
from spike.database import SessionDep
from spike.dependencies import (
    CurrentActor,
    CurrentAdmin,
    Id,
    KnownTransition,
    KnownUser,
    OwnSite,
    VisibleRecord,
)
from spike.export import csv_response
from spike.models import Record
from spike.problems import STATUS, Invalid, in_words
from spike.services import plain
from spike.words import INPUTS, NAMES
from spike.workflow import FIELD_LABELS, TRANSITION_LABELS, Refused, Role, State

HOME = f"/{NAMES.path}"
LIST_FIELDS = [name for name, field in INPUTS.items() if field.kind != "long_text"][:4]
PERSON_ROLES = [role for role in Role if role not in workflow.SERVICE_ROLES]
DONE = {"created": "Created.", "saved": "Saved.", "commented": "Your comment is in the history."}
DONE |= {name: f"“{label}” is done." for name, label in TRANSITION_LABELS.items()}
NEXT = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # an address on this site, and nothing cleverer

Model = TypeVar("Model", bound=BaseModel)

router = APIRouter()
pages = Jinja2Templates(Path(__file__).parent / "pages")


def show(request: Request, name: str, refused: Refused | None = None, **context: Any) -> Response:
    """A page; a refusal gives it its status and stands at its top."""
    context |= {"actor": getattr(request.state, "actor", None), "refused": refused}
    status = STATUS[refused.code] if refused else 200
    return pages.TemplateResponse(request, name, context, status_code=status)


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


async def read_form(request: Request) -> FormData:
    """The form that the browser sent."""
    return await request.form()


SentForm = Annotated[FormData, Depends(read_form)]


def text_of(form: FormData, name: str) -> str:
    """A form's text, with line ends as everywhere else; "" where it is missing or a file."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def check(model: type[Model], values: dict[str, Any]) -> tuple[Model | None, dict[str, str]]:
    """The values as a model, or what is wrong with each field in words."""
    try:
        return model.model_validate(values), {}
    except ValidationError as wrong:
        errors = {error["field"]: error["message"] for error in in_words(wrong.errors())}
        empty = {name for name in errors if values.get(name) in (None, "")}
        return None, errors | dict.fromkeys(empty, "This is needed.")


@router.get("/")
async def home() -> Response:
    """Lead to the list, and by way of it to the sign-in."""
    return go(HOME)


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "") -> Response:
    """Ask for username and password."""
    return show(request, "sign_in.html", next=next, username="")


@router.post("/sign-in", dependencies=[OwnSite])
async def sign_in(request: Request, session: SessionDep, form: SentForm) -> Response:
    """Sign in, and go where the visitor wanted to."""
    typed = {"username": text_of(form, "username"), "password": form.get("password")}
    wanted = text_of(form, "next")
    credentials, _ = check(schemas.Credentials, typed)
    try:
        if credentials is None:
            raise Refused("bad_credentials", "Fill in your username and your password.")
        username, password = credentials.username, credentials.password
        token, _ = await auth.sign_in(session, request, username, password)
    except Refused as refused:
        return show(request, "sign_in.html", refused, next=wanted, username=typed["username"])
    response = go(wanted if NEXT.fullmatch(wanted) else HOME)
    auth.set_cookie(response, request.app.state.settings, token)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, session: SessionDep, actor: CurrentActor) -> Response:
    """End the session."""
    await auth.sign_out(session, request)
    response = go("/sign-in")
    response.delete_cookie(auth.COOKIE)
    return response


@router.get(HOME)
async def list_page(
    request: Request,
    session: SessionDep,
    actor: CurrentActor,
    wanted: Annotated[schemas.RecordQuery, Query()],
) -> Response:
    """List the records that the actor may see."""
    page = await queries.page_of(session, queries.filtered(actor, wanted), wanted)
    return show(request, "list.html", page=page, wanted=wanted, columns=LIST_FIELDS)


@router.get(f"{HOME}/export.csv")
async def export(
    request: Request, actor: CurrentActor, wanted: Annotated[schemas.RecordFilter, Query()]
) -> Response:
    """Download the records of the list, all pages of it."""
    return csv_response(request.app.state.database.reading, actor, wanted)


@router.get(f"{HOME}/new")
async def new_page(request: Request, actor: CurrentActor) -> Response:
    """Ask for the fields of a new record."""
    workflow.check_creation(actor, ())
    fields = workflow.fields_at_creation(actor)
    return show(request, "form.html", fields=fields, typed={}, errors={})


@router.post(f"{HOME}/new")
async def create(
    request: Request, session: SessionDep, actor: CurrentActor, form: SentForm
) -> Response:
    """Create a record."""
    workflow.check_creation(actor, ())
    fields = workflow.fields_at_creation(actor)
    typed = {name: text_of(form, name) for name in fields}
    body, errors = check(schemas.RecordCreate, meant(typed))
    if body is None:
        return show(request, "form.html", wrong(), fields=fields, typed=typed, errors=errors)
    record = await services.create_record(session, actor, body.model_dump(), body.model_fields_set)
    return go(f"{HOME}/{record.id}", "created")


@router.get(f"{HOME}/{{id}}")
async def record_page(
    request: Request,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
    done: str = "",
) -> Response:
    """Show a record, what the actor may do with it now, and its history."""
    return await show_record(request, session, actor, record, done=DONE.get(done, ""))


async def show_record(
    request: Request,
    session: AsyncSession,
    actor: SignedIn,
    record: Record,
    refused: Refused | None = None,
    **context: Any,
) -> Response:
    """The page of a record."""
    made_by = await queries.made_by(session, record)
    return show(
        request,
        "record.html",
        refused,
        record=record,
        editable=workflow.editable_fields(record, actor),
        available=workflow.available(record, actor, made_by),
        blocked=why_not_edit(record, actor) + workflow.blocked(record, actor, made_by),
        history=await queries.history(session, record),
        **context,
    )


def why_not_edit(record: Record, actor: SignedIn) -> list[tuple[str, str]]:
    """Why the page has no edit button, if it has none."""
    try:
        workflow.check_edit(record, actor, ())
    except Refused as refused:
        return [("Edit", refused.detail)]
    return []


@router.post(f"{HOME}/{{id}}/transitions/{{name}}")
async def make_transition(
    request: Request,
    name: KnownTransition,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
    form: SentForm,
) -> Response:
    """Move the record to another state."""
    comment = text_of(form, "comment")
    seen = version_of(form)
    body, errors = check(schemas.TransitionRequest, {"version": seen, "comment": comment})
    try:
        if body is None:
            raise Refused("invalid", " ".join(errors.values()))
        await services.make_transition(session, actor, record, name, seen, body.comment)
    except Refused as refused:
        return await show_record(request, session, actor, record, refused, comment=comment)
    return go(f"{HOME}/{record.id}", name)


@router.post(f"{HOME}/{{id}}/comments")
async def add_comment(
    request: Request,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
    form: SentForm,
) -> Response:
    """Leave a comment in the record's history."""
    comment = text_of(form, "comment")
    body, errors = check(schemas.CommentRequest, {"comment": comment})
    if body is None:
        refused = Refused("invalid", f"Comment: {errors['comment']}")
        return await show_record(request, session, actor, record, refused, comment=comment)
    await services.add_comment(session, actor, record, body.comment)
    return go(f"{HOME}/{record.id}", "commented")


@router.get(f"{HOME}/{{id}}/edit")
async def edit_page(request: Request, actor: CurrentActor, record: VisibleRecord) -> Response:
    """Show the fields that the actor may change now."""
    workflow.check_edit(record, actor, ())
    fields = workflow.editable_fields(record, actor)
    typed = {name: typed_as(getattr(record, name)) for name in fields}
    return show(request, "form.html", record=record, fields=fields, typed=typed, errors={})


@router.post(f"{HOME}/{{id}}/edit")
async def edit(
    request: Request,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
    form: SentForm,
) -> Response:
    """Save the changed fields; where somebody else was faster, show what they did and ask again."""
    fields = [name for name in INPUTS if name in form]
    typed = {name: text_of(form, name) for name in fields}
    seen = version_of(form)
    context = {"record": record, "fields": fields, "typed": typed, "errors": {}}
    body, context["errors"] = check(schemas.RecordEdit, {"version": seen, **meant(typed)})
    if body is None:
        return show(request, "form.html", wrong(), **context, seen=seen)
    values = body.model_dump(exclude_unset=True, exclude={"version"})
    try:
        await services.edit_record(session, actor, record, seen, values)
    except Refused as refused:
        others = await queries.changes_since(session, record, seen)
        context["typed"] = typed | untouched(record, typed, others)
        return show(request, "form.html", refused, **context, others=others)
    return go(f"{HOME}/{record.id}", "saved")


def untouched(record: Record, typed: dict[str, str], others: list[Any]) -> dict[str, str]:
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


def version_of(form: FormData) -> int:
    """The version that the form was made from; 0, which no record has, where it is no number."""
    text = text_of(form, "version")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def typed_as(value: Any) -> str:
    """A value as a form's input holds it."""
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(plain(value))


def meant(typed: dict[str, str]) -> dict[str, Any]:
    """What the typed texts mean; a text that means nothing stays as it is, for the check to name."""
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


def wrong() -> Refused:
    """The refusal of a form whose fields say what is wrong with them."""
    return Refused("invalid", "Some fields need another look.")


@router.get("/report")
async def report_page(request: Request, session: SessionDep, actor: CurrentActor) -> Response:
    """Count the visible records in each state."""
    rows = await queries.report(session, actor)
    return show(request, "report.html", rows=rows, money=queries.MONEY_FIELDS)


@router.get("/admin/users")
async def users_page(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    wanted: Annotated[schemas.Paging, Query()],
    done: str = "",
) -> Response:
    """List people and services, and offer to add a person."""
    return await show_users(request, session, wanted, typed={}, done=DONE.get(done, ""))


async def show_users(
    request: Request, session: AsyncSession, wanted: schemas.Paging, **context: Any
) -> Response:
    """The page of users."""
    page = await queries.page_of(session, queries.users(), wanted)
    return show(request, "users.html", **context, page=page, wanted=wanted)


@router.post("/admin/users")
async def create_user(
    request: Request, session: SessionDep, admin: CurrentAdmin, form: SentForm
) -> Response:
    """Add a person."""
    typed = {"username": text_of(form, "username"), "name": text_of(form, "name")}
    roles = [role for role in form.getlist("roles") if isinstance(role, str)]
    given = {**typed, "password": form.get("password"), "roles": roles}
    body, errors = check(schemas.UserCreate, given)
    refused = wrong()
    if body is not None:
        await session.commit()  # nobody else should wait for argon2
        password_hash = await auth.hash_password(body.password)
        try:
            async with session.begin_nested():
                await services.create_user(
                    session, body.username, body.name, password_hash, body.roles
                )
            return go("/admin/users", "created")
        except Invalid as invalid:
            errors = {error["field"]: error["message"] for error in invalid.errors}
    context = {"typed": typed, "ticked": roles, "errors": errors, "refused": refused}
    return await show_users(request, session, schemas.Paging(), **context)


@router.get("/admin/users/{username}")
async def user_page(
    request: Request, admin: CurrentAdmin, user: KnownUser, done: str = ""
) -> Response:
    """Show a user with their roles and temporary grants."""
    return show(request, "user.html", user=user, typed={}, done=DONE.get(done, ""))


@router.post("/admin/users/{username}")
async def edit_user(
    request: Request, session: SessionDep, admin: CurrentAdmin, user: KnownUser, form: SentForm
) -> Response:
    """Disable or enable a user, and replace their lasting roles."""
    given: dict[str, Any] = {"active": text_of(form, "active") == "true"}
    if not user.service:
        given["roles"] = form.getlist("roles")
    body, _ = check(schemas.UserEdit, given)
    if body is None:
        return show(request, "user.html", wrong(), user=user, typed={})
    await services.edit_user(session, user, **body.model_dump(exclude_unset=True))
    return go(f"/admin/users/{user.username}", "saved")


@router.post("/admin/users/{username}/grants")
async def grant_role(
    request: Request, session: SessionDep, admin: CurrentAdmin, user: KnownUser, form: SentForm
) -> Response:
    """Give a person a role until a moment (UTC)."""
    typed = {name: text_of(form, name) for name in ("role", "until")}
    body, errors = check(schemas.GrantRequest, {**typed, "until": typed["until"] + "Z"})
    if body is None:
        return show(request, "user.html", wrong(), user=user, typed=typed, errors=errors)
    await services.grant_role(session, user, body.role, body.until)
    return go(f"/admin/users/{user.username}", "saved")


@router.get("/admin/follow-ups")
async def follow_ups_page(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    wanted: Annotated[schemas.FollowUpQuery, Query()],
    done: str = "",
) -> Response:
    """List the follow-ups, newest first."""
    page = await queries.page_of(session, queries.follow_ups(wanted), wanted)
    return show(request, "follow_ups.html", page=page, wanted=wanted, done=DONE.get(done, ""))


@router.post("/admin/follow-ups/{id}/retry")
async def retry_follow_up(session: SessionDep, admin: CurrentAdmin, id: Id) -> Response:
    """Queue a dead follow-up again."""
    await services.retry_follow_up(session, id)
    return go("/admin/follow-ups", "saved")


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
    labels=FIELD_LABELS,
    choices=getattr(workflow, "CHOICES", {}),
    states={state.value: state.label for state in State},
    state_numbers={state.value: number for number, state in enumerate(State)},
    roles={role.value: role.label for role in Role},
    person_roles=PERSON_ROLES,
    transition_labels=TRANSITION_LABELS,
    may_create=workflow.may_create,
    administers=workflow.administers,
    in_query=in_query,
)
