"""Whom a transition mails, by the workflow, and what the spike's outbox says of it."""

import time
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from suite.client import accepted, expect
from suite.parts import HOME_DEPARTMENT, Actor, Record, Transition
from suite.receiver import PATIENCE
from suite.site import Site
from suite.workflow import Workflow


def address_of(username: str) -> str:
    """The address of one of the demo's or the suite's people."""
    return f"{username}@example.org"


def give_address(site: Site, username: str) -> None:
    """Give somebody an address, to which mails go from now on."""
    accepted(site.admin.patch(f"/api/users/{username}", {"email": address_of(username)}))


def recipients(
    site: Site, record: Record, transition: Transition, maker: str | None
) -> dict[str, str]:
    """Who should get a mail about it, by the roles that everybody has now: addresses by username."""
    flow = site.flow
    return {
        user["username"]: user["email"]
        for user in site.all_pages(site.admin, "/api/users")
        if user["active"] and not user["service"] and user["email"] and user["username"] != maker
        if is_mailed(flow, actor_of(user), record, transition)
    }


def actor_of(user: dict[str, Any]) -> Actor:
    """Somebody of the API's list as an actor."""
    now = datetime.now(UTC)
    held = [g["role"] for g in user["grants"] if datetime.fromisoformat(g["until"]) > now]
    department = user.get("department", HOME_DEPARTMENT)
    return Actor(user["username"], frozenset([*user["roles"], *held]), department)


def is_mailed(flow: Workflow, actor: Actor, record: Record, transition: Transition) -> bool:
    """Whether the mail is for the actor, who may see the record."""
    parties = flow.parties(actor, record)
    return bool(transition.notifies & parties) and flow.visible(actor, record)


def mail_rows(site: Site, record: Record, after: int = 0) -> list[dict[str, Any]]:
    """The mails of a record in the outbox, newest first; of those with a higher number than `after`."""
    rows = site.all_pages(site.admin, "/api/follow-ups")
    mine = [row for row in rows if row["record_id"] == record.id and row["id"] > after]
    return [row for row in mine if row["recipient"] is not None]


def last_row(site: Site) -> int:
    """The highest number in the outbox."""
    items = accepted(site.admin.get("/api/follow-ups", size=1))["items"]
    return int(items[0]["id"]) if items else 0


def check_mails(
    site: Site, record: Record, transition: Transition, maker: str | None, after: int = 0
) -> list[dict[str, Any]]:
    """Fail unless just those who should get a mail get one; gives the rows of the outbox."""
    wanted = recipients(site, record, transition, maker)
    rows = mail_rows(site, record, after)
    rows = [row for row in rows if row["name"] == transition.name]
    got = Counter(row["recipient"] for row in rows)
    expect(
        got == Counter(wanted.keys()),
        f"{transition.name} mails {sorted(got.elements())}, not {sorted(wanted)}",
    )
    if site.mailbox is not None:
        for row in rows:
            arrived(site, record, transition, row, wanted[row["recipient"]], maker)
    return rows


def arrived(
    site: Site,
    record: Record,
    transition: Transition,
    row: dict[str, Any],
    address: str,
    maker: str | None,
) -> None:
    """Fail unless the row's mail comes once, to its address, and says what happened and where to look."""
    row = settled(site, row, "delivered")
    mailbox = site.mailbox
    if mailbox is None:
        raise LookupError("the mails go elsewhere")
    mails = mailbox.of(row["webhook_id"])
    expect(len(mails) == 1, f"{len(mails)} mails have the id of one row")
    mail = mails[0]
    expect(mail.to == (address,), f"the mail for {address} goes to {mail.to}")
    expect(str(mail.message["To"]) == address, f"the mail for {address} is to {mail.message['To']}")
    for text in (str(record.id), transition.label, name_of(site, maker) if maker else "itself"):
        expect(" ".join(text.split()) in str(mail.message["Subject"]), f"the subject lacks {text}")
        expect(text in mail.text, f"the mail lacks {text}")
    expect(site.flow.states[transition.target].label in mail.text, "the mail lacks the new state")
    expect(mail.link == f"{site.public_url}{site.page_of(record)}", f"it leads to {mail.link}")


def name_of(site: Site, username: str) -> str:
    """What somebody is called."""
    users = site.all_pages(site.admin, "/api/users")
    return next(str(user["name"]) for user in users if user["username"] == username)


def settled(
    site: Site, row: dict[str, Any], state: str | Collection[str], seconds: float = PATIENCE
) -> dict[str, Any]:
    """The row of the outbox once it is in the state, or one of these; fails when time is up."""
    states = [state] if isinstance(state, str) else state
    end = time.monotonic() + seconds
    while True:
        rows = site.all_pages(site.admin, "/api/follow-ups")
        found = next(each for each in rows if each["id"] == row["id"])
        if found["state"] in states:
            return found
        if time.monotonic() > end:
            raise AssertionError(
                f"the mail to {row['recipient']} is {found['state']} after {seconds} s: "
                f"{found['last_error']}"
            )
        time.sleep(0.05)
