"""Files to import, by the workflow, and what the spike says of them."""

import csv
import io
import random
import time
from collections.abc import Iterable, Mapping
from typing import Any

from suite import values as v
from suite.client import Client, accepted, expect
from suite.parts import Actor, Field, Record, Value
from suite.receiver import PATIENCE
from suite.site import Site
from suite.workflow_file import workflow

FLOW = workflow()
COLUMNS = FLOW.imports
AT = f"{FLOW.path}/imports"
FORMULA = tuple("=+-@\t\r")
WORKING = ("checking", "running")
Row = dict[str, str]


def settable(role: str) -> list[str]:
    """The columns that somebody of the role may fill in."""
    allowed = FLOW.settable(Actor("", frozenset({role})))
    return [name for name in COLUMNS if name in allowed]


def row(role: str, number: int = 0, **wanted: Value) -> Row | None:
    """The cells of a row that becomes a record, or None where no such record has these columns alone."""
    names = settable(role)
    required = [f.name for f in FLOW.fields.values() if f.required]
    for chosen in (names, [n for n in names if n in (*required, *wanted)]):
        for turn in range(number, number + 5):
            values = {n: v.good(FLOW.fields[n], turn) for n in chosen} | wanted
            found = v.fitted(FLOW, values, wanted)
            filled = {n for n, value in found.items() if value != FLOW.fields[n].empty}
            if filled <= set(names) and all(found[n] == value for n, value in wanted.items()):
                return {n: cell(FLOW.fields[n], found.get(n)) for n in COLUMNS}
    return None


def cell(field: Field, value: Value) -> str:
    """A value as the export writes it."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    text = str(field.write(value))
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


IMPORTERS = [role for role in FLOW.importers() if row(role)]
FIRST = IMPORTERS[:1]


def good(role: str, number: int = 0) -> Row:
    """A row that becomes a record."""
    found = row(role, number)
    if found is None:
        raise LookupError(f"{role} creates no record with these columns alone")
    return found


def written(
    rows: Iterable[Mapping[str, str] | list[str]],
    columns: Iterable[str] = COLUMNS,
    *,
    separator: str = ",",
    end: str = "\r\n",
    quoting: Any = csv.QUOTE_MINIMAL,
) -> bytes:
    """A CSV file that no other is the same as: its last line has blanks alone."""
    text, names = io.StringIO(), list(columns)
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(names)
    for each in rows:
        writer.writerow(each if isinstance(each, list) else [each[name] for name in names])
    blanks = "".join(random.choices(" \t", k=40))  # noqa: S311
    return (text.getvalue() + blanks).encode()


def settled(client: Client, number: int) -> dict[str, Any]:
    """The import once the worker has done with it for now."""
    end = time.monotonic() + PATIENCE
    while True:
        found = dict(accepted(client.import_(number)))
        if found["state"] not in WORKING:
            return found
        expect(time.monotonic() < end, f"the import is {found['state']} for ever")
        time.sleep(0.05)


def checked(client: Client, content: bytes) -> dict[str, Any]:
    """The import of a file, once it is checked."""
    found = settled(client, accepted(client.upload(content))["id"])
    expect(found["state"] == "checked", f"the import is {found['state']}, not checked")
    return found


def imported(client: Client, content: bytes, *, again: bool = False) -> dict[str, Any]:
    """The same, once its good rows are records."""
    number = checked(client, content)["id"]
    accepted(client.start(number, again=again))
    return settled(client, number)


def records_of(site: Site, client: Client) -> list[Record]:
    """The records of somebody, oldest first, which the ledger knows from now on."""
    page = accepted(client.records(size=100))["items"]
    mine = [each["id"] for each in page if each["owner"] == client.actor.username]
    return [site.wrote(number) for number in sorted(mine)]


def bad_rows(client: Client, number: int) -> list[list[str]]:
    """The lines of the file of bad rows."""
    answer = client.get(f"{AT}/{number}/bad-rows.csv")
    kind = answer.headers["content-type"]
    expect(answer.status_code == 200, f"the bad rows → {answer.status_code}")
    expect(kind.startswith("text/csv"), f"the bad rows are {kind}")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def reasons(client: Client, number: int) -> dict[int, set[str]]:
    """The fields that are said to be wrong, by the number of the row."""
    found: dict[int, set[str]] = {}
    for line, field, reason, *_ in bad_rows(client, number)[1:]:
        expect(reason, f"row {line}: no reason")
        found.setdefault(int(line), set()).add(field)
    return found


def values_in(cells: Row) -> dict[str, Value]:
    """What the cells of a good row say."""
    truths = {"true": True, "false": False}
    found: dict[str, Value] = {}
    for name, text in cells.items():
        field = FLOW.fields[name]
        plain = text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text
        if field.type == "boolean":
            found[name] = truths.get(plain, False)
        elif field.type == "integer" and plain:
            found[name] = int(plain)
        else:
            found[name] = field.read(plain) if plain else field.empty
    return found


def shown(client: Client, record: Record) -> dict[str, Value]:
    """The columns of the record as the client sees them."""
    found = accepted(client.read(record))
    return {name: FLOW.fields[name].read(found[name]) for name in COLUMNS if name in found}


def seen(client: Client, record: Record, values: Mapping[str, Value]) -> dict[str, Value]:
    """Those of the values that the client sees in the record."""
    unseen = FLOW.unseen(client.actor, record)
    return {name: value for name, value in values.items() if name not in unseen}
