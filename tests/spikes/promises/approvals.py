"""What came of approvals while something broke: nothing lost, nothing made up."""

import time
from collections import Counter

from breaking import MOST_SECONDS, Step
from suite.client import accepted
from suite.receiver import Answer, Receiver
from suite.site import Site


def fail_every_seventh(receiver: Receiver) -> list[str]:
    """Answer every 7th delivery with 500; gives the list of ids that the receiver took."""
    take, taken, count = receiver.take, [], Counter()

    def flaky(path: str, headers: dict[str, str], data: bytes) -> Answer:
        answer = take(path, headers, data)
        count["deliveries"] += 1
        if count["deliveries"] % 7 == 0:
            return Answer(500)
        taken.append(headers["webhook-id"])
        return answer

    receiver.take = flaky
    return taken


def approving(site: Site, number: int) -> Step:
    """A manager approves a record that was submitted."""
    return site.client_as("manager", number=number), site.record_in("submitted"), "approve"


def nothing_is_lost(
    site: Site, receiver: Receiver, taken: list[str], answered: list[int], what: str
) -> None:
    """Wait until everything is delivered; then what was approved was sent, and nothing else."""
    end = time.monotonic() + MOST_SECONDS
    while site.admin.get("/api/follow-ups", state="queued").json()["total"]:
        assert time.monotonic() < end, "follow-ups are still queued after a minute"
        time.sleep(0.2)

    assert site.admin.get("/api/follow-ups", state="dead").json()["total"] == 0
    approved = {}
    for record in site.all_pages(site.admin, site.flow.path):
        history = accepted(site.admin.get(f"{site.flow.path}/{record['id']}/history"))["items"]
        approved[record["id"]] = sum(
            any(
                t.name == entry["transition"] and t.target == entry["to"] and t.follow_ups
                for t in site.flow.transitions
            )
            for entry in history
        )
    ids: dict[int, set[str]] = {}
    for delivery in receiver.all():
        assert delivery.verified
        ids.setdefault(delivery.record_id, set()).add(delivery.webhook_id)
    lost = [number for number in approved if approved[number] > len(ids.get(number, ()))]
    phantoms = [number for number in ids if len(ids[number]) > approved.get(number, 0)]
    untaken = set.union(*ids.values()) - set(taken)
    unheard = [number for number in answered if approved[number] != 1]
    print(
        f"{what}, {len(answered)} approvals answered, "
        f"{len(receiver.all())} deliveries of {len(set(taken))} follow-ups: lost {len(lost)}, "
        f"phantom {len(phantoms)}, duplicates {len(taken) - len(set(taken))}"
    )
    assert not lost, "approved, but never delivered"
    assert not phantoms, "delivered without an approval, or again under another webhook-id"
    assert not untaken, "given up before the receiver took it"
    assert not unheard, "answered with 200, but not in the audit trail exactly once"
