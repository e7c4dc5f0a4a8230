"""Each mail is sent and none is made up, although web and two workers are killed again and again."""

import email
import time
from collections import Counter

from breaking import MOST_SECONDS, PATIENT, Step, kill_again_and_again, people_at_work, start_all
from suite.client import accepted
from suite.mailbox import Mailbox, Reply
from suite.mailing import give_address
from suite.site import Site
from suite.spike import Spike

MAILED = {"approver": "manager", "stand_in": "employee"}  # by submit: the field and the role


def refuse_every_seventh(mailbox: Mailbox) -> list[str]:
    """Refuse every 7th mail for now; gives the list of ids that the server took."""
    take, taken, count = mailbox.take, [], Counter()

    def flaky(to: list[str], raw: bytes) -> Reply:
        reply = take(to, raw)
        count["mails"] += 1
        if count["mails"] % 7 == 0:
            return Reply(451)
        id = str(email.message_from_bytes(raw)["Message-ID"])
        taken.append(id.strip("<>").partition("@")[0])
        return reply

    mailbox.take = flaky
    return taken


def test_each_mail_is_sent(site: Site, spike: Spike) -> None:
    assert site.mailbox is not None
    taken = refuse_every_seventh(site.mailbox)
    named = {name: site.add_person(role) for name, role in MAILED.items()}
    for username in named.values():
        give_address(site, username)

    def submitting(site: Site, number: int) -> Step:
        owner = site.client_as("employee", number=number)
        return owner, site.record_in("draft", owner=owner, **named), "submit"

    spike.end()
    running = start_all(spike, **PATIENT)
    with people_at_work(site, submitting) as (answered, _):
        what = kill_again_and_again(spike, answered, running)

    end = time.monotonic() + MOST_SECONDS
    while accepted(site.admin.get("/api/follow-ups", state="queued"))["total"]:
        assert time.monotonic() < end, "mails are still queued after a minute"
        time.sleep(0.2)
    submitted = Counter()
    for record in site.all_pages(site.admin, site.flow.path):
        history = accepted(site.admin.get(f"{site.flow.path}/{record['id']}/history"))["items"]
        submitted[record["id"]] = sum(entry["transition"] == "submit" for entry in history)
    rows = [row for row in site.all_pages(site.admin, "/api/follow-ups") if row["recipient"]]
    queued = Counter((row["record_id"], row["recipient"]) for row in rows)
    wanted = Counter({(n, who): times for n, times in submitted.items() for who in named.values()})
    sent = Counter(taken)
    duplicates = sent.total() - len(sent)
    print(
        f"{what}, {len(answered)} transitions answered, {len(rows)} mails for {submitted.total()}: "
        f"lost {(wanted - queued).total()}, phantom {(queued - wanted).total()}, "
        f"duplicates {duplicates}"
    )
    assert queued == +wanted, "not just those whom it names are mailed, once each"
    assert {row["state"] for row in rows} == {"delivered"}
    assert sent.keys() == {row["webhook_id"] for row in rows}, "said to be sent, but not taken"
    assert all(submitted[number] == 1 for number in answered), "answered, but not in the history"
