"""Mistakes of the way through a workflow: where records never come, and what nobody could ever do there.

A copy has the same check in `acceptance/suite/workflow_language/`, where teams edit their workflow.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twinspike.files.mistakes import Mistake
from twinspike.workflow.conditions import may_be_empty

Part = Mapping[str, Any]


@dataclass(frozen=True)
class Paths:
    """The ways of records. It takes parts without other mistakes, with their places in the file."""

    roles: Sequence[tuple[int, Part]]
    states: Sequence[tuple[int, Part]]
    transitions: Sequence[tuple[int, Part]]
    fields: Mapping[str, Part]

    def mistakes(self) -> Iterator[Mistake]:
        """States without a way in, values that come too late, and four eyes that exclude nobody."""
        moves = [(state, t["to"]) for _, t in self.transitions for state in t["from"]]
        start = self.states[0][1]["name"]
        reached = _reachable([start], moves)
        if len(reached) < len(self.states):
            yield from self._lost(reached, moves)
            return
        yield from self._never_filled(start)
        yield from self._never_named(start)
        for index, transition in self.transitions:
            for number, name in enumerate(transition.get("not_by") or ()):
                ends = [t["to"] for _, t in self.transitions if t["name"] == name]
                if ends and not _reachable(ends, moves) & set(transition["from"]):
                    itself = name == transition["name"]
                    yield Mistake(
                        f"transitions[{index}].not_by[{number}]",
                        f"'{name}' is this transition itself, which no record comes to twice; "
                        "name an earlier one"
                        if itself
                        else f"'{name}' can never come before '{transition['name']}', "
                        "so it excludes nobody; take it away",
                    )

    def _lost(
        self, reached: Collection[str], moves: Sequence[tuple[str, str]]
    ) -> Iterator[Mistake]:
        """The states that no record can reach; of those behind each other only the first."""
        lost = [(index, state["name"]) for index, state in self.states]
        lost = [(index, name) for index, name in lost if name not in reached]
        behind = {name: _reachable([name], moves) for _, name in lost}
        for index, name in lost:
            before = [other for _, other in lost if name in behind[other]]
            same = [other for other in before if other in behind[name]]
            if before == same and same[0] == name:
                yield Mistake(
                    f"states[{index}].name",
                    f"no record can ever reach '{name}'; "
                    "let a transition from a state that can be reached lead `to` it",
                )

    def _never_filled(self, start: str) -> Iterator[Mistake]:
        """The conditions that need a value which nobody can fill in before they count."""
        for index, transition in self.transitions:
            asked: list[tuple[str, Part]] = [
                (f"when[{number}].field", guard)
                for number, guard in enumerate(transition.get("when") or ())
            ]
            if transition.get("on"):
                asked.append(("on", {"field": transition["on"], "is_set": True}))
            for place, guard in asked:
                field = self.fields.get(guard["field"])
                if field is None or may_be_empty(guard, field) or self._filled_at_creation(field):
                    continue
                if not any(
                    self._comes_filled(start, s, transition, field) for s in transition["from"]
                ):
                    editors = " or ".join(field.get("edited_by") or ["somebody"])
                    yield Mistake(
                        f"transitions[{index}].{place}",
                        f"nobody can fill in '{field['name']}' before '{transition['name']}', "
                        f"so nobody could ever make it; let {editors} edit in "
                        f"'{transition['from'][0]}' (`edited_by` of the state)",
                    )

    def _never_named(self, start: str) -> Iterator[Mistake]:
        """The transitions of people whom nobody can name before."""
        for index, transition in self.transitions:
            named = [self._people.get(party) for party in transition["by"]]
            if not named or any(
                field is None
                or self._filled_at_creation(field)
                or any(self._comes_filled(start, s, transition, field) for s in transition["from"])
                for field in named
            ):
                continue
            yield Mistake(
                f"transitions[{index}].by",
                f"nobody can name '{transition['by'][0]}' before '{transition['name']}', "
                f"so nobody could ever make it; let somebody edit it in "
                f"'{transition['from'][0]}' (`edited_by` of the state and of the field)",
            )

    def _comes_filled(self, start: str, state: str, transition: Part, field: Part) -> bool:
        """Whether somebody can have edited the field before the transition leaves the state first."""
        moves = [
            (source, other["to"])
            for _, other in self.transitions
            for source in other["from"]
            if other is not transition or source != state
        ]
        reached = _reachable([start], moves)
        return any(
            self._editable(each, field) and state in _reachable([each["name"]], moves)
            for _, each in self.states
            if each["name"] in reached
        )

    def _filled_at_creation(self, field: Part) -> bool:
        """Whether somebody who creates a record can fill in the field."""
        creators = [role["name"] for _, role in self.roles if role.get("creates")]
        editors = field.get("edited_by")
        return editors is None or "owner" in editors or any(name in editors for name in creators)

    def _editable(self, state: Part, field: Part) -> bool:
        """Whether somebody can edit the field in the state; the owner may have any role that creates."""
        creators = {role["name"] for _, role in self.roles if role.get("creates")}
        editors = self._with_roles(state.get("edited_by") or ())
        if field.get("edited_by") is None:
            return bool(editors)
        narrowed = self._with_roles(field["edited_by"])
        if "owner" in editors:
            editors |= creators
        if "owner" in narrowed:
            narrowed |= creators
        return bool(editors & narrowed)

    def _with_roles(self, parties: Iterable[str]) -> set[str]:
        """The parties, with the roles of those whom fields name."""
        parties = set(parties)
        return parties | {f["role"] for name, f in self._people.items() if name in parties}

    @property
    def _people(self) -> dict[str, Part]:
        """The fields that name a person."""
        return {name: field for name, field in self.fields.items() if field["type"] == "person"}


def _reachable(start: Iterable[str], moves: Sequence[tuple[str, str]]) -> set[str]:
    """The states that can be reached from these, these included."""
    reached = set(start)
    while more := {to for state, to in moves if state in reached} - reached:
        reached |= more
    return reached
