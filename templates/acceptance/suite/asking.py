"""Asking for transitions: what an answer offers, and several requests at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from suite.client import Client, accepted, expect
from suite.parts import Record

Answer = TypeVar("Answer")


def offers(client: Client, record: Record, shown: dict[str, Any]) -> None:
    """The answer shows exactly the transitions and fields that are open to the client."""
    flow = client.flow
    several = any(transition.approvals > 1 for transition in flow.transitions)
    transitions = flow.open_to(client.actor, record)
    expected: list[dict[str, Any]] = []
    for t in transitions:
        comment = "required" if t.comment_required else "optional"
        expected.append({"name": t.name, "label": t.label, "to": t.target, "comment": comment})
        if several:
            count = {"given": len(record.given(t.name)), "needed": t.approvals}
            expected[-1]["approvals"] = count
    known = expected[0] if expected else ()
    got = [{key: t.get(key) for key in known} if known else t for t in shown["transitions"]]
    who = f"{roles_of(client)} in {record.state}"
    expect(got == expected, f"{who} is offered {got}, expected {expected}")
    editable = flow.editable(client.actor, record)
    told = shown["editable"]
    expect(told == editable, f"{who} may edit {told}, expected {editable}")


def last_entry(client: Client, record: Record) -> dict[str, Any]:
    """What somebody did last to the record; what happens by itself may have come after it."""
    history: list[dict[str, Any]] = accepted(client.history(record))["items"]
    return [entry for entry in history if entry["actor"] is not None][-1]


def roles_of(client: Client) -> str:
    """The client's roles, for people."""
    return " and ".join(sorted(client.actor.roles)) or "nobody"


def at_once(*requests: Callable[[], Answer]) -> list[Answer]:
    """The answers to requests that are sent at the same moment."""
    ready = threading.Barrier(len(requests))

    def send(request: Callable[[], Answer]) -> Answer:
        ready.wait(10)
        return request()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))
