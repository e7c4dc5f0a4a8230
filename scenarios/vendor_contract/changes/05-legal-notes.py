"""Change 05: only legal and procurement see the legal note, wherever it might come out."""

import csv
import io
import secrets
from collections.abc import Callable

import pytest

from suite.client import Client, accepted
from suite.site import Site
from suite.workflow import Record

pytestmark = [pytest.mark.change("05"), pytest.mark.area("sign_in_and_permissions")]
PATH = "/api/vendor-contracts"


@pytest.fixture(scope="module")
def secret() -> str:
    """A word that stands in one legal note and nowhere else."""
    return f"unsound{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def noted(site: Site, secret: str) -> Record:
    """A contract whose legal note has the word."""
    record = site.record_in("in_review")
    accepted(site.client_as("legal").edit(record, {"legal_note": f"They are {secret}."}))
    return record


@pytest.fixture
def buyer(client_as: Callable[..., Client]) -> Client:
    """Somebody who sees every contract, but not the note."""
    return client_as("buyer")


def test_the_record_comes_without_it(noted: Record, buyer: Client, secret: str) -> None:
    answer = buyer.read(noted)
    assert "legal_note" not in accepted(answer), "the record has the note"
    assert secret not in answer.text


def test_the_list_comes_without_it(noted: Record, buyer: Client, secret: str) -> None:
    answer = buyer.records(size=100)
    with_it = [item["id"] for item in accepted(answer)["items"] if "legal_note" in item]
    assert not with_it, f"{len(with_it)} records of the list have the note"
    assert secret not in answer.text


def test_a_search_does_not_find_it(
    noted: Record, buyer: Client, client_as: Callable[..., Client], secret: str
) -> None:
    assert accepted(buyer.records(q=secret))["total"] == 0, "a search finds what is hidden"
    assert accepted(client_as("legal").records(q=secret))["total"] == 1


def test_the_export_comes_without_it(noted: Record, buyer: Client, secret: str) -> None:
    text = buyer.get(f"{PATH}/export.csv", header="names").content.decode("utf-8-sig")
    assert secret not in text, "the export has the note"
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert rows
    assert not any(row.get("legal_note") for row in rows)


def test_the_history_comes_without_it(noted: Record, buyer: Client, secret: str) -> None:
    answer = buyer.history(noted)
    assert "edit" in [item["action"] for item in accepted(answer)["items"]]
    assert secret not in answer.text, "the history has the note"


@pytest.mark.parametrize("role", ["legal", "procurement"])
def test_whoever_needs_it_still_sees_it(
    noted: Record, client_as: Callable[..., Client], role: str, secret: str
) -> None:
    assert secret in accepted(client_as(role).read(noted))["legal_note"]
    assert secret in client_as(role).history(noted).text
