"""The board: one page that shows the day while it runs, from a local address and as `board.html`."""

import threading
import time
import webbrowser
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from twinspike.console import say
from twinspike.day import mails, plan, record
from twinspike.day.folder import write_whole
from twinspike.day.progress import OPEN, PAUSED, RUNNING
from twinspike.day.running import addresses
from twinspike.day.today import Today, look
from twinspike.errors import UserError
from twinspike.templating import render

PAGE = "board.html"
HOST = "127.0.0.1"
EVERY_SECONDS = 2
MOST_LIGHTS = 14


def html(today: Today, *, served: bool = False) -> str:
    """The page as the day is at this moment; `served` from its address, which has pages of mails too."""
    data = plan.as_data(today)
    changes = [
        {**change, "area": today.areas.get(change["area"], change["area"])}
        for change in data["changes"]
    ]
    for change in changes:
        for told in change["sides"].values():
            told["earlier"] = max(0, len(told["lights"]) - MOST_LIGHTS)
            told["lights"] = told["lights"][-MOST_LIGHTS:]
    return render(
        "day/templates/board.html.jinja",
        project=today.project,
        titles=today.titles,
        changes=changes,
        next={name: _next(today, name) for name in today.frameworks},
        totals={name: _total(changes, name) for name in today.frameworks},
        running=addresses(today.copy, today.frameworks),
        served=served,
        now=record.now(),
        troubles=today.troubles,
        every=EVERY_SECONDS * 1000,
    )


def as_data(today: Today) -> dict[str, Any]:
    """What the page says, for programs: the plan, and where to sign in to what runs."""
    running = addresses(today.copy, today.frameworks)
    return {**plan.as_data(today), "running": {name: vars(at) for name, at in running.items()}}


def _next(today: Today, framework: str) -> dict[str, Any] | None:
    """What the framework's builders have at hand, or take next."""
    change = today.next_change(framework)
    if change is None:
        return None
    state = today.of(change, framework).state
    words = {RUNNING: "Now", PAUSED: "Paused", OPEN: "Next"}
    return {
        "word": words.get(state, "Next"),
        "number": change.number,
        "title": change.title,
        "first": today.builds_first(change) == framework,
    }


def _total(changes: list[dict[str, Any]], framework: str) -> dict[str, Any]:
    sides = [change["sides"][framework] for change in changes]
    return {
        "done": sum(side["state"] == "done" for side in sides),
        "minutes": sum(side["minutes"] for side in sides),
        "lines": sum(side["lines"] or 0 for side in sides),
    }


def write(today: Today) -> Path:
    """Write the page into the copy, to be opened from disk; gives its path."""
    path = write_whole(today.copy / PAGE, html(today))
    path.chmod(0o644)
    return path


def serve(copy: Path, port: int) -> None:
    """Show the page at a local address until Ctrl-C, and keep `board.html` up to date.

    Raises `UserError` when the port is taken.
    """
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(copy))
    except OSError as error:
        raise UserError(f"Port {port} cannot be used ({error.strerror}); add --port 0.") from None
    server.daemon_threads = True
    address = f"http://{HOST}:{server.server_port}/"
    say(f"The board is at {address} Ctrl-C ends it; board.html stays.")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with suppress(webbrowser.Error):
        webbrowser.open(address)

    try:
        while True:
            time.sleep(EVERY_SECONDS)
            with suppress(UserError):  # a file of the day is being edited; the next look may do
                write(look(copy))
    except KeyboardInterrupt:
        server.shutdown()


def _page(copy: Path, path: str) -> str | None:
    """The board at `/`, the mails of a spike that runs at `/mails/NAME`, or None."""
    try:
        today = look(copy)
    except UserError as error:
        return f"<main><p>{error}</p></main>"
    if path == "/":
        return html(today, served=True)
    name = path.removeprefix("/mails/")
    at = addresses(copy, today.frameworks).get(name)
    return mails.html(today.titles[name], Path(at.mails)) if at and at.mails else None


def _handler(copy: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # Another site's page must not read the password by a name that leads here.
            host = (self.headers.get("Host") or "").partition(":")[0]
            page = _page(copy, self.path) if host in (HOST, "localhost") else None
            if page is None:
                self.send_error(404)
                return
            body = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: the terminal is for people."""

    return Handler
