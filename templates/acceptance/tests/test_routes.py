"""Every route of the contract, for every kind of caller: a route without an expectation is a failure."""

from collections.abc import Callable
from typing import Any

import pytest

from suite.client import Client, refused, verdict
from suite.contract import operations
from suite.creation import required
from suite.fixtures import Cast
from suite.parts import ADMIN, Record, Transition
from suite.planner import REASON
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
CALLERS = ("a visitor", "an unknown token", "nobody", *FLOW.roles, ADMIN)
HEALTH = ("/healthz", "/livez")
ALWAYS = {"healthz": "ok", "livez": "ok", "sign_in": "invalid"}
# What is asked for under a number that nothing has.
UNKNOWN = ("retry_follow_up", "get_import", "start_import", "get_bad_rows")
SENSELESS = {"role": "emperor", "until": "never"}


def body_of(operation: str, record: Record) -> Any:
    """A body that would be taken from the right caller, or one that changes nothing."""
    bodies: dict[str, Callable[[], Any]] = {
        "sign_in": lambda: {"nonsense": 1},
        "create_record": required,
        "edit_record": lambda: {"version": record.version},
        "make_transition": lambda: {"version": record.version, "comment": REASON},
        "make_transitions": lambda: {"records": [{"id": record.id, "version": record.version}]},
        "add_comment": lambda: {"comment": REASON},
        "create_user": lambda: {"nonsense": 1},
        "edit_user": lambda: {},
        "grant_role": lambda: SENSELESS,
        "impersonate": lambda: {"nonsense": 1},
    }
    return bodies[operation]() if operation in bodies else None


def expected(operation: str, client: Client, record: Record) -> str:
    """What a signed-in caller is answered."""
    actor = client.actor
    seen = FLOW.visible(actor, record)
    moved = FLOW.answer(actor, record, FLOW.names[0], comment=REASON)
    created = FLOW.refuses_creation(actor, [f.name for f in FLOW.fields.values() if f.required])
    administers = ADMIN in actor.roles
    imports = bool(actor.roles & set(FLOW.importers()))
    answers = {
        "who_am_i": "ok",
        "sign_out": "csrf",  # Sent without the token, so that the session lives on.
        "list_records": "ok",
        "export_records": "ok",
        "get_report": "ok",
        "create_record": created or "ok",
        "get_record": "ok" if seen else "not_found",
        "get_history": "ok" if seen else "not_found",
        "add_comment": "ok" if seen else "not_found",
        "edit_record": FLOW.refuses_edit(actor, record, []) or "ok",
        "make_transition": "ok" if isinstance(moved, Transition) else moved,
        "make_transitions": "ok",  # what comes of each record is in the answer
        "list_imports": "ok" if imports or administers else "forbidden",
        "create_import": "invalid" if imports else "forbidden",
        "get_import": "not_found" if imports or administers else "forbidden",
        "get_bad_rows": "not_found" if imports or administers else "forbidden",
        "start_import": "not_found" if imports else "forbidden",
        "list_follow_ups": "ok" if administers else "forbidden",
        "list_users": "ok" if administers else "forbidden",
        "retry_follow_up": "not_found" if administers else "forbidden",
        "create_user": "invalid" if administers else "forbidden",
        "edit_user": "ok" if administers else "forbidden",
        "grant_role": "invalid" if administers else "forbidden",
        "impersonate": "invalid" if actor.roles & set(FLOW.impersonating) else "forbidden",
        "stop_impersonating": "wrong_state",
        "list_impersonations": "ok" if administers else "forbidden",
    }
    return answers[operation]


def ask(operation: str, client: Client, record: Record) -> str:
    method, path = operations()[operation]
    number = 999_999_999 if operation in UNKNOWN else record.id
    name = FLOW.bulk[0] if operation == "make_transitions" else FLOW.names[0]
    path = path.format(id=number, name=name, username=record.owner)
    body = body_of(operation, record)
    return verdict(client.request(method, path, json=body, csrf=operation != "sign_out"))


@pytest.mark.parametrize("operation", operations())
@pytest.mark.parametrize("caller", CALLERS)
def test_route(site: Site, cast: Cast, caller: str, operation: str) -> None:
    record = site.standing(FLOW.first_state, key="routes")
    if caller in ("a visitor", "an unknown token"):
        client = site.visitor()
        if caller == "an unknown token":
            client.http.headers["Authorization"] = "Bearer nonsense"
        wanted = ALWAYS.get(operation, "not_signed_in")
        if operation == "sign_in" and caller == "an unknown token":
            return
    else:
        if caller in FLOW.service_roles:
            client = site.service(caller)
            if operation in ("sign_in", "sign_out"):
                return
        else:
            client = site.set_roles(cast.other, *(() if caller == "nobody" else (caller,)))
        wanted = ALWAYS.get(operation) or expected(operation, client, record)
    got = ask(operation, client, record)
    assert got == wanted, f"{caller} asks for {operation} → expected {wanted}, got {got}"


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_nothing_can_be_deleted_or_replaced(site: Site, method: str) -> None:
    record = site.standing(FLOW.first_state, key="routes")
    admin = site.admin
    at = admin.at(record)
    entry = admin.history(record).json()["items"][0]["id"]
    for path in (
        FLOW.path,
        at,
        f"{at}/history",
        f"{at}/history/{entry}",
        f"{at}/comments",
        "/api/follow-ups",
        "/api/users",
        f"/api/users/{ADMIN}",
    ):
        answer = admin.request(method, path, json={})
        assert answer.status_code in (404, 405), f"{method} {path} → {answer.status_code}"
    assert verdict(admin.read(record)) == "ok"
    for path in (f"{at}/history", f"{at}/history/{entry}"):
        assert admin.patch(path, {}).status_code in (404, 405), f"PATCH {path}"


def test_a_get_changes_nothing(site: Site) -> None:
    record = site.standing(FLOW.first_state, key="routes")
    for name in FLOW.names:
        answer = site.admin.get(f"{site.admin.at(record)}/transitions/{name}")
        assert answer.status_code in (404, 405), f"GET {name} → {answer.status_code}"
    answer = site.admin.request(
        "GET", site.admin.at(record), headers={"X-HTTP-Method-Override": "DELETE"}
    )
    assert answer.json()["version"] == record.version


def addresses() -> list[str]:
    """The addresses that answer GET, with a number where they need one."""
    return [path for method, path in operations().values() if method == "GET"]


@pytest.mark.parametrize("path", addresses())
def test_head_is_answered_wherever_get_is(site: Site, path: str) -> None:
    record = site.standing(FLOW.first_state, key="routes")
    address = path.format(id=record.id)
    for client in (site.visitor(), site.admin) if path in HEALTH else (site.admin,):
        got, head = client.get(address), client.request("HEAD", address)
        assert head.status_code == got.status_code, f"HEAD {path} → {head.status_code}"
        assert head.headers.get("content-type") == got.headers.get("content-type")
        assert head.content == b"", f"HEAD {path} has a body"


LARGE = b'{"comment": "' + b"x" * 1_000_000 + b'"}'


@pytest.mark.parametrize("sent", ["with its length", "in chunks"])
@pytest.mark.parametrize("path", ["/api/session", FLOW.path, "/comments", "/api/users"])
def test_a_body_over_the_limit_is_refused(site: Site, path: str, sent: str) -> None:
    if path == "/comments":
        path = f"{site.admin.at(site.standing(FLOW.first_state, key='routes'))}{path}"
    client = site.visitor() if path == "/api/session" else site.admin
    headers = {"content-type": "application/json", "connection": "close"}
    if sent == "with its length":
        refused(client.post(path, content=LARGE, headers=headers), "too_large")
    else:  # a server may leave it unread and take it for none, which no right comes from either
        body = iter([LARGE[:600_000], LARGE[600_000:]])
        codes = ("too_large", "invalid", "forbidden")
        refused(client.post(path, content=body, headers=headers), codes)


def test_not_signed_in_comes_before_everything_else(site: Site) -> None:
    record = site.standing(FLOW.first_state, key="routes")
    visitor = site.visitor()
    at = visitor.at(record)
    for answer in (
        visitor.get(f"{FLOW.path}/999999999"),
        visitor.patch(f"{FLOW.path}/999999999", {"nonsense": 1}),
        visitor.patch(at, {"nonsense": 1}),
        visitor.post(f"{at}/comments", {"comment": ""}),
        visitor.get(FLOW.path, state="no_such_state"),
        visitor.post("/api/users", {"nonsense": 1}),
    ):
        refused(answer, "not_signed_in")


@pytest.mark.parametrize("text", ["a%00b", "%1b", "%ff"])
def test_what_no_address_has_is_refused_or_not_found(site: Site, text: str) -> None:
    """A database cannot hold some of these; none may reach it."""
    admin = site.admin
    for answer in (
        admin.get(f"{FLOW.path}/{text}"),
        admin.get(f"{FLOW.path}/{text}/history"),
        admin.patch(f"/api/users/{text}", {"active": True}),
        admin.post(f"/api/follow-ups/{text}/retry"),
        *(admin.request("GET", f"{FLOW.path}?{name}={text}") for name in ("state", "sort", "page")),
        admin.request("GET", f"/api/follow-ups?state={text}"),
    ):
        assert answer.status_code in (400, 404, 422), (
            f"{answer.request.url.raw_path!r} → {answer.status_code}"
        )
    for path in (FLOW.path, f"{FLOW.path}/export.csv"):
        answer = admin.request("GET", f"{path}?q={text}")
        assert answer.status_code in (200, 400, 404, 422), f"{path} → {answer.status_code}"
