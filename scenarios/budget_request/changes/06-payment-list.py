"""Change 06: accounting downloads the payments of a month."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from suite.client import Client, accepted, refused
from suite.parts import Record
from suite.site import Site

pytestmark = [pytest.mark.change("06"), pytest.mark.area("audit_and_export")]
PATH = "/api/budget-requests/payments.csv"
COLUMNS = ["pay_on", "supplier", "amount", "account_code", "payment_reference"]


@pytest.fixture
def paid(
    client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> Callable[..., Record]:
    """`paid(date(2027, 3, 4), supplier="Acme")` is a request that is being paid on that day."""

    def make(day: date, **wanted: Any) -> Record:
        amount = wanted.pop("amount", Decimal("100.00"))
        record = record_in("approved", amount=amount, pay_on=day, account_code="4711", **wanted)
        accepted(client_as("finance").move(record, "order_payment"))
        return record

    return make


def rows(client: Client, month: str) -> list[dict[str, str]]:
    answer = client.get(PATH, month=month)
    assert answer.status_code == 200, f"{PATH} → {answer.status_code}"
    reader = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert reader.fieldnames == COLUMNS
    return list(reader)


def test_it_is_a_download_for_a_spreadsheet(site: Site) -> None:
    answer = site.admin.get(PATH, month="2027-01")
    assert answer.status_code == 200, f"{PATH} → {answer.status_code}"
    assert answer.headers["content-type"].replace(" ", "").lower() == "text/csv;charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content.startswith(b"\xef\xbb\xbf"), "the file lacks its byte order mark"


def test_it_has_the_month_in_the_order_of_its_days(
    client_as: Callable[..., Client], paid: Callable[..., Record]
) -> None:
    paid(date(2041, 3, 31), supplier="Last")
    paid(date(2041, 3, 1), supplier="First", amount=Decimal("12.30"))
    paid(date(2041, 4, 1), supplier="Next month")
    found = rows(client_as("finance"), "2041-03")
    assert [row["supplier"] for row in found] == ["First", "Last"]
    assert found[0]["pay_on"] == "2041-03-01"
    assert found[0]["amount"] == "12.30"
    assert found[0]["account_code"] == "4711"


def test_what_is_only_approved_is_not_there(
    client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> None:
    record_in("approved", amount=Decimal("100.00"), pay_on=date(2042, 5, 5))
    assert rows(client_as("finance"), "2042-05") == []


def test_a_supplier_is_no_formula(
    client_as: Callable[..., Client], paid: Callable[..., Record]
) -> None:
    paid(date(2043, 7, 7), supplier="=1+1")
    assert [row["supplier"] for row in rows(client_as("finance"), "2043-07")] == ["'=1+1"]


@pytest.mark.parametrize("month", ["2026-13", "March", ""])
def test_a_month_that_is_none_is_refused(site: Site, month: str) -> None:
    problem = refused(site.admin.get(PATH, month=month), "invalid")
    assert [error["field"] for error in problem["errors"]] == ["month"]


@pytest.mark.parametrize("role", ["requester", "manager"])
def test_nobody_else_may(client_as: Callable[..., Client], role: str) -> None:
    refused(client_as(role).get(PATH, month="2026-03"), "forbidden")


def test_a_visitor_is_refused(site: Site) -> None:
    refused(site.visitor().get(PATH, month="2026-03"), "not_signed_in")
