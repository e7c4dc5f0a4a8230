"""A mail server of the suite's own: takes mails, shows them to tests, and fails when it is told to."""

import email
import email.policy
import re
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import cast

from suite.listening import Listening
from suite.receiver import PATIENCE

DRIPS = 40  # lines of an answer that does not end, one every half second
LINK = re.compile(r"^https?://\S+$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """One mail that was handed over: `at` in seconds since 1970, `answered` the code, 0 for none."""

    to: tuple[str, ...]
    message: EmailMessage
    raw: bytes
    at: float
    answered: int

    @property
    def id(self) -> str:
        """Its `Message-ID`, without brackets and domain."""
        return str(self.message["Message-ID"] or "").strip("<> ").partition("@")[0]

    @property
    def text(self) -> str:
        """What people read."""
        return str(self.message.get_content())

    @property
    def link(self) -> str:
        """The last address in the text."""
        return ["", *LINK.findall(self.text.replace("\r\n", "\n"))][-1]

    @property
    def dated(self) -> float:
        """Its `Date`, in seconds since 1970."""
        return parsedate_to_datetime(str(self.message["Date"])).timestamp()


@dataclass
class Reply:
    """How to answer one mail; `after` is waited for first.

    With code 0 the connection is closed. With `drips` the answer does not end for twenty seconds, and then it is
    no answer. With `at_once` the recipient is refused before the mail has come.
    """

    code: int = 250
    after: threading.Event | None = None
    drips: bool = False
    at_once: bool = False


class Mailbox(Listening):
    """An SMTP server on 127.0.0.1, at a port of its own, or at any with 0."""

    def __init__(self, port: int = 0) -> None:
        self.arrived = threading.Condition(threading.RLock())
        self._mails: list[Mail] = []
        self._replies: defaultdict[tuple[str, str], list[Reply]] = defaultdict(list)
        server = _Server(("127.0.0.1", port), _Conversation)
        server.mailbox = self
        super().__init__(server)

    @property
    def url(self) -> str:
        """What `SMTP_URL` says."""
        return f"smtp://127.0.0.1:{self.port}"

    def answer(self, address: str, link: str, *replies: Reply | int) -> None:
        """Answer the next mails with this link to this address like this; afterwards take them again."""
        with self.arrived:
            for reply in (Reply(each) if isinstance(each, int) else each for each in replies):
                self._replies[address, "" if reply.at_once else link].append(reply)

    def all(self) -> list[Mail]:
        """Every mail that was handed over, oldest first."""
        with self.arrived:
            return list(self._mails)

    def of(self, id: str) -> list[Mail]:
        """The mails with this id, oldest first."""
        return [mail for mail in self.all() if mail.id == id]

    def wait(self, id: str, count: int = 1, seconds: float = PATIENCE) -> list[Mail]:
        """The mails with this id once there are `count` of them, or fewer when time is up."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.of(id)) >= count, seconds)
            return self.of(id)

    def refuses(self, address: str) -> int:
        """The code with which a recipient is refused before the mail has come, or 0."""
        with self.arrived:
            replies = self._replies[address, ""]
            return replies.pop(0).code if replies else 0

    def take(self, to: list[str], raw: bytes) -> Reply:
        """Note a mail and say how to answer it."""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        mail = Mail(tuple(to), cast(EmailMessage, message), raw, time.time(), 250)
        with self.arrived:
            planned = [self._replies[address, mail.link] for address in to]
            reply = next((replies.pop(0) for replies in planned if replies), Reply())
            self._mails.append(replace(mail, answered=0 if reply.drips else reply.code))
            self.arrived.notify_all()
        return reply


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mailbox: Mailbox


class _Conversation(StreamRequestHandler):
    """What a mail server says (RFC 5321), as far as a sender of single mails needs it."""

    timeout = 60

    def handle(self) -> None:
        with suppress(OSError):
            self.talk(cast(_Server, self.server).mailbox)

    def talk(self, mailbox: Mailbox) -> None:
        to: list[str] = []
        self.say("220 mailbox")
        while line := self.rfile.readline():
            command = line.decode("utf-8", "replace").strip()
            match command[:4].upper():
                case "EHLO":
                    self.say("250-mailbox\r\n250 8BITMIME")
                case "HELO" | "MAIL" | "RSET" | "NOOP":
                    to = []
                    self.say("250 fine")
                case "RCPT":
                    address = command.partition("<")[2].partition(">")[0]
                    code = mailbox.refuses(address)
                    to += [] if code else [address]
                    self.say(f"{code or 250} {'nobody of this name' if code else 'fine'}")
                case "DATA" if to:
                    self.say("354 go on")
                    if not self.reply(mailbox.take(to, self.read_mail())):
                        return
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("503 not now")

    def read_mail(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:  # the sender has died in the middle
                raise ConnectionError
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def reply(self, reply: Reply) -> bool:
        """Answer a mail; whether the conversation goes on."""
        if reply.after is not None:
            reply.after.wait(30)
        for _ in range(DRIPS if reply.drips else 0):
            self.say("250-more to come")
            time.sleep(0.5)
        if reply.drips or not reply.code:
            return False
        self.say(f"{reply.code} {'taken' if reply.code == 250 else 'not this one'}")
        return True

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
