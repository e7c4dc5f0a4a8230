"""What `outlets.yml` says: which endpoint or page of a spike shows what about records."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from suite.screens import Page
from suite.workflow import Workflow
from suite.workflow_file import workflow

FILE = Path(__file__).parents[1] / "outlets.yml"
KINDS = ("records", "some", "record", "part", "edit", "report", "admins", "none", "writes")


@dataclass(frozen=True)
class Outlets:
    """The kind of each endpoint (`GET /api/…`), and of each page of a spike by its address."""

    endpoints: Mapping[str, str]
    screens: Mapping[str, Mapping[str, str]]

    def reads(self, *kinds: str) -> list[str]:
        """The addresses of endpoints of these kinds that answer GET."""
        asked = (each.split(" ", 1) for each, kind in self.endpoints.items() if kind in kinds)
        return [path for method, path in asked if method == "GET"]

    def pages(self, spike: str, *kinds: str) -> list[str]:
        """The addresses of a spike's pages of these kinds."""
        return [path for path, kind in self.screens.get(spike, {}).items() if kind in kinds]

    def shape(self, spike: str, address: str, names: frozenset[str]) -> str:
        """The page of the table that an address is of, or its path with `{}` for numbers and names."""
        path = urlsplit(address).path
        known = self.screens.get(spike, {})
        if path in known:
            return path
        parts = path.split("/")
        for wanted in known:
            pairs = list(zip(wanted.split("/"), parts, strict=False))
            if len(wanted.split("/")) == len(parts) and all(
                ours == theirs or (ours == "{}" and (theirs.isdecimal() or theirs in names))
                for ours, theirs in pairs
            ):
                return wanted
        return "/".join("{}" if part.isdecimal() else part for part in parts)

    def number(self, spike: str, address: str) -> int | None:
        """The record that an address is about, if it is the page of one."""
        parts = urlsplit(address).path.split("/")
        for wanted in self.pages(spike, "record", "part", "edit"):
            places = wanted.split("/")
            if len(places) == len(parts) and all(
                ours == theirs or (ours == "{}" and theirs.isdecimal())
                for ours, theirs in zip(places, parts, strict=True)
            ):
                return int(parts[places.index("{}")])
        return None

    def shown(self, spike: str, pages: Iterable[Page]) -> list[int]:
        """The records that pages lead to, or those whose numbers a CSV file has in its first column."""
        found: set[int] = set()
        for page in pages:
            if page.kind == "text/csv":
                text = page.answer.content.decode("utf-8-sig")
                rows = csv.reader(io.StringIO(text, newline=""))
                found |= {int(number) for number, *_ in rows if number.isdigit()}
            found |= set(self.listed(spike, page))
        return sorted(found)

    def listed(self, spike: str, page: Page) -> list[int]:
        """The records that a page leads to, in the order in which it has them."""
        numbers = (self.number(spike, link) for link in page.links)
        return list(dict.fromkeys(number for number in numbers if number is not None))


@cache
def outlets() -> Outlets:
    """The table of this copy. Raises `ValueError` for a kind that there is not."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    screens = {spike: _named(pages) for spike, pages in raw["screens"].items()}
    return Outlets(_named(raw["endpoints"]), screens)


def _named(kinds: Mapping[str, Any]) -> dict[str, str]:
    """The addresses with the workflow's names in them."""
    wrong = [f"{address}: {kind}" for address, kind in kinds.items() if kind not in KINDS]
    if wrong:
        raise ValueError(f"{FILE.name}: {wrong[0]} is not a kind; choose from {', '.join(KINDS)}")
    return {named(address, workflow()): kind for address, kind in kinds.items()}


def named(address: str, flow: Workflow) -> str:
    """The address with the workflow's names for RECORDS and RECORD."""
    words = {"RECORDS": "-".join(flow.plural.split()), "RECORD": "".join(flow.name.split()).lower()}
    return "/".join(words.get(part, part) for part in address.split("/"))


def filled(address: str, value: object) -> str:
    """The address with a number or a name for its `{}`."""
    return address.replace("{}", str(value), 1)


def endpoints(document: Mapping[str, Any]) -> Iterator[str]:
    """The operations of an OpenAPI document as the table writes them."""
    for path, item in document["paths"].items():
        plain = "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
        for method in item:
            if method in ("get", "post", "put", "patch", "delete"):
                yield f"{method.upper()} {plain}"
