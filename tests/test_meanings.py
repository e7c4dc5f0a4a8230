"""What the template takes a state for, from the workflow alone: its colour, and what is a step forward."""

from typing import Any

import pytest
import yaml

from twinspike.paths import template_root
from twinspike.workflow.flow import flow_of

# The transitions of a small workflow, one a line: name, from, to, by, and * where a comment is needed.
DONE_AT_ONCE = """
finish new done owner
"""
DONE_OR_DROPPED = """
finish new done owner
drop new dropped owner
"""
SHORT_WAY_TO_THE_GOAL = """
ask new review owner
approve new,review approved manager
cancel new,review cancelled owner
"""
DELETED_BEFORE_IT_IS_PUBLISHED = """
submit draft submitted writer
publish submitted published editor
delete draft,submitted deleted writer
supersede published superseded editor
"""
GIVEN_UP_BEFORE_THE_GOAL = """
approve pending active manager
reject pending rejected manager *
expire pending expired clock
end active ended owner
"""


def flow_from(lines: str, states: str) -> dict[str, Any]:
    """The workflow of these transitions."""
    transitions = []
    for name, starts, end, who, *comment in map(str.split, lines.strip().splitlines()):
        move = {"name": name, "from": starts.split(","), "to": end, "by": [who]}
        transitions.append(move | ({"comment": "required"} if comment else {}))
    names = [{"name": name} for name in states.split()]
    head = {"name": "thing", "plural": "things", "fields": [], "roles": []}
    return flow_of({**head, "states": names, "transitions": transitions})


ENDS = {
    "one end": (DONE_AT_ONCE, "new done", "done", ""),
    "dropped": (DONE_OR_DROPPED, "new done dropped", "done", "dropped"),
    "cancelled": (
        SHORT_WAY_TO_THE_GOAL,
        "new review approved cancelled",
        "approved",
        "cancelled",
    ),
    "deleted": (
        DELETED_BEFORE_IT_IS_PUBLISHED,
        "draft submitted published superseded deleted",
        "superseded",
        "deleted",
    ),
    "expired": (
        GIVEN_UP_BEFORE_THE_GOAL,
        "pending active rejected expired ended",
        "ended",
        "rejected expired",
    ),
}


@pytest.mark.parametrize(("lines", "states", "done", "refused"), ENDS.values(), ids=ENDS)
def test_an_end_is_done_or_refused(lines: str, states: str, done: str, refused: str) -> None:
    flow = flow_from(lines, states)
    meaning = {state["name"]: state["meaning"] for state in flow["states"]}
    found = [
        [name for name, each in meaning.items() if each == kind] for kind in ("done", "refused")
    ]
    assert found == [done.split(), refused.split()]
    for transition in flow["transitions"]:
        if transition["to"] in refused.split():
            assert not transition["forward"]


@pytest.mark.parametrize(
    ("scenario", "done", "refused"),
    [
        ("access_request", "active", "rejected"),
        ("account_reopen", "archived", "declined"),
        ("budget_request", "paid", "rejected"),
        ("vendor_contract", "ended", "blocked"),
    ],
)
def test_the_scenarios_end_as_their_words_say(scenario: str, done: str, refused: str) -> None:
    text = (template_root() / "scenarios" / scenario / "workflow.yml").read_text(encoding="utf-8")
    states = flow_of(yaml.safe_load(text))["states"]
    assert [each["name"] for each in states if each["meaning"] == "done"] == [done]
    assert [each["name"] for each in states if each["meaning"] == "refused"] == [refused]
