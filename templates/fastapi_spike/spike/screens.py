"""The pages for people: forms and lists around the same services and rules as the API."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from spike import admin_screens, api, auth, queries, schemas, services, workflow
from spike.auth import SignedIn
from spike.database import SessionDep
from spike.dependencies import (
    CurrentActor,
    OwnSite,
    TransitionName,
    VisibleRecord,
    WantedRecords,
)
from spike.forms import SentForm, check, meant, text_of, typed_as, untouched, version_of
from spike.models import Record
from spike.problems import Invalid
from spike.rendering import HOME, go, show
from spike.words import INPUTS
from spike.workflow import Refused

NEXT = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # an address on this site, and nothing cleverer

router = APIRouter()
router.include_router(admin_screens.router)


@router.get("/")
async def home() -> Response:
    """Lead to the list, and by way of it to the sign-in."""
    return go(HOME)


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "") -> Response:
    """Ask for username and password."""
    return show(request, "sign_in.html", typed={"next": next})


@router.post("/sign-in", dependencies=[OwnSite])
async def sign_in(request: Request, session: SessionDep, form: SentForm) -> Response:
    """Sign in, and go where the visitor wanted to."""
    username, wanted = text_of(form, "username"), text_of(form, "next")
    response = go(wanted if NEXT.fullmatch(wanted) else HOME)
    try:
        given = {"username": username, "password": form.get("password")}
        await auth.sign_in(session, request, response, check(schemas.Credentials, given))
    except Refused as refused:
        typed = {"username": username, "next": wanted}
        return show(request, "sign_in.html", refused, typed=typed)
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
    request: Request, session: SessionDep, actor: CurrentActor, wanted: WantedRecords
) -> Response:
    """List the records that the actor may see."""
    page = await queries.page_of(session, queries.filtered(actor, wanted), wanted)
    return show(request, "list.html", page=page, wanted=wanted)


router.add_api_route(f"{HOME}/export.csv", api.export_records)


@router.get(f"{HOME}/new")
async def new_page(request: Request, actor: CurrentActor) -> Response:
    """Ask for the fields of a new record."""
    workflow.check_creation(actor, ())
    return show(request, "form.html", fields=workflow.fields_at_creation(actor))


@router.post(f"{HOME}/new")
async def create(
    request: Request, session: SessionDep, actor: CurrentActor, form: SentForm
) -> Response:
    """Create a record."""
    workflow.check_creation(actor, ())
    fields = workflow.fields_at_creation(actor)
    typed = {name: text_of(form, name) for name in fields}
    try:
        body = check(schemas.RecordCreate, meant(typed))
    except Invalid as refused:
        return show(request, "form.html", refused, fields=fields, typed=typed)
    record = await services.create_record(session, actor, body.model_dump(), body.model_fields_set)
    return go(f"{HOME}/{record.id}", "created")


@router.get(f"{HOME}/{{id:key}}")
async def record_page(
    request: Request, session: SessionDep, actor: CurrentActor, record: VisibleRecord
) -> Response:
    """Show a record, what the actor may do with it now, and its history."""
    return await show_record(request, session, actor, record)


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


@router.post(f"{HOME}/{{id:key}}/transitions/{{name}}")
async def make_transition(
    request: Request,
    name: TransitionName,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
    form: SentForm,
) -> Response:
    """Move the record to another state."""
    typed = {"comment": text_of(form, "comment")}
    try:
        body = check(schemas.TransitionRequest, {"version": version_of(form), **typed})
        await services.make_transition(session, actor, record, name, body.version, body.comment)
    except Refused as refused:
        return await show_record(request, session, actor, record, refused, typed=typed)
    return go(f"{HOME}/{record.id}", name)


@router.post(f"{HOME}/{{id:key}}/comments")
async def add_comment(
    request: Request,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
    form: SentForm,
) -> Response:
    """Leave a comment in the record's history."""
    typed = {"comment": text_of(form, "comment")}
    try:
        body = check(schemas.CommentRequest, typed)
    except Invalid as refused:
        return await show_record(request, session, actor, record, refused, typed=typed)
    await services.add_comment(session, actor, record, body.comment)
    return go(f"{HOME}/{record.id}", "commented")


@router.get(f"{HOME}/{{id:key}}/edit")
async def edit_page(request: Request, actor: CurrentActor, record: VisibleRecord) -> Response:
    """Show the fields that the actor may change now."""
    workflow.check_edit(record, actor, ())
    fields = workflow.editable_fields(record, actor)
    typed = {name: typed_as(getattr(record, name)) for name in fields}
    return show(request, "form.html", record=record, fields=fields, typed=typed)


@router.post(f"{HOME}/{{id:key}}/edit")
async def edit(
    request: Request,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
    form: SentForm,
) -> Response:
    """Save the changed fields; where somebody else was faster, show what they did and ask again."""
    typed = {name: text_of(form, name) for name in INPUTS if name in form}
    seen = version_of(form)
    try:
        body = check(schemas.RecordEdit, {"version": seen, **meant(typed)})
        values = body.model_dump(exclude_unset=True, exclude={"version"})
        await services.edit_record(session, actor, record, seen, values)
    except Refused as refused:
        others = await queries.changes_since(session, record, seen)
        now = typed | untouched(record, typed, others)
        context = {"record": record, "fields": list(typed), "typed": now, "others": others}
        return show(request, "form.html", refused, **context)
    return go(f"{HOME}/{record.id}", "saved")


@router.get("/report")
async def report_page(request: Request, session: SessionDep, actor: CurrentActor) -> Response:
    """Count the visible records in each state."""
    rows = await queries.report(session, actor)
    return show(request, "report.html", rows=rows, money=queries.MONEY_FIELDS)
