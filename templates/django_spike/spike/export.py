"""Records for spreadsheets and the report."""

import csv
from collections.abc import Iterator
from itertools import islice

from django.db.models import Count, DecimalField, QuerySet, Sum
from django.http import StreamingHttpResponse

from spike.models import Record
from spike.services import as_json
from spike.workflow import FIELDS, State

COLUMNS = ["id", "state", "owner__username", *FIELDS, "created_at", "updated_at"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MONEY = [name for name in FIELDS if isinstance(Record._meta.get_field(name), DecimalField)]


class Echo:
    """A file that hands back what is written, for `csv` to write into."""

    def write(self, text: str) -> str:
        return text


def csv_response(records: QuerySet[Record]) -> StreamingHttpResponse:
    """The records as a CSV download, sent in chunks as they are read."""
    response = StreamingHttpResponse(csv_chunks(records), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{Record._meta.db_table}.csv"'
    return response


def csv_chunks(records: QuerySet[Record]) -> Iterator[str]:
    """The lines, some hundreds at a time, after the byte order mark that spreadsheets look for."""
    writer = csv.writer(Echo())
    rows = records.values_list(*COLUMNS).iterator(chunk_size=1000)
    lines = (writer.writerow(map(cell, row)) for row in rows)
    yield "\ufeff" + writer.writerow(name.removesuffix("__username") for name in COLUMNS)
    while chunk := "".join(islice(lines, 500)):
        yield chunk


def cell(value: object) -> object:
    """A value as the API gives it; text that a spreadsheet would run as a formula gets a '."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return as_json(value)


def report(records: QuerySet[Record]) -> list[dict[str, object]]:
    """For each state, in the workflow's order: how many records, and the totals of money."""
    sums = {name: Sum(name) for name in MONEY}
    rows = records.order_by().values("state").annotate(records=Count("pk"), **sums)
    found = {row["state"]: row for row in rows}
    return [
        {
            "state": state.value,
            "count": found.get(state, {}).get("records", 0),
            "totals": {name: f"{found.get(state, {}).get(name) or 0:.2f}" for name in MONEY},
        }
        for state in State
    ]
