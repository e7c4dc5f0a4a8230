"""The HTTP interface: each endpoint reads its input, asks a service, and shows the result."""

import re
from collections.abc import Callable, Collection

from django.contrib.auth import login, logout
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSet

from spike import auth, export, services, workflow
from spike.models import FollowUp, Record, User
from spike.openapi import LARGEST_ID, operation
from spike.serializers import (
    PATHS,
    AuditEntrySerializer,
    CommentRequestSerializer,
    CredentialsSerializer,
    FilterQuerySerializer,
    FollowUpQuerySerializer,
    FollowUpSerializer,
    GrantRequestSerializer,
    HistorySerializer,
    ListQuerySerializer,
    PageQuerySerializer,
    RecordCreateSerializer,
    RecordDetailSerializer,
    RecordEditSerializer,
    RecordSerializer,
    ReportSerializer,
    SessionSerializer,
    TransitionRequestSerializer,
    UserCreateSerializer,
    UserEditSerializer,
    UserSerializer,
    detail_json,
    page_of,
    record_json,
)


def taken(kind: type[Serializer], data: object) -> dict[str, object]:
    """The validated input. Raises ValidationError."""
    serializer = kind(data=data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def sent(request: Request) -> object:
    """The body's JSON; None, which no serializer takes, for an empty body, where DRF assumes {}."""
    return request.data if int(request.META.get("CONTENT_LENGTH") or 0) else None


def page(
    rows: QuerySet, query: dict[str, int], show: Callable, columns: Collection[str] = ()
) -> Response:
    """The page of rows that the query asks for, each (or its columns) as `show` gives it."""
    number, size = query["page"], query["size"]
    found = rows.values_list(*columns) if columns else rows
    items = [show(row) for row in found[(number - 1) * size : number * size]]
    return Response({"items": items, "total": rows.count(), "page": number, "size": size})


def number(text: str) -> int:
    """The id in a path. Raises Http404 when it cannot be one."""
    if not re.fullmatch("[0-9]{1,19}", text) or not 0 < int(text) <= LARGEST_ID:
        raise Http404
    return int(text)


def session_of(user: User, csrf_token: str | None) -> dict[str, object]:
    """Who the user is, and what they may do at all."""
    actor = user.actor
    may = {
        "create": workflow.may_create(actor),
        "see": workflow.sees(actor),
        "administer": workflow.administers(actor),
    }
    return {
        "username": user.username,
        "name": user.name,
        "roles": sorted(actor.roles),
        "csrf_token": csrf_token,
        "may": may,
    }


class Administers(BasePermission):
    """People who manage users and follow-ups."""

    message = "Only Administrator may do this."

    def has_permission(self, request: Request, view: ViewSet) -> bool:
        return workflow.administers(request.user.actor)


class SessionViews(ViewSet):
    """Signing in and out."""

    def get_authenticators(self) -> list:
        """None for signing in; a cookie that has ended must not stand in its way."""
        signing_in = self.request is not None and self.request.method == "POST"
        return [] if signing_in else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return [] if self.action == "sign_in" else [IsAuthenticated()]

    @operation(SessionSerializer, 401, 403, 422, 429, takes=CredentialsSerializer, auth=[])
    def sign_in(self, request: Request) -> Response:
        """Sign in with a password; the answer sets a session cookie."""
        auth.refuse_foreign(request)
        body = taken(CredentialsSerializer, sent(request))
        user = auth.sign_in(request._request, **body)
        request.session.flush()
        login(request._request, user)
        return Response(session_of(user, get_token(request._request)))

    @operation(SessionSerializer, 401)
    def who_am_i(self, request: Request) -> Response:
        """Who am I, with which roles, and what may I do?"""
        token = None if request.user.is_service else get_token(request._request)
        return Response(session_of(request.user, token))

    @operation(None, 401, 403, status=204)
    def sign_out(self, request: Request) -> Response:
        """End the session."""
        logout(request._request)
        return Response(status=204)


class RecordViews(ViewSet):
    """The records that the caller may see."""

    def visible(self) -> QuerySet[Record]:
        """The records that the caller may see."""
        return Record.objects.visible_to(self.request.user.actor).select_related("owner")

    def get_object(self) -> Record:
        """The record of the path. Raises Http404 when it is not there or not visible."""
        return get_object_or_404(self.visible(), pk=number(self.kwargs["id"]))

    def filtered(self, query: dict[str, object]) -> QuerySet[Record]:
        """The visible records that the query asks for, in its order."""
        records = self.visible()
        if query["state"]:
            records = records.filter(state=query["state"])
        if query["q"]:
            records = records.containing(query["q"])
        return records.order_by(*filter(None, [query["sort"], "-id"]))

    def shown(self, record: Record, status: int = 200) -> Response:
        """The record with what the caller may do with it now."""
        body = detail_json(record, self.request.user.actor)
        return Response(body, status=status)

    @operation(page_of(RecordSerializer), 401, 422, query=ListQuerySerializer)
    def list_records(self, request: Request) -> Response:
        """The records that the caller may see, a page at a time."""
        query = taken(ListQuerySerializer, request.query_params)
        return page(self.filtered(query), query, record_json, columns=PATHS)

    @operation(RecordDetailSerializer, 401, 403, 422, takes=RecordCreateSerializer, status=201)
    def create_record(self, request: Request) -> Response:
        """Create a record, owned by the caller."""
        values = taken(RecordCreateSerializer, sent(request))
        record = services.create(request.user, values)
        response = self.shown(record, status=201)
        response["Location"] = reverse("record", args=[record.pk])
        return response

    @operation(RecordDetailSerializer, 401, 404)
    def get_record(self, request: Request, id: str) -> Response:
        """One record, and what the caller may do with it now."""
        return self.shown(self.get_object())

    @operation(RecordDetailSerializer, 401, 403, 404, 409, 422, takes=RecordEditSerializer)
    def edit_record(self, request: Request, id: str) -> Response:
        """Change some fields of a record."""
        record = self.get_object()
        values = taken(RecordEditSerializer, sent(request))
        return self.shown(services.edit(request.user, record, values.pop("version"), values))

    @operation(RecordDetailSerializer, 401, 403, 404, 409, 422, takes=TransitionRequestSerializer)
    def make_transition(self, request: Request, id: str, name: str) -> Response:
        """Move a record to another state."""
        record = self.get_object()
        if name not in workflow.TRANSITION_LABELS:
            raise Http404
        body = taken(TransitionRequestSerializer, sent(request))
        return self.shown(services.make_transition(request.user, record, name=name, **body))

    @operation(AuditEntrySerializer, 401, 403, 404, 422, takes=CommentRequestSerializer, status=201)
    def add_comment(self, request: Request, id: str) -> Response:
        """Leave a comment in the history of a record."""
        record = self.get_object()
        body = taken(CommentRequestSerializer, sent(request))
        entry = services.add_comment(request.user, record, **body)
        return Response(AuditEntrySerializer(entry).data, status=201)

    @operation(HistorySerializer, 401, 404)
    def get_history(self, request: Request, id: str) -> Response:
        """Who did what to a record, and when, oldest first."""
        entries = services.history(self.get_object())
        return Response({"items": AuditEntrySerializer(entries, many=True).data})

    @operation(OpenApiTypes.STR, 401, 422, query=FilterQuerySerializer, status=(200, "text/csv"))
    def export_records(self, request: Request) -> StreamingHttpResponse:
        """The records that the caller may see as CSV, with the filters of the list."""
        query = taken(FilterQuerySerializer, request.query_params)
        return export.csv_response(self.filtered(query))

    @operation(ReportSerializer, 401)
    def get_report(self, request: Request) -> Response:
        """How many records are in each state, and their totals of money."""
        return Response({"states": export.report(self.visible())})


class FollowUpViews(ViewSet):
    """The outbox, for admins."""

    permission_classes = [IsAuthenticated, Administers]

    @operation(page_of(FollowUpSerializer), 401, 403, 422, query=FollowUpQuerySerializer)
    def list_follow_ups(self, request: Request) -> Response:
        """The follow-ups and how far their delivery is, newest first."""
        query = taken(FollowUpQuerySerializer, request.query_params)
        follow_ups = FollowUp.objects.order_by("-id")
        if query["state"]:
            follow_ups = follow_ups.filter(state=query["state"])
        return page(follow_ups, query, FollowUpSerializer().to_representation)

    @operation(FollowUpSerializer, 401, 403, 404, 409)
    def retry_follow_up(self, request: Request, id: str) -> Response:
        """Queue a dead follow-up again."""
        follow_up = get_object_or_404(FollowUp, pk=number(id))
        return Response(FollowUpSerializer(services.retry(follow_up)).data)


class UserViews(ViewSet):
    """People and services, for admins."""

    permission_classes = [IsAuthenticated, Administers]

    def get_object(self) -> User:
        """The user of the path. Raises Http404."""
        return get_object_or_404(self.users(), username=self.kwargs["username"])

    def users(self) -> QuerySet[User]:
        """All users, with what a user's answer shows."""
        return User.objects.prefetch_related("groups", "grants__role").order_by("username")

    @operation(page_of(UserSerializer), 401, 403, 422, query=PageQuerySerializer)
    def list_users(self, request: Request) -> Response:
        """People and services by username."""
        query = taken(PageQuerySerializer, request.query_params)
        return page(self.users(), query, UserSerializer().to_representation)

    @operation(UserSerializer, 401, 403, 422, takes=UserCreateSerializer, status=201)
    def create_user(self, request: Request) -> Response:
        """Add a person."""
        body = taken(UserCreateSerializer, sent(request))
        try:
            user = services.create_user(**body)
        except IntegrityError:
            raise ValidationError({"username": ["This username is taken."]}) from None
        return Response(UserSerializer(user).data, status=201)

    @operation(UserSerializer, 401, 403, 404, 422, takes=UserEditSerializer)
    def edit_user(self, request: Request, username: str) -> Response:
        """Disable or enable a user, or replace the lasting roles."""
        user = self.get_object()
        services.edit_user(user, **taken(UserEditSerializer, sent(request)))
        return Response(UserSerializer(self.get_object()).data)

    @operation(UserSerializer, 401, 403, 404, 422, takes=GrantRequestSerializer, status=201)
    def grant_role(self, request: Request, username: str) -> Response:
        """Give a person a role until a moment."""
        user = self.get_object()
        services.grant(user, **taken(GrantRequestSerializer, sent(request)))
        return Response(UserSerializer(self.get_object()).data, status=201)
