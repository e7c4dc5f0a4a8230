"""What people ask under load, whatever the workflow: list, search, record, edit, approve.

The people are signed in and the records are there beforehand. Each edit and each approval has a record of its
own, so that no failure leads to another.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from suite import values as v
from suite.client import Client, accepted
from suite.parts import OWNER, TEXTS, Record, Transition, Value
from suite.planner import REASON
from suite.site import Site
from suite.workflow import Workflow

OF_EACH_ROLE = 2  # people
WORDS = 12  # to search for
PAGE = 100  # records that a reader looks at
Ask = tuple[Client, str, str, Any]  # who, method, path, body


class Mixture:
    """The people of a site, and what they can ask there.

    `writers` make a record and the request that writes to it; a workflow in which no person may edit, or
    decide on what another has asked for, lacks one.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.flow: Workflow = site.flow
        roles = [(role, n) for n in range(OF_EACH_ROLE) for role in site.flow.person_roles]
        self.people = [site.client_as(role, number=number) for role, number in roles]
        creators = set(site.flow.creators())
        owners = [each for each in self.people if creators & each.actor.roles]
        self.owner = owners[0] if owners else None  # else it is a service's
        found = {"edit": self._editing(), "approve": self._approving()}
        self.writers = {kind: writer for kind, writer in found.items() if writer is not None}

    @property
    def kinds(self) -> set[str]:
        """What can be asked here."""
        return {"record", "list", "search", *self.writers}

    def asks(self, wanted: Counter[str], say: Callable[[str], None]) -> dict[str, Iterator[Ask]]:
        """As many requests of each kind as are wanted, and the records for them; `say` is told how far it is."""
        writes: dict[str, list[Ask]] = {kind: [] for kind in self.writers}
        whole = sum(wanted[kind] for kind in self.writers)
        for kind, write in self.writers.items():
            for _ in range(wanted[kind]):
                say(f"making {whole} records, {sum(map(len, writes.values()))} so far")
                writes[kind].append(write())
        reads = {"list": self._lists(), "search": self._searches(), "record": self._looks()}
        found = {kind: cycle(asks) for kind, asks in reads.items()}
        return {**found, **{kind: iter(asks) for kind, asks in writes.items()}}

    def _lists(self) -> list[Ask]:
        """The first page, of all and of each state, for everybody."""
        return self._pages([{}, *({"state": state} for state in self.flow.states)])

    def _searches(self) -> list[Ask]:
        """Words that stand in the records, for everybody."""
        names = [name for name, field in self.flow.fields.items() if field.type in TEXTS]
        items = self.site.all_pages(self.site.admin, self.flow.path)
        texts = " ".join(item.get(name, "") for item in items for name in names)
        words = list(dict.fromkeys(w for w in texts.split() if w.isalpha() and len(w) > 2))
        some = words[:: max(1, len(words) // WORDS)] or ["a"]
        return self._pages([{"q": word} for word in some])

    def _pages(self, queries: list[dict[str, str]]) -> list[Ask]:
        paths = [f"{self.flow.path}?{urlencode(query)}" for query in queries]
        return [(each, "GET", path, None) for path in paths for each in self.people]

    def _looks(self) -> list[Ask]:
        """The records that each of the people may see, in turns."""
        seen = {each: accepted(each.records(size=PAGE))["items"] for each in self.people}
        found: list[Ask] = [
            (each, "GET", f"{self.flow.path}/{items[number]['id']}", None)
            for number in range(PAGE)
            for each, items in seen.items()
            if number < len(items)
        ]
        return found or self._lists()

    def _editing(self) -> Callable[[], Ask] | None:
        """Gives a field of a new record another value: in the first state where people may, its owner if possible."""
        for state in self.flow.states:
            with suppress(LookupError):
                trial = self.site.record_in(state, owner=self.owner)
                for editor in [self.owner, *self.people] if self.owner else self.people:
                    names = self.flow.editable(editor.actor, trial)
                    for name in sorted(names, key=self._rank):
                        new = self._new(trial, name)
                        if new and editor.edit(trial, new).is_success:
                            return partial(self._edit, state, editor, name)
        return None

    def _edit(self, state: str, editor: Client, name: str) -> Ask:
        record = self.site.record_in(state, owner=self.owner)
        body = {"version": record.version, **editor.written(self._new(record, name))}
        return editor, "PATCH", editor.at(record), body

    def _rank(self, name: str) -> int:
        """How much hangs on a field: least on a plain text that no guard asks about."""
        guarded = {guard.field for t in self.flow.transitions for guard in t.guards}
        kinds = ("long_text", "text", "integer", "money", "choice")
        kind = self.flow.fields[name].type
        return (kinds.index(kind) if kind in kinds else len(kinds)) + len(kinds) * (name in guarded)

    def _new(self, record: Record, name: str) -> dict[str, Value]:
        """The field with another value that it may have in this record; empty where there is none."""
        value = v.quiet(self.flow, record, name)
        fits = v.fits(self.flow.fields[name], value)
        in_order = self.flow.in_order({**record.values, name: value})
        return {name: value} if fits and in_order and value != record.values[name] else {}

    def _approving(self) -> Callable[[], Ask] | None:
        """Decides on a new record: `approve`, else what somebody else than its owner does, four eyes first."""
        rows = [t for t in self.flow.transitions if not t.by_itself]
        for row in sorted(rows, key=lambda t: (t.name != "approve", t.by == {OWNER}, not t.not_by)):
            for state in row.sources:
                with suppress(LookupError, StopIteration):
                    maker, method, path, body = self._approval(state, row)
                    if maker.request(method, path, json=body).is_success:
                        return partial(self._approval, state, row)
        return None

    def _approval(self, state: str, row: Transition) -> Ask:
        record = self.site.record_for(state, row, self.owner)
        fields = self.flow.person_fields.items()
        named = [str(record.values[n]) for n, field in fields if record.values[n] in field.people]
        makers = [*self.people, *map(self.site.named, named)]
        maker = next(each for each in makers if self._may(each, record, row.name))
        body = {"version": record.version, "comment": REASON}
        return maker, "POST", f"{maker.at(record)}/transitions/{row.name}", body

    def _may(self, client: Client, record: Record, name: str) -> bool:
        answer = self.flow.answer(client.actor, record, name, comment=REASON)
        return isinstance(answer, Transition)
