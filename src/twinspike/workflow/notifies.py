"""Mistakes of who gets a mail when a transition is made.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Collection, Iterator, Sequence

from twinspike.files.mistakes import Mistake
from twinspike.workflow.paths import Part


def notifies_mistakes(
    transitions: Sequence[tuple[int, Part]],
    roles: Sequence[tuple[int, Part]],
    people: Collection[str],
) -> Iterator[Mistake]:
    """Mail to services, or only to whoever makes the transition; `people` are fields that name a person."""
    services = {role["name"] for _, role in roles if role.get("kind") == "service"}
    for index, transition in transitions:
        notified = transition.get("notifies") or ()
        for number, name in enumerate(notified):
            if name in services:
                yield Mistake(
                    f"transitions[{index}].notifies[{number}]",
                    f"'{name}' is a service, and only people get mail; tell it with a follow-up",
                )
        [*first, last] = notified or [""]
        if not first and transition["by"] == [last] and last in ("owner", *people):
            who = "the owner" if last == "owner" else f"whoever is named in '{last}'"
            yield Mistake(
                f"transitions[{index}].notifies",
                f"only {who} makes it, and whoever makes it gets no mail; "
                "name somebody else, or take it away",
            )
