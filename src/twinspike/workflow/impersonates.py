"""Mistakes of roles that act for people of other roles.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Iterator, Sequence

from twinspike.files.mistakes import Mistake
from twinspike.workflow.paths import Part


def impersonates_mistakes(roles: Sequence[tuple[int, Part]]) -> Iterator[Mistake]:
    """Acting where nobody can act: as a service, for one, for the same role, or for who acts for others."""
    services = {role["name"] for _, role in roles if role.get("kind") == "service"}
    acting = {role["name"] for _, role in roles if role.get("impersonates")}
    for index, role in roles:
        place, name = f"roles[{index}].impersonates", role["name"]
        if name in acting & services:
            yield Mistake(
                place, f"'{name}' is a service, and only people act for others; take it away"
            )
        for number, other in enumerate(role.get("impersonates") or ()):
            if other == name:
                text = "nobody acts for somebody of the same role; take it away"
            elif other in services:
                text = f"'{other}' is a service, and it is people who are acted for; take it away"
            elif other in acting:
                text = (
                    f"'{other}' acts for others itself, and would be a way to act for them; take it "
                    f"away here, or take impersonates away from '{other}'"
                )
            else:
                continue
            yield Mistake(f"{place}[{number}]", text)
