"""The JSON API: every endpoint declares what it needs, calls a service, and says what comes back."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from spike import auth, export, queries, schemas, services, workflow
from spike.auth import SignedIn
from spike.database import SessionDep
from spike.dependencies import (
    CurrentActor,
    CurrentAdmin,
    Id,
    KnownUser,
    OwnSite,
    TransitionName,
    VisibleRecord,
    WantedFollowUps,
    WantedRecords,
    WantedUsers,
)
from spike.models import AuditEntry, FollowUp, Record, User
from spike.problems import STATUS
from spike.words import NAMES
from spike.workflow import Refused, Role


class PatientRequest(Request):
    """A request whose malformed JSON is refused with its other errors, after who asks is known."""

    async def json(self) -> Any:
        """The body's JSON, or the body itself where it is none: no model accepts that."""
        try:
            return await super().json()
        except (ValueError, RecursionError):
            return await self.body()


class PatientRoute(APIRoute):
    """A route that reads bodies as `PatientRequest` does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of FastAPI, given a `PatientRequest`."""
        handle = super().get_route_handler()

        async def patiently(request: Request) -> Response:
            return await handle(PatientRequest(request.scope, request.receive))

        return patiently


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of an endpoint's refusals."""
    codes = {status: [code for code in STATUS if STATUS[code] == status] for status in statuses}
    return {s: {"model": schemas.Problem, "description": ", ".join(codes[s])} for s in statuses}


sessions = APIRouter(prefix="/session", tags=["session"], route_class=PatientRoute)
records = APIRouter(prefix=f"/{NAMES.path}", tags=["records"], route_class=PatientRoute)
outbox = APIRouter(prefix="/follow-ups", tags=["follow-ups"], route_class=PatientRoute)
users = APIRouter(prefix="/users", tags=["users"], route_class=PatientRoute)
health = APIRouter()


@health.get("/healthz", responses=refusals(503))
async def healthz(request: Request) -> schemas.Health:
    """Say that the spike is alive, and its database too."""
    try:
        await request.app.state.database.check()
    except Exception as error:  # whatever a driver says when its server has gone
        raise Refused("unavailable", "The database is away. Try again soon.") from error
    return schemas.Health(status="ok")


@sessions.post("", responses=refusals(403, 422, 429), dependencies=[OwnSite])
async def sign_in(
    body: schemas.Credentials, request: Request, response: Response, session: SessionDep
) -> schemas.Session:
    """Sign in with a password; the answer sets a cookie."""
    return session_of(await auth.sign_in(session, request, response, body))


@sessions.get("")
async def who_am_i(actor: CurrentActor) -> schemas.Session:
    """Say who is asking, in which roles, and what they may do."""
    return session_of(actor)


@sessions.delete("", status_code=204, responses=refusals(403))
async def sign_out(request: Request, response: Response, session: SessionDep, actor: CurrentActor):
    """End the session."""
    await auth.sign_out(session, request)
    response.delete_cookie(auth.COOKIE)


def session_of(actor: SignedIn) -> schemas.Session:
    """What the API says of whoever asks."""
    return schemas.Session(
        username=actor.username,
        name=actor.name,
        roles=[Role(role) for role in sorted(actor.roles)],
        csrf_token=actor.csrf_token,
        may=schemas.May(
            create=workflow.may_create(actor),
            see=workflow.sees(actor),
            administer=workflow.administers(actor),
        ),
    )


@records.get("", response_model=schemas.RecordPage, responses=refusals(422))
async def list_records(
    session: SessionDep, actor: CurrentActor, wanted: WantedRecords
) -> queries.Page:
    """List the records that the actor may see, a page at a time."""
    return await queries.page_of(session, queries.filtered(actor, wanted), wanted)


@records.post("", status_code=201, responses=refusals(403, 422))
async def create_record(
    body: schemas.RecordCreate, response: Response, session: SessionDep, actor: CurrentActor
) -> schemas.RecordDetail:
    """Create a record, which belongs to the actor."""
    record = await services.create_record(session, actor, body.model_dump(), body.model_fields_set)
    response.headers["Location"] = f"/api/{NAMES.path}/{record.id}"
    return await detail(session, record, actor)


@records.get(
    "/export.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}} | refusals(422),
)
async def export_records(
    request: Request, actor: CurrentActor, wanted: Annotated[schemas.RecordFilter, Query()]
) -> StreamingResponse:
    """Download the visible records as CSV, with the filters of the list."""
    return StreamingResponse(
        export.stream(request.app.state.database.reading, actor, wanted),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{NAMES.path}.csv"'},
    )


@records.get("/report", response_model=schemas.Report)
async def get_report(session: SessionDep, actor: CurrentActor) -> dict[str, Any]:
    """Count the visible records in each state, with their totals of money."""
    return {"states": await queries.report(session, actor)}


@records.get("/{id:key}", responses=refusals(404))
async def get_record(
    session: SessionDep, actor: CurrentActor, record: VisibleRecord
) -> schemas.RecordDetail:
    """Show a record, and what the actor may do with it now."""
    return await detail(session, record, actor)


@records.patch("/{id:key}", responses=refusals(403, 404, 409, 422))
async def edit_record(
    body: schemas.RecordEdit, session: SessionDep, actor: CurrentActor, record: VisibleRecord
) -> schemas.RecordDetail:
    """Change some fields of a record."""
    values = body.model_dump(exclude_unset=True, exclude={"version"})
    await services.edit_record(session, actor, record, body.version, values)
    return await detail(session, record, actor)


@records.post("/{id:key}/transitions/{name}", responses=refusals(403, 404, 409, 422))
async def make_transition(
    name: TransitionName,
    body: schemas.TransitionRequest,
    session: SessionDep,
    actor: CurrentActor,
    record: VisibleRecord,
) -> schemas.RecordDetail:
    """Move a record to another state."""
    await services.make_transition(session, actor, record, name, body.version, body.comment)
    return await detail(session, record, actor)


@records.post("/{id:key}/comments", status_code=201, responses=refusals(403, 404, 422))
async def add_comment(
    body: schemas.CommentRequest, session: SessionDep, actor: CurrentActor, record: VisibleRecord
) -> schemas.AuditEntry:
    """Leave a comment in a record's history."""
    entry = await services.add_comment(session, actor, record, body.comment)
    return schemas.AuditEntry.model_validate(entry)


@records.get("/{id:key}/history", response_model=schemas.History, responses=refusals(404))
async def get_history(session: SessionDep, record: VisibleRecord) -> dict[str, list[AuditEntry]]:
    """Tell who did what to a record, oldest first."""
    return {"items": await queries.history(session, record)}


async def detail(session: AsyncSession, record: Record, actor: SignedIn) -> schemas.RecordDetail:
    """A record with the transitions and the fields that are open to the actor now."""
    open_now = workflow.available(record, actor, await queries.made_by(session, record))
    return schemas.RecordDetail(
        **dict(schemas.Record.model_validate(record)),
        transitions=[schemas.Transition.model_validate(transition) for transition in open_now],
        editable=workflow.editable_fields(record, actor),
    )


@outbox.get("", response_model=schemas.FollowUpPage, responses=refusals(403, 422))
async def list_follow_ups(
    session: SessionDep, admin: CurrentAdmin, wanted: WantedFollowUps
) -> queries.Page:
    """List the follow-ups and how far their delivery is, newest first."""
    return await queries.page_of(session, queries.follow_ups(wanted), wanted)


@outbox.post("/{id:key}/retry", response_model=schemas.FollowUp, responses=refusals(403, 404, 409))
async def retry_follow_up(session: SessionDep, admin: CurrentAdmin, id: Id) -> FollowUp:
    """Queue a dead follow-up again."""
    return await services.retry_follow_up(session, id)


@users.get("", response_model=schemas.UserPage, responses=refusals(403, 422))
async def list_users(session: SessionDep, admin: CurrentAdmin, wanted: WantedUsers) -> queries.Page:
    """List people and services by username."""
    return await queries.page_of(session, queries.users(), wanted)


@users.post("", response_model=schemas.User, status_code=201, responses=refusals(403, 422))
async def create_user(session: SessionDep, admin: CurrentAdmin, body: schemas.UserCreate) -> User:
    """Add a person."""
    return await auth.add_person(session, body)


@users.patch("/{username}", response_model=schemas.User, responses=refusals(403, 404, 422))
async def edit_user(
    body: schemas.UserEdit, session: SessionDep, admin: CurrentAdmin, user: KnownUser
) -> User:
    """Disable or enable a user, or replace their lasting roles."""
    await services.edit_user(session, user, **body.model_dump(exclude_unset=True))
    return user


@users.post(
    "/{username}/grants",
    response_model=schemas.User,
    status_code=201,
    responses=refusals(403, 404, 422),
)
async def grant_role(
    body: schemas.GrantRequest, session: SessionDep, admin: CurrentAdmin, user: KnownUser
) -> User:
    """Give a person a role until a moment."""
    await services.grant_role(session, user, body.role, body.until)
    return user


api = APIRouter(prefix="/api", responses=refusals(401))
for router in (sessions, records, outbox, users):
    api.include_router(router)
