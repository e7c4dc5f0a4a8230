"""Mails: just those get one whom the transition names and who may see the record, once, and never lost."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from suite.client import Client, accepted, refused
from suite.fixtures import RETRY_DELAYS, Cast
from suite.forms import pages_about
from suite.mailbox import Mailbox, Reply
from suite.mailing import (
    address_of,
    check_mails,
    give_address,
    last_row,
    mail_rows,
    name_of,
    settled,
)
from suite.outlets import outlets
from suite.parts import HOME_DEPARTMENT, OWNER, TEXTS, Record, Transition
from suite.people import PASSWORD
from suite.plan import satisfying, way_to
from suite.planner import REASON
from suite.screens import send, show
from suite.site import Site
from suite.spike import STOP_SECONDS
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("follow_ups_and_api")
FLOW = workflow()
AWAY = "South"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ATTEMPTS = len(RETRY_DELAYS) + 1
ENDED = 12  # workers that tests end, each of which may have had a mail in hand that comes again
HOSTILE = "Anna\u2028Bcc: evil@example.org"
LINES = "Subject: another\nBcc: evil@example.org\n\n.\r\nMAIL FROM:<evil@example.org>\r\n.\n"


def mailing() -> list[tuple[str, Transition]]:
    """Each transition that people make and that mails somebody, and a state from which it can be made."""
    found = []
    for transition in FLOW.transitions:
        states = [
            state
            for state in transition.sources
            if way_to(state, satisfying(transition, state)) is not None
        ]
        if transition.notifies and not transition.by_itself and states:
            found.append((states[0], transition))
    return found


def reading() -> list[tuple[str, Transition, str]]:
    """Those of them that mail a role which sees all around it, or the owner where others make it: with the party."""
    found = []
    for state, transition in mailing():
        if OWNER in transition.notifies and transition.by != {OWNER} and FLOW.creators():
            found.append((state, transition, OWNER))
        seeing = [r for r in FLOW.person_roles if FLOW.roles[r].sees != "own"]
        found += [(state, transition, role) for role in seeing if role in transition.notifies]
    return found


def named(value: object) -> str:
    return getattr(value, "name", None) or str(value)


each_mailing = pytest.mark.parametrize(("state", "transition"), mailing(), ids=named)
one_mailing = pytest.mark.parametrize(("state", "transition"), mailing()[:1], ids=named)
one_reading = pytest.mark.parametrize(("state", "transition", "party"), reading()[:1], ids=named)


@dataclass(frozen=True)
class Made:
    """A transition that was made, and the row of the mail to somebody."""

    record: Record
    transition: Transition
    maker: str
    row: dict[str, Any]

    @property
    def address(self) -> str:
        """Where the mail goes."""
        return address_of(self.row["recipient"])


@pytest.fixture(scope="module")
def readers(site: Site, cast: Cast) -> Iterator[None]:
    """People of every role that gets a mail: away, disabled, and for a while that is over or not.

    The suite's own who make transitions have an address too.
    """
    makers = [client.actor.username for client in (cast.owner, cast.other)]
    parties = {party for transition in FLOW.transitions for party in transition.notifies}
    added, over = [], datetime.now(UTC)
    for role in (role for role in FLOW.person_roles if role in parties):
        away = [site.add_person(role, department=AWAY)] if FLOW.departments else []
        disabled, ended, granted = site.add_person(role), site.add_person(), site.add_person()
        added += [*away, disabled, ended, granted]
        accepted(site.admin.patch(f"/api/users/{disabled}", {"active": False}))
        for username, time in ((granted, HOUR), (ended, SECOND)):
            over = datetime.now(UTC) + time
            grant = {"role": role, "until": over.isoformat().replace("+00:00", "Z")}
            accepted(site.admin.post(f"/api/users/{username}/grants", grant))
    for username in makers + added:
        give_address(site, username)
    threading.Event().wait(max(0.0, (over - datetime.now(UTC)).total_seconds()))
    yield
    for username in added:
        accepted(site.admin.patch(f"/api/users/{username}", {"active": False}))
    for username in makers:
        accepted(site.admin.patch(f"/api/users/{username}", {"email": ""}))


def at(client: Client) -> str:
    """Where the API has somebody."""
    return f"/api/users/{client.actor.username}"


@each_mailing
def test_those_whom_it_names_get_a_mail(
    site: Site, cast: Cast, readers: None, state: str, transition: Transition
) -> None:
    client, record = cast.ready(state, transition)
    before = last_row(site)
    accepted(client.move(record, transition.name, REASON))
    rows = check_mails(site, record, transition, client.actor.username, before)
    known = {person.actor.username: person for person in (cast.owner, cast.other)}
    known |= site.known_people()
    for row in rows:
        if reader := known.get(row["recipient"]):
            page = reader.http.get(site.page_of(record), follow_redirects=True)
            assert page.status_code == 200, "who gets a mail may not open the record"
    if site.mailbox is not None:
        texts = [mail.text for row in rows for mail in site.mailbox.of(row["webhook_id"])]
        assert all(REASON in text for text in texts), "the mail lacks the comment"
        values = {n: record.values[n] for n, f in FLOW.fields.items() if f.type in TEXTS}
        said = f"{transition.label} {FLOW.states[state].label} {REASON}"
        for name, value in values.items():
            if len(str(value)) > 5 and str(value) not in said:
                assert not any(str(value) in text for text in texts), f"the mail tells {name}"


@each_mailing
def test_who_makes_it_gets_none(
    site: Site, cast: Cast, readers: None, state: str, transition: Transition
) -> None:
    """Whatever they are to the record: somebody who holds every role that gets a mail makes it."""
    roles = [role for role in FLOW.person_roles if role in transition.notifies]
    record = site.record_for(state, transition, cast.owner if FLOW.creators() else None)
    before = last_row(site)
    for client in cast.able(record, transition.name):
        if client is cast.other:
            site.set_roles(client, *client.actor.roles.union(roles))
        made = FLOW.answer(client.actor, record, transition.name, comment=REASON)
        if made == transition:
            accepted(client.move(record, transition.name, REASON))
            got = [row["recipient"] for row in mail_rows(site, record, before)]
            assert client.actor.username not in got, "who made it gets a mail about it"
            return
    raise LookupError(f"nobody whom the suite can be may make {transition.name}")


@pytest.mark.parametrize(
    ("state", "transition"), [each for each in mailing() if each[1].approvals > 1], ids=named
)
def test_an_approval_that_is_not_the_last_mails_nobody(
    site: Site, readers: None, state: str, transition: Transition
) -> None:
    record = site.record_with(state, dict(satisfying(transition, state)))
    before = last_row(site)
    client = next(site.approvers(record, transition))
    accepted(client.move(record, transition.name, REASON))
    assert record.state == state
    assert not mail_rows(site, record, before), "an approval that moves nothing sends mails"


@each_mailing
def test_what_is_refused_mails_nobody(
    site: Site, cast: Cast, readers: None, state: str, transition: Transition
) -> None:
    client, record = cast.ready(state, transition)
    before = last_row(site)
    refused(client.move(record, transition.name, REASON, version=record.version + 1), "stale")
    stranger = site.new_person()
    refused(stranger.move(record, transition.name, REASON), ("not_found", "forbidden"))
    assert not mail_rows(site, record, before), "a refused transition sends mails"


@pytest.fixture(scope="session")
def make(site: Site, cast: Cast, mailbox: Mailbox) -> Callable[..., tuple[Made, Client]]:
    """Make a transition that mails somebody new, whose mail is answered as told."""

    def made(*replies: Reply | int, comment: str = REASON) -> tuple[Made, Client]:
        state, transition, party = reading()[0]
        roles = FLOW.creators()[:1] if party == OWNER else (party,)
        reader = site.new_person(*roles)
        give_address(site, reader.actor.username)
        others = cast.owner if FLOW.creators() else None
        record = site.record_for(state, transition, reader if party == OWNER else others)
        link = f"{site.public_url}{site.page_of(record)}"
        mailbox.answer(address_of(reader.actor.username), link, *replies)
        before = last_row(site)
        for client in cast.able(record, transition.name):
            answer = FLOW.answer(client.actor, record, transition.name, comment=comment)
            if answer == transition and client is not reader:
                accepted(client.move(record, transition.name, comment))
                rows = mail_rows(site, record, before)
                [row] = [row for row in rows if row["recipient"] == reader.actor.username]
                maker = client.actor.username
                return Made(record.copy(), transition, maker, row), reader
        raise LookupError(f"nobody whom the suite can be may make {transition.name}")

    return made


@pytest.fixture(scope="session")
def troubled(make: Callable[..., tuple[Made, Client]]) -> dict[str, Made]:
    """Every kind of trouble at once, so that the waits run side by side."""
    failing = [550] * ATTEMPTS
    replies: dict[str, list[Reply | int]] = {
        "put off": [451],
        "refused": [550],
        "refused at once": [Reply(550, at_once=True)],
        "closed": [0],
        "dead": [*failing],
        "replayed": [*failing],
    }
    return {case: make(*answers)[0] for case, answers in replies.items()}


@pytest.fixture(scope="session")
def hanging(site: Site, make: Callable[..., tuple[Made, Client]]) -> Made:
    """A mail whose server never ends its answer, and one more worker for all others."""
    if site.spike is not None:
        site.spike.start("worker")
    return make(Reply(drips=True))[0]


@pytest.mark.started
@one_reading
def test_a_mail_is_a_row_of_the_outbox(
    site: Site,
    troubled: dict[str, Made],
    hanging: Made,
    state: str,
    transition: Transition,
    party: str,
) -> None:
    """As webhooks are, of which nobody is the recipient."""
    row = troubled["dead"].row
    expected = {"name": transition.name, "record_id": troubled["dead"].record.id}
    assert {name: row[name] for name in expected} == expected
    rows = site.all_pages(site.admin, "/api/follow-ups")
    people = site.usernames() | {made.row["recipient"] for made in troubled.values()}
    names = {row["name"] for row in rows if row["recipient"] is None}
    assert names <= {*FLOW.follow_ups}, f"webhooks are called {names}"
    assert {row["recipient"] for row in rows} - {None} <= people


@pytest.mark.started
@pytest.mark.last
@one_reading
@pytest.mark.parametrize("case", ["put off", "refused", "refused at once", "closed"])
def test_a_mail_that_fails_is_sent_again(
    site: Site, mailbox: Mailbox, troubled: dict[str, Made], case: str,
    state: str, transition: Transition, party: str,
) -> None:  # fmt: skip
    made = troubled[case]
    row = settled(site, made.row, "delivered")
    assert row["attempts"] == 2, f"it took {row['attempts']} attempts"
    mails = mailbox.wait(made.row["webhook_id"], 1 if case == "refused at once" else 2)
    assert len({mail.id for mail in mails}) == 1, "the Message-ID changed"
    assert [mail.answered for mail in mails].count(250) == 1, "it was delivered more than once"
    assert mails[0].raw.partition(b"\r\n\r\n")[2] == mails[-1].raw.partition(b"\r\n\r\n")[2]
    if len(mails) > 1:
        first, second = mails
        assert second.at - first.at >= RETRY_DELAYS[0], "the retry came before its delay"
    for mail in mails:
        assert abs(mail.dated - mail.at) < 10, "the Date is not that of the attempt"
        assert mail.message["Auto-Submitted"] == "auto-generated"


@pytest.mark.started
@pytest.mark.last
@one_reading
def test_a_mail_is_dead_in_the_end_and_can_be_sent_again(
    site: Site, mailbox: Mailbox, troubled: dict[str, Made],
    state: str, transition: Transition, party: str,
) -> None:  # fmt: skip
    dead = settled(site, troubled["dead"].row, "dead")
    assert (dead["attempts"], dead["next_attempt_at"]) == (ATTEMPTS, None)
    assert "550" in dead["last_error"], f"the last error is {dead['last_error']!r}"
    made = troubled["replayed"]
    settled(site, made.row, "dead")
    answer = accepted(site.admin.post(f"/api/follow-ups/{made.row['id']}/retry"))
    expected = ("queued", 0, made.row["recipient"])
    assert (answer["state"], answer["attempts"], answer["recipient"]) == expected
    settled(site, made.row, "delivered")
    mails = mailbox.wait(made.row["webhook_id"], ATTEMPTS + 1)
    assert [mail.answered for mail in mails] == [550] * ATTEMPTS + [250]
    assert len({mail.id for mail in mails}) == 1, "the replay has another Message-ID"


@pytest.mark.started
@one_reading
@pytest.mark.parametrize(
    "change", [{"active": False}, {"email": ""}, {"roles": []}], ids=lambda x: next(iter(x))
)
def test_who_may_not_get_it_any_more_does_not(
    site: Site, mailbox: Mailbox, make: Callable[..., tuple[Made, Client]],
    change: dict[str, Any], state: str, transition: Transition, party: str,
) -> None:  # fmt: skip
    """Between two attempts somebody is disabled, has no address, or may not see the record."""
    release = threading.Event()
    try:
        made, reader = make(Reply(451, after=release))
        assert mailbox.wait(made.row["webhook_id"]), "the mail was not sent"
        accepted(site.admin.patch(at(reader), change))
    finally:
        release.set()
    row = settled(site, made.row, ("dead", "delivered"))
    assert (row["state"], row["attempts"]) == ("dead", 2)
    assert "451" not in row["last_error"], "it does not say why"
    assert row["last_error"], "it does not say why"
    assert len(mailbox.wait(made.row["webhook_id"])) == 1
    back = {"active": True, "email": made.address, "roles": sorted(reader.actor.roles)}
    accepted(site.admin.patch(at(reader), {name: back[name] for name in change}))
    accepted(site.admin.post(f"/api/follow-ups/{row['id']}/retry"))
    settled(site, row, "delivered")


@pytest.mark.started
@pytest.mark.parametrize(
    ("state", "transition"),
    sorted(mailing(), key=lambda pair: not pair[1].by & {*FLOW.person_roles})[:1],
    ids=named,
)
def test_nobody_adds_to_a_mail(
    site: Site, cast: Cast, mailbox: Mailbox, readers: None, state: str, transition: Transition
) -> None:
    """Neither by a name nor by a comment that looks like the lines of a mail."""
    roles = [role for role in sorted(transition.by) if role in FLOW.person_roles]
    body = {"username": site.add_person(), "name": HOSTILE, "password": PASSWORD, "roles": roles}
    body["username"] = f"{body['username']}.x"
    body |= {"department": HOME_DEPARTMENT} if FLOW.departments else {}
    accepted(site.admin.post("/api/users", body))
    record = site.record_for(state, transition)
    client = site.sign_in(str(body["username"]), PASSWORD)
    if FLOW.answer(client.actor, record, transition.name, comment=LINES) != transition:
        client, record = cast.ready(state, transition)
    before = last_row(site)
    accepted(client.move(record, transition.name, LINES))
    for row in mail_rows(site, record, before):
        settled(site, row, "delivered")
        [mail] = mailbox.of(row["webhook_id"])
        assert mail.to == (address_of(row["recipient"]),)
        assert mail.message.get_all("Subject") == [mail.message["Subject"]]
        assert not mail.message["Bcc"]
        assert "another" not in str(mail.message["Subject"])
        assert not {"\n", "\r", "\u2028"} & set(str(mail.message["Subject"]))
        assert "MAIL FROM:<evil@example.org>" in mail.text, "the comment is not told as it is"
        assert mail.message.get_content_type() == "text/plain"
    assert not [mail for mail in mailbox.all() if "evil@example.org" in mail.to]


@pytest.mark.started
@pytest.mark.first  # while one worker runs, which is started anew
@one_reading
def test_mails_and_webhooks_do_without_each_other(
    site: Site, make: Callable[..., tuple[Made, Client]], tmp_path: Path,
    state: str, transition: Transition, party: str,
) -> None:  # fmt: skip
    """Without an address for webhooks mails are sent; without a server they are files."""
    assert site.spike is not None
    changed = {"WEBHOOK_URL": "", "SMTP_URL": "", "MAIL_FOLDER": str(tmp_path / "mails")}
    seconds = site.spike.restart("worker", **changed)
    try:
        assert seconds < STOP_SECONDS, "SIGTERM does not end the worker"
        made, _ = make()
        row = settled(site, made.row, "delivered")
    finally:
        site.spike.restart("worker")
    files = list((tmp_path / "mails").glob("*.eml"))
    texts = [file.read_text(encoding="utf-8") for file in files]
    [mine] = [text for text in texts if row["webhook_id"] in text]
    assert f"To: {made.address}" in mine


@pytest.mark.started
@pytest.mark.last
@one_reading
def test_a_mail_server_that_drips_is_given_up(
    mailbox: Mailbox, hanging: Made, state: str, transition: Transition, party: str
) -> None:
    mails = mailbox.wait(hanging.row["webhook_id"], 2, seconds=20)
    assert len(mails) == 2, "the worker waits for ever for an answer that never ends"
    seconds = mails[1].at - mails[0].at
    assert seconds < 19, f"a whole exchange may take 15 s; this one took {seconds:.0f}"


@pytest.mark.started
@pytest.mark.last
@one_mailing
def test_no_mail_is_lost_and_none_is_sent_twice(
    site: Site, mailbox: Mailbox, state: str, transition: Transition
) -> None:
    """Over everything that the suite has done: each row that is delivered is one mail that was taken."""
    rows = [r for r in site.all_pages(site.admin, "/api/follow-ups") if r["recipient"]]
    files = 1  # of `test_mails_and_webhooks_do_without_each_other`
    taken = [mail.id for mail in mailbox.all() if mail.answered == 250]
    again = len(taken) - len({*taken})
    assert again <= ENDED, f"{again} mails were sent again after they had been taken"
    unsent = [row for row in rows if row["state"] == "delivered" and row["webhook_id"] not in taken]
    assert len({row["record_id"] for row in unsent}) <= files, f"never arrived: {unsent}"
    assert {*taken} <= {row["webhook_id"] for row in rows}, "mails that no row knows"


@pytest.mark.started
@one_reading
def test_the_screens_say_whose_mail_it_is(
    site: Site, make: Callable[..., tuple[Made, Client]],
    state: str, transition: Transition, party: str,
) -> None:  # fmt: skip
    made, _ = make()
    lists = [p for p in outlets().pages(site.name, "admins") if "follow" in p and "{}" not in p]
    cells = [cell for path in lists for row in show(site.admin, path).rows for cell in row]
    name = name_of(site, made.row["recipient"])
    assert any(f"mail to {name}" in cell for cell in cells), "no page says whose mail it is"


needs_mails = pytest.mark.parametrize("mails", [True] if FLOW.mails else [])


@needs_mails
def test_people_have_an_address(site: Site, mails: bool) -> None:
    listed = {user["username"]: user["email"] for user in site.all_pages(site.admin, "/api/users")}
    demo = {role: address_of(role) for role in FLOW.person_roles}
    services = dict.fromkeys(FLOW.service_roles, "")
    assert {name: listed[name] for name in demo | services} == demo | services
    body = {"username": f"{site.add_person()}.m", "name": "Ann", "password": PASSWORD, "roles": []}
    user = accepted(site.admin.post("/api/users", body))
    assert user["email"] == ""
    body |= {"username": f"{body['username']}.m", "email": "ben@example.org"}
    assert accepted(site.admin.post("/api/users", body))["email"] == "ben@example.org"
    path = f"/api/users/{user['username']}"
    for email in ("ann.lee+x@mail.example.org", "a" * 242 + "@example.org", ""):
        assert accepted(site.admin.patch(path, {"email": email}))["email"] == email
    accepted(site.admin.patch(path, {"email": "ann@example.org"}))
    assert accepted(site.admin.patch(path, {"active": True}))["email"] == "ann@example.org"


@needs_mails
@pytest.mark.parametrize(
    "email",
    ["ann", "ann@", "ann@example", "a b@example.org", "ann@example.org\nBcc: b@example.org",
     "ann@example.org,ben@example.org", "Ann <ann@example.org>", f"{'a' * 243}@example.org", None, 1],
    ids=lambda text: str(text)[:30],
)  # fmt: skip
def test_what_is_no_address_is_refused(site: Site, person: str, email: Any, mails: bool) -> None:
    body = {"username": f"{person}.n", "name": "Ann", "password": PASSWORD, "roles": []}
    for answer in (
        site.admin.post("/api/users", {**body, "email": email}),
        site.admin.patch(f"/api/users/{person}", {"email": email}),
    ):
        problem = refused(answer, "invalid", f"an address {email!r}")
        assert {error["field"] for error in problem["errors"]} == {"email"}


@needs_mails
def test_an_admin_writes_an_address_on_the_screens(site: Site, person: str, mails: bool) -> None:
    forms = [form for page in pages_about(site, person) for form in page.forms]
    form = next(form for form in forms if "email" in form.names())
    send(site.admin, form.fill(email="ann@example.org"))
    users = {user["username"]: user for user in site.all_pages(site.admin, "/api/users")}
    assert users[person]["email"] == "ann@example.org"
