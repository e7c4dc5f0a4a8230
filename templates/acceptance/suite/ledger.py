"""What the suite has written and the spike has accepted: the book that audit and deliveries must match."""

import re
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from suite.parts import HOME_DEPARTMENT, Actor, Record, Transition
from suite.workflow import Workflow

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def moments(value: Any) -> Iterator[str]:
    """Everything in an answer that is a moment."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from moments(each)
    elif isinstance(value, str) and MOMENT.fullmatch(value):
        yield value


@dataclass(frozen=True)
class Entry:
    """One accepted write, as the audit trail must have it."""

    actor: str
    action: str
    transition: str | None = None
    source: str | None = None
    target: str | None = None
    comment: str = ""
    changes: tuple[tuple[str, Any, Any], ...] = ()
    bulk: bool = False
    impersonator: str | None = None
    follow_ups: tuple[str, ...] = ()
    version: int = 0

    @staticmethod
    def of(answer: dict[str, Any]) -> "Entry":
        """The same from the spike's history; a new record's unset booleans may be told or not."""
        created = answer["action"] == "create"
        changes = [c for c in answer["changes"] if not (created and c["new"] is False)]
        return Entry(
            answer["actor"],
            answer["action"],
            answer["transition"],
            answer["from"],
            answer["to"],
            answer["comment"],
            tuple(sorted((c["field"], c["old"], c["new"]) for c in changes)),
            answer.get("bulk", False),
            answer.get("impersonator"),
        )

    def plain(self, unseen: Collection[str] = ()) -> "Entry":
        """Without what the audit trail does not show, nor these fields to somebody."""
        shown = Entry(*(getattr(self, name) for name in list(self.__dataclass_fields__)[:9]))
        return replace(shown, changes=tuple(c for c in self.changes if c[0] not in unseen))


class Ledger:
    """Follows every record that the suite has created."""

    def __init__(self, flow: Workflow) -> None:
        self.flow = flow
        self.records: dict[int, Record] = {}
        self.entries: dict[int, list[Entry]] = {}
        self.departments = dict.fromkeys(flow.service_roles, "")  # of users, where not the usual
        self.failures: list[str] = []  # answers that say that the spike broke
        self.moments: list[str] = []  # moments without their zone, with where they were
        self.shown_wrongly: list[
            str
        ] = []  # answers with what their sender does not see, or without
        self._lock = threading.Lock()
        self._path = re.compile(rf"{flow.path}(?:/(\d+)(?:/(comments)|/transitions/(\w+))?)?$")
        self._bulk = re.compile(rf"{flow.path}/transitions/(\w+)$")

    def note(
        self, actor: Actor, method: str, path: str, given: Any, status: int, answer: Any
    ) -> None:
        """Take down a request that was answered with 2xx, if it wrote a record."""
        if method == "POST" and status == 200 and (many := self._bulk.match(path)):
            with self._lock:
                self._moved_many(actor, many[1], str(given.get("comment", "")).strip(), answer)
        found = self._path.match(path)
        if not found or method not in ("POST", "PATCH") or status not in (200, 201):
            return
        number, comments, name = found.groups()
        with self._lock:
            if number is None:
                self._created(actor, answer)
                self._look_at(actor, method, path, answer)
            elif int(number) in self.records:
                record = self.records[int(number)]
                if comments:
                    entry = Entry(actor.username, "comment", comment=answer["comment"])
                    self._write(record, replace(entry, impersonator=actor.impersonator))
                elif name:
                    self._moved(actor, record, name, str(given.get("comment", "")).strip(), answer)
                    self._look_at(actor, method, path, answer)
                else:
                    changes = self._update(record, answer)
                    entry = Entry(actor.username, "edit", changes=changes)
                    self._write(record, replace(entry, impersonator=actor.impersonator))
                    self._look_at(actor, method, path, answer)

    def catch_up(
        self, actor: Actor, answer: dict[str, Any], history: list[dict[str, Any]]
    ) -> Record:
        """Take over what was written to a record without the ledger, from its answer and its history.

        The actor has asked for them. What the ledger has already must still be in the history.
        """
        number = answer["id"]
        known_as = self.records.get(number) or self._record(answer)
        unseen = self.flow.unseen(actor, known_as)
        known = self.entries.get(number, [])
        items = [Entry.of(item) for item in history]
        kept = [entry.plain(unseen) for entry in known]
        if sorted(map(repr, items[: len(kept)])) != sorted(map(repr, kept)):
            raise AssertionError(f"the history of record {number} has lost what was written before")
        with self._lock:
            record = self.records.setdefault(number, self._record(answer))
            self._update(record, answer)
            record.state = answer["state"]
            counted = [item.action != "comment" for item in items]
            self.entries[number] = known + [
                replace(item, follow_ups=self._sent_by(item), version=sum(counted[: place + 1]))
                for place, item in enumerate(items)
                if place >= len(known)
            ]
            record.approved = {}
            for item in items:
                if item.transition and item.target:
                    record.move(item.transition, item.actor, item.target)
                elif item.transition:
                    record.approve(item.transition, item.actor)
        return record

    def _sent_by(self, entry: Entry) -> tuple[str, ...]:
        for t in self.flow.transitions:
            if (t.name, t.target) == (entry.transition, entry.target) and entry.source in t.sources:
                return t.follow_ups
        return ()

    def hear(self, where: str, status: int, body: Any) -> None:
        """Take down what no answer should have, whoever asked: an error of the spike, odd moments."""
        if status >= 500:
            self.failures.append(f"{where} → {status}")
        self.moments += [f"{where}: {moment}" for moment in moments(body) if moment[-1] != "Z"]

    def _look_at(self, actor: Actor, method: str, path: str, answer: dict[str, Any]) -> None:
        """Take down an answer with fields that the actor does not see, or without some that they see."""
        unseen = self.flow.unseen(actor, self.records[answer["id"]])
        wrong = [name for name in self.flow.hidden if (name in answer) == (name in unseen)]
        if wrong:
            self.shown_wrongly.append(f"{method} {path} shows {actor}: {wrong}")

    def _record(self, answer: dict[str, Any]) -> Record:
        values = {n: self.flow.fields[n].empty for n in self.flow.fields}
        record = Record(answer["id"], answer["version"], answer["state"], answer["owner"], values)
        record.department = self.department_of(record.owner)
        self._update(record, answer)
        return record

    def department_of(self, username: str) -> str:
        """The department that somebody is in now."""
        return self.departments.get(username, HOME_DEPARTMENT)

    def move_to(self, username: str, department: str) -> None:
        """Take down that somebody is in another department, and their records with them."""
        self.departments[username] = department
        for record in self.records.values():
            if record.owner == username:
                record.department = department

    def _created(self, actor: Actor, answer: dict[str, Any]) -> None:
        record = self._record(answer)
        self.records[record.id] = record
        changes = sorted(
            (field.name, None, field.write(record.values[field.name]))
            for field in self.flow.fields.values()
            if record.values[field.name] != field.empty
        )
        self.entries[record.id] = [Entry(actor.username, "create", changes=tuple(changes))]

    def _update(self, record: Record, answer: dict[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
        changes = []
        for field in self.flow.fields.values():
            if field.name not in answer:
                continue
            old, new = record.values[field.name], field.read(answer[field.name])
            if old != new:
                changes.append((field.name, field.write(old), field.write(new)))
                record.values[field.name] = new
        record.version = answer["version"]
        return tuple(sorted(changes))

    def _moved_many(self, actor: Actor, name: str, comment: str, answer: dict[str, Any]) -> None:
        for each in answer["done"]:
            if each["id"] in self.records:
                self._moved(actor, self.records[each["id"]], name, comment, each, bulk=True)

    def _moved(
        self,
        actor: Actor,
        record: Record,
        name: str,
        comment: str,
        answer: dict[str, Any],
        *,
        bulk: bool = False,
    ) -> None:
        if answer["state"] == record.state:  # others must make it too
            record.approve(name, actor.username)
            record.version = answer["version"]
            entry = Entry(actor.username, "approval", name, comment=comment, bulk=bulk)
            self._write(record, entry)
            return
        made = self.flow.answer(actor, record, name, comment=comment or "because")
        entry = Entry(
            actor.username,
            "transition",
            name,
            record.state,
            answer["state"],
            comment,
            bulk=bulk,
            follow_ups=made.follow_ups if isinstance(made, Transition) else (),
            version=answer["version"],
        )
        record.move(name, actor.username, answer["state"])
        record.version = answer["version"]
        self._write(record, entry)

    def _write(self, record: Record, entry: Entry) -> None:
        if record.id in self.entries:
            self.entries[record.id].append(entry)
