"""The pages for administrators: people with their roles, and the follow-ups."""

from typing import Any

from fastapi import APIRouter, Request, Response

from spike import auth, follow_ups, queries, schemas, services
from spike.database import SessionDep
from spike.dependencies import AdminOnly, Id, KnownUser
from spike.forms import SentForm, Typed, check
from spike.problems import Invalid
from spike.rendering import go, show

router = APIRouter(prefix="/admin", dependencies=[AdminOnly])


@router.get("/users")
async def users_page(request: Request, session: SessionDep, wanted: schemas.FoundUsers) -> Response:
    """List people and services, and offer to add a person."""
    page = await queries.page_of(session, queries.search_users(wanted), wanted)
    return show(request, "users.html", page=page, wanted=wanted)


@router.post("/users")
async def create_user(
    request: Request, session: SessionDep, form: SentForm, typed: Typed
) -> Response:
    """Add a person."""
    given = {**typed, "roles": form.getlist("roles")}
    try:
        body = check(schemas.UserCreate, given)
        await auth.add_person(session, body)
    except Invalid as refused:
        wanted = schemas.UserQuery()
        page = await queries.page_of(session, queries.list_users(), wanted)
        return show(request, "users.html", refused, page=page, wanted=wanted, typed=given)
    return go("/admin/users", "created")


@router.get("/users/{username}")
async def user_page(request: Request, user: KnownUser) -> Response:
    """Show a user with their roles and temporary grants."""
    return show(request, "user.html", user=user)


@router.post("/users/{username}")
async def edit_user(session: SessionDep, user: KnownUser, form: SentForm) -> Response:
    """Disable or enable a user, and replace their lasting roles."""
    given: dict[str, Any] = {"active": "active" in form}
    if not user.service:
        given["roles"] = form.getlist("roles")
    body = check(schemas.UserEdit, given)
    await services.edit_user(session, user, **body.model_dump(exclude_unset=True))
    return go(f"/admin/users/{user.username}", "saved")


@router.post("/users/{username}/grants")
async def grant_role(
    request: Request, session: SessionDep, user: KnownUser, typed: Typed
) -> Response:
    """Give a person a role until a moment (UTC)."""
    try:
        body = check(schemas.GrantRequest, {**typed, "until": typed.get("until", "") + "Z"})
        await services.grant_role(session, user, body.role, body.until)
    except Invalid as refused:
        return show(request, "user.html", refused, user=user, typed=typed)
    return go(f"/admin/users/{user.username}", "saved")


@router.post("/users/{username}/grants/{id}/end")
async def end_grant(session: SessionDep, user: KnownUser, id: Id) -> Response:
    """Take a temporary role back."""
    await services.end_grant(session, user, id)
    return go(f"/admin/users/{user.username}", "saved")


@router.post("/users/{username}/password")
async def reset_password(
    request: Request, session: SessionDep, user: KnownUser, typed: Typed
) -> Response:
    """Give a person another password; they are signed out everywhere."""
    try:
        await auth.change_password(session, user.username, check(schemas.PasswordReset, typed))
    except Invalid as refused:
        return show(request, "user.html", refused, user=user)
    return go(f"/admin/users/{user.username}", "saved")


@router.get("/audit")
async def audit_page(
    request: Request, session: SessionDep, wanted: schemas.WantedEntries
) -> Response:
    """List what happened to all records, newest first."""
    page = await queries.page_of(session, queries.list_entries(wanted), wanted)
    return show(request, "audit.html", page=page, wanted=wanted)


@router.get("/follow-ups")
async def follow_ups_page(
    request: Request, session: SessionDep, wanted: schemas.WantedFollowUps
) -> Response:
    """List the follow-ups, newest first."""
    page = await queries.page_of(session, queries.list_follow_ups(wanted.state), wanted)
    return show(request, "follow_ups.html", page=page, wanted=wanted)


@router.post("/follow-ups/{id}/retry")
async def retry_follow_up(session: SessionDep, id: Id) -> Response:
    """Queue a dead follow-up again."""
    await follow_ups.retry_follow_up(session, id)
    return go("/admin/follow-ups", "saved")
