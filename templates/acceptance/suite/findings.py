"""What `python -m suite fuzz` has found: a line, a `curl` and a test of each."""

import json
import re
import shlex
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from suite.contract import documented
from suite.workflow import Workflow

# What is wrong with the status alone; anything else is in the answer, where a plain test does not look.
OF_THE_STATUS = ("ServerError", "UndefinedStatusCode")


@dataclass(frozen=True)
class Caller:
    """Who asks: a person with these roles, or a service with its one."""

    roles: tuple[str, ...]
    service: bool = False

    def __str__(self) -> str:
        return f"as {'the service' if self.service else 'a person,'} {' and '.join(self.roles)}"


@dataclass(frozen=True)
class Finding:
    """A request whose answer is against a document, and what is wrong with the answer."""

    operation: str  # as the document has it: `PATCH /api/orders/{id}`
    kind: str  # what Schemathesis calls the failure
    title: str
    caller: Caller
    status: int
    address: str  # path and query
    media_type: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.operation} {self.caller}: {self.title}, answered {self.status}"

    @property
    def key(self) -> tuple[str, str, int]:
        """What two findings of the same fault have in common; where the server fails, it fails in many ways."""
        return self.operation, "" if self.status >= 500 else self.kind, self.status

    @property
    def weight(self) -> tuple[int, bool]:
        """What to go by when one of several is told: the shortest request, and the plainest name."""
        return len(self.address) + len(self.body), self.kind != "ServerError"

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.operation.partition(" ")[0]

    @property
    def curl(self) -> str:
        """The request for a shell that knows URL, and TOKEN or CSRF with the file `cookies`."""
        words = ["curl", "-i", "-X", self.method, f'"$URL"{shlex.quote(self.address)}']
        if self.caller.service:
            words += ["-H", '"Authorization: Bearer $TOKEN"']
        else:
            words += ["-b", "cookies", "-H", '"X-CSRF-Token: $CSRF"']
        if self.media_type:
            words += ["-H", shlex.quote(f"Content-Type: {self.media_type}")]
        if self.body:
            words += ["--data-binary", shlex.quote(self.body.decode(errors="backslashreplace"))]
        return " ".join(words)

    def test(self, name: str, flow: Workflow) -> str:
        """A test that asks for the same, of a new record where it was about one."""
        address, record = repr(self.address), False
        about = re.match(rf"{re.escape(flow.path)}/\d+", self.address)
        if about:
            rest = self.address[about.end() :].replace("{", "{{").replace("}", "}}")
            address, record = f"f{flow.path + '/{record.id}' + rest!r}", True
        given = "site: Site"
        lines = [f'    """{self.title}."""']
        if record:
            given += ", workflow: Workflow, record_in: Callable[..., Record]"
            lines.append("    record = record_in(workflow.first_state)")
        asked = [repr(self.method), address, *self._sent(record)]
        who = "service" if self.caller.service else "client_as"
        roles = ", ".join(map(repr, self.caller.roles))
        lines.append(f"    answer = site.{who}({roles}).request({', '.join(asked)})")
        wanted = f"!= {self.status}"
        if self.kind in OF_THE_STATUS:
            wanted = f"in {documented(self.operation)}"
        lines.append(f"    assert answer.status_code {wanted}, answer.text")
        return "\n".join([f"def {name}({given}) -> None:", *lines, ""])

    def _sent(self, of_a_record: bool) -> list[str]:
        """The arguments of the request for its body."""
        if not self.body:
            return []
        try:
            told = json.loads(self.body)
        except ValueError:
            headers = {"Content-Type": self.media_type}
            return [f"content={self.body!r}", f"headers={headers!r}"]
        if of_a_record and isinstance(told, dict) and isinstance(told.get("version"), int):
            told["version"] = 1
        return [f"json={told!r}"]


def read_report(report: Path, caller: Caller) -> Iterator[Finding]:
    """The findings in Schemathesis' report, an event a line."""
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder")
            if recorder is not None:
                yield from _findings(recorder, caller)


def _findings(recorder: dict[str, Any], caller: Caller) -> Iterator[Finding]:
    for case, checks in recorder.get("checks", {}).items():
        sent = recorder["interactions"].get(case)
        for check in checks:
            failure = check.get("failure_info", {}).get("failure")
            if failure is None or sent is None or sent.get("response") is None:
                continue
            request = sent["request"]
            url = urlsplit(request["uri"])
            body = (request.get("body") or {}).get("$base64", "")
            yield Finding(
                operation=failure["operation"],
                kind=failure["type"],
                title=failure["title"],
                caller=caller,
                status=sent["response"]["status_code"],
                address=url.path + (f"?{url.query}" if url.query else ""),
                media_type=request["headers"].get("Content-Type", [""])[0],
                body=b64decode(body),
            )
