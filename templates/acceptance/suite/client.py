"""Somebody who talks to a spike over HTTP: a person with a session, a service with a token, a visitor."""

from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from suite.ledger import Ledger
from suite.parts import Actor, Record, Value
from suite.workflow import STATUS, Workflow

PROBLEM = "application/problem+json"
IMPERSONATION = "/api/session/impersonation"


class Client:
    """Signed in as `actor`. Sends the CSRF token where it is needed and keeps the ledger."""

    def __init__(self, url: str, transport: httpx.BaseTransport, ledger: Ledger) -> None:
        self.http = httpx.Client(
            base_url=url, transport=transport, timeout=30, trust_env=False, follow_redirects=False
        )
        self.ledger = ledger
        self.flow: Workflow = ledger.flow
        self.actor = Actor("", frozenset())
        self.csrf: str | None = None

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | str | Iterable[bytes] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        csrf: bool = True,
    ) -> httpx.Response:
        """The spike's answer; without `csrf` the token is left out."""
        sent = dict(headers or {})
        if csrf and self.csrf and method not in ("GET", "HEAD"):
            sent.setdefault("X-CSRF-Token", self.csrf)
        answer = self.http.request(
            method, path, json=json, content=content, files=files, params=params, headers=sent
        )
        kind = answer.headers.get("content-type", "")
        known = answer.json() if "json" in kind and answer.content else None
        self.ledger.hear(f"{method} {path}", answer.status_code, known)
        if answer.is_success and method not in ("GET", "HEAD"):
            given = json if isinstance(json, dict) else {}
            self.ledger.note(self.actor, method, path, given, answer.status_code, known)
        return answer

    def get(self, path: str, **params: Any) -> httpx.Response:
        """GET, with query parameters."""
        return self.request("GET", path, params=params or None)

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """POST with a JSON body."""
        return self.request("POST", path, json=json, **options)

    def patch(self, path: str, json: Any, **options: Any) -> httpx.Response:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        """DELETE."""
        return self.request("DELETE", path, **options)

    def sign_in(self, username: str, password: str, **headers: str) -> httpx.Response:
        """Ask for a session; whoever calls takes it over from the answer."""
        credentials = {"username": username, "password": password}
        return self.post("/api/session", credentials, headers=headers)

    def impersonate(self, username: str, reason: str) -> httpx.Response:
        """Ask to act for somebody; whoever calls takes over from the answer who this is then."""
        return self.post(IMPERSONATION, {"username": username, "reason": reason})

    def stop_impersonating(self) -> httpx.Response:
        """Ask to act for nobody any more."""
        return self.delete(IMPERSONATION)

    # The records

    def records(self, **params: Any) -> httpx.Response:
        """A page of the list."""
        return self.get(self.flow.path, **params)

    def create(self, values: Mapping[str, Value]) -> httpx.Response:
        """Create a record with these Python values."""
        return self.post(self.flow.path, self.written(values))

    def read(self, record: Record) -> httpx.Response:
        """The record, and what this client may do with it."""
        return self.get(self.at(record))

    def edit(
        self, record: Record, values: Mapping[str, Value], version: int | None = None
    ) -> httpx.Response:
        """Change fields; the record's version as the suite knows it, unless another is given."""
        seen = record.version if version is None else version
        return self.patch(self.at(record), {"version": seen, **self.written(values)})

    def move(
        self, record: Record, name: str, comment: str = "", version: int | None = None
    ) -> httpx.Response:
        """Make a transition."""
        seen = record.version if version is None else version
        body = {"version": seen} | ({"comment": comment} if comment else {})
        return self.post(f"{self.at(record)}/transitions/{name}", body)

    def move_many(
        self, name: str, records: Iterable[Record | tuple[int, int]], comment: str = ""
    ) -> httpx.Response:
        """Make a transition of many records, each as the suite knows it or as an id and a version."""
        pairs = [(r.id, r.version) if isinstance(r, Record) else r for r in records]
        seen = [{"id": number, "version": version} for number, version in pairs]
        body = {"records": seen} | ({"comment": comment} if comment else {})
        return self.post(f"{self.flow.path}/transitions/{name}", body)

    def upload(self, content: bytes, name: str = "records.csv") -> httpx.Response:
        """Send a file to import."""
        return self.request("POST", f"{self.flow.path}/imports", files={"file": (name, content)})

    def import_(self, number: int) -> httpx.Response:
        """How far an import is."""
        return self.get(f"{self.flow.path}/imports/{number}")

    def start(self, number: int, *, again: bool = False) -> httpx.Response:
        """Have records made of the good rows of an import."""
        body = {"again": True} if again else None
        return self.post(f"{self.flow.path}/imports/{number}/start", body)

    def comment(self, record: Record, text: str) -> httpx.Response:
        """Leave a comment."""
        return self.post(f"{self.at(record)}/comments", {"comment": text})

    def history(self, record: Record) -> httpx.Response:
        """The record's audit trail."""
        return self.get(f"{self.at(record)}/history")

    def at(self, record: Record) -> str:
        """The path of a record."""
        return f"{self.flow.path}/{record.id}"

    def written(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """Python values as JSON has them."""
        return {name: self.flow.fields[name].write(value) for name, value in values.items()}


def expect(condition: object, message: str) -> None:
    """Fail with the message unless the condition holds, also where Python leaves `assert` out."""
    if not condition:
        raise AssertionError(message)


def verdict(answer: httpx.Response) -> str:
    """`ok`, or the code of a refusal, whose form is checked on the way."""
    if answer.is_success:
        return "ok"
    where = f"{answer.request.method} {answer.request.url.path} → {answer.status_code}"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    expect(kind == PROBLEM, f"{where}: the answer is {kind or 'empty'}, not {PROBLEM}")
    body = answer.json()
    missing = {"type", "title", "status", "code", "detail"} - set(body)
    expect(not missing, f"{where}: the problem lacks {', '.join(sorted(missing))}")
    expect(body["status"] == answer.status_code, f"{where}: the body says {body['status']}")
    code = str(body["code"])
    expected = STATUS.get(code, answer.status_code)
    expect(answer.status_code == expected, f"{where}: {code} should be {expected}")
    return code


def refused(
    answer: httpx.Response, code: str | tuple[str, ...], saying: str = ""
) -> dict[str, Any]:
    """Fail unless the request was refused with this code, or one of these; give the problem."""
    about = saying or f"{answer.request.method} {answer.request.url.path}"
    codes = (code,) if isinstance(code, str) else code
    got = verdict(answer)
    expect(got in codes, f"{about} → expected {' or '.join(codes)}, got {got}")
    return dict(answer.json())


def accepted(answer: httpx.Response, saying: str = "") -> Any:
    """Fail unless the request was accepted; give its JSON (None when there is none)."""
    about = saying or f"{answer.request.method} {answer.request.url.path}"
    got = verdict(answer)
    expect(got == "ok", f"{about} → expected it to be accepted, got {got}: {answer.text[:300]}")
    return answer.json() if answer.content else None
