"""A receiver of webhooks: checks signatures, records deliveries, and fails when it is told to."""

import html
import json
import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from suite.listening import Listening

MOST_BYTES = 1_000_000
# Seconds after which what has not arrived counts as lost.
PATIENCE = float(os.environ.get("SUITE_PATIENCE", "20"))


@dataclass(frozen=True)
class Delivery:
    """One webhook that arrived: `at` and `timestamp` in seconds since 1970, `answered` its status."""

    webhook_id: str
    timestamp: int
    at: float
    body: dict[str, Any]
    verified: bool
    answered: int
    path: str

    @property
    def record_id(self) -> int:
        """Which record it is about; 0 when the body does not say."""
        return int(self.body.get("data", {}).get("id", 0))

    @property
    def name(self) -> str:
        """The follow-up's name, from the type `record.name`."""
        return str(self.body.get("type", "")).rpartition(".")[2]


@dataclass
class Answer:
    """How to answer one delivery; `after` is waited for first, `headers` are added.

    With `drips` a header comes every half second, for a minute, and the answer never ends.
    """

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    after: threading.Event | None = None
    body: bytes = b""
    drips: bool = False


class Receiver(Listening):
    """An HTTP server on 127.0.0.1 that takes webhooks at any path and shows them at `/`.

    `secrets` has the signing secret of each path, as in `{"/django": "whsec_…"}`; `port` 0 is any.
    """

    def __init__(self, secrets: dict[str, str], port: int = 0) -> None:
        self.webhooks = {path: Webhook(secret) for path, secret in secrets.items()}
        self.arrived = threading.Condition()
        self.patience: dict[tuple[int, str], float] = {}
        self._deliveries: list[Delivery] = []
        self._answers: defaultdict[tuple[int, str], list[Answer]] = defaultdict(list)
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        server.daemon_threads = True
        super().__init__(server)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, record_id: int, name: str, *answers: Answer | int) -> None:
        """Answer the next deliveries of this follow-up like this; afterwards with 204 again."""
        given = [Answer(each) if isinstance(each, int) else each for each in answers]
        with self.arrived:
            self._answers[record_id, name].extend(given)

    def of(self, record_id: int, name: str) -> list[Delivery]:
        """The deliveries of a record's follow-up, oldest first."""
        with self.arrived:
            return self._of(record_id, name)

    def _of(self, record_id: int, name: str) -> list[Delivery]:
        return [d for d in self._deliveries if d.record_id == record_id and d.name == name]

    def all(self) -> list[Delivery]:
        """Everything that has arrived, oldest first."""
        with self.arrived:
            return list(self._deliveries)

    def wait(
        self, record_id: int, name: str, count: int, seconds: float = PATIENCE
    ) -> list[Delivery]:
        """The deliveries once there are `count` of them, or fewer when time is up."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self._of(record_id, name)) >= count, seconds)
            return self._of(record_id, name)

    def take(self, path: str, headers: dict[str, str], data: bytes) -> Answer:
        """Record a delivery and say how to answer it."""
        try:
            body = json.loads(data)
            self.webhooks[path].verify(data, headers)
            verified = isinstance(body, dict)
        except (WebhookVerificationError, ValueError, KeyError):
            body, verified = {}, False
        delivery = Delivery(
            webhook_id=headers.get("webhook-id", ""),
            timestamp=_number(headers.get("webhook-timestamp", "")),
            at=time.time(),
            body=body,
            verified=verified,
            answered=0,
            path=path,
        )
        with self.arrived:
            planned = self._answers.get((delivery.record_id, delivery.name)) or [Answer()]
            answer = planned.pop(0) if verified else Answer(400)
            self._deliveries.append(Delivery(**{**vars(delivery), "answered": answer.status}))
            self.arrived.notify_all()
        return answer

    def gave_up(self, record_id: int, name: str, seconds: float) -> float | None:
        """How long the sender bore with an answer that drips, once it has hung up; None until then."""
        with self.arrived:
            key = record_id, name
            self.arrived.wait_for(lambda: key in self.patience, seconds)
            return self.patience.get(key)

    def page(self) -> str:
        """The deliveries as a small page that renews itself."""
        rows = "".join(
            f"<tr><td>{datetime.fromtimestamp(each.at, UTC):%H:%M:%S}</td>"
            f"<td>{html.escape(each.path.strip('/'))}</td>"
            f"<td>{html.escape(each.name)}</td><td>{each.record_id}</td>"
            f"<td>{'yes' if each.verified else 'NO'}</td><td>{each.answered}</td>"
            f"<td><code>{html.escape(json.dumps(each.body.get('data'), ensure_ascii=False))}</code>"
            "</td></tr>"
            for each in reversed(self.all()[-200:])
        )
        return PAGE.replace("ROWS", rows or "<tr><td colspan=7>None yet.</td></tr>")


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Deliveries</title>
<meta http-equiv="refresh" content="3"><meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}
td,th{padding:.3rem .8rem;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}</style>
<h1>Deliveries</h1><p>What the follow-ups have sent, newest first (times in UTC).</p>
<table><tr><th>At<th>From<th>Follow-up<th>Record<th>Signed<th>Answered<th>Data</tr>ROWS</table>
"""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            began = time.monotonic()
            length = min(_number(self.headers.get("content-length", "")), MOST_BYTES)
            headers = {name.lower(): value for name, value in self.headers.items()}
            data = self.rfile.read(length)
            if len(data) < length:  # the sender has died in the middle; nothing was delivered
                self.close_connection = True
                return
            answer = receiver.take(self.path, headers, data)
            if answer.after is not None:
                answer.after.wait(30)
            if answer.drips:
                self.drip(json.loads(data), began)
            else:
                self.reply(answer.status, answer.headers, answer.body)

        def drip(self, body: dict[str, Any], began: float) -> None:
            self.close_connection = True
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while time.monotonic() < began + 60:
                    time.sleep(0.5)
                    self.wfile.write(b"x-more: to come\r\n")
            except OSError:
                key = int(body["data"]["id"]), str(body["type"]).rpartition(".")[2]
                with receiver.arrived:
                    receiver.patience[key] = time.monotonic() - began
                    receiver.arrived.notify_all()

        def do_GET(self) -> None:
            self.reply(200, {"content-type": "text/html; charset=utf-8"}, receiver.page().encode())

        def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204 and "content-length" not in headers:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
