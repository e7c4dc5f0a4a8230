"""The mails that a running spike has written into its folder, as a page that the board links."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from twinspike.templating import render

MOST = 200  # mails on the page, the newest ones


@dataclass(frozen=True)
class Mail:
    """One mail: `at` is the moment of its last attempt, or None where it does not say."""

    to: str
    subject: str
    at: datetime | None
    text: str


def html(title: str, folder: Path) -> str:
    """The page of the mails in the folder, the newest first."""
    files = [(path.stat().st_mtime_ns, path) for path in folder.glob("*.eml")]
    newest = [path for _, path in sorted(files, reverse=True)[:MOST]]
    mails = [read(path.read_bytes()) for path in newest]
    return render(
        "day/templates/mails.html.jinja", title=title, folder=folder, mails=mails, count=len(files)
    )


def read(content: bytes) -> Mail:
    """The mail of a file's content."""
    message = message_from_bytes(content, _class=EmailMessage, policy=default)
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        at = None
    body = message.get_body(("plain",))
    text = str(body.get_content()) if isinstance(body, EmailMessage) else ""
    return Mail(str(message["To"]), str(message["Subject"]), at, text)
