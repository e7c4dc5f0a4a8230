"""Change 07: finance downloads what access costs, by system and cost centre."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pytest

from suite.client import Client, accepted, refused
from suite.parts import Record
from suite.site import Site

pytestmark = [pytest.mark.change("07"), pytest.mark.area("audit_and_export")]
PATH = "/api/access-requests/costs.csv"
COLUMNS = ["system", "cost_centre", "requests", "annual_cost"]


def rows(client: Client) -> list[dict[str, str]]:
    answer = client.get(PATH)
    assert answer.status_code == 200, f"{PATH} → {answer.status_code}"
    reader = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert reader.fieldnames == COLUMNS
    return list(reader)


def test_it_is_a_download_for_a_spreadsheet(site: Site) -> None:
    answer = site.admin.get(PATH)
    assert answer.status_code == 200, f"{PATH} → {answer.status_code}"
    assert answer.headers["content-type"].replace(" ", "").lower() == "text/csv;charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content.startswith(b"\xef\xbb\xbf"), "the file lacks its byte order mark"


def test_it_adds_up_what_the_list_shows(site: Site, record_in: Callable[..., Record]) -> None:
    record_in("approved", annual_cost=Decimal("12.34"), system="CRM")
    record_in("submitted", annual_cost=Decimal("99.00"), system="CRM")
    expected: dict[tuple[str, str], list[Decimal]] = {}
    for record in site.all_pages(site.admin, "/api/access-requests"):
        if record["state"] in ("approved", "active"):
            key = (record["system"], record["cost_centre"])
            expected.setdefault(key, []).append(Decimal(record["annual_cost"]))
    assert [
        (row["system"], row["cost_centre"], int(row["requests"]), Decimal(row["annual_cost"]))
        for row in rows(site.admin)
    ] == [(*key, len(costs), sum(costs)) for key, costs in sorted(expected.items())]


def test_a_cost_centre_is_no_formula(
    site: Site, client_as: Callable[..., Client], record_in: Callable[..., Record]
) -> None:
    record = record_in("submitted", annual_cost=Decimal("1.00"), cost_centre="=1+1")
    accepted(client_as("manager").move(record, "approve"))
    assert "'=1+1" in [row["cost_centre"] for row in rows(site.admin)]


@pytest.mark.parametrize("role", ["manager", "security", "auditor"])
def test_whoever_sees_all_may_download_it(client_as: Callable[..., Client], role: str) -> None:
    assert rows(client_as(role)) is not None


def test_whoever_sees_their_own_may_not(client_as: Callable[..., Client]) -> None:
    refused(client_as("requester").get(PATH), "forbidden")


def test_a_visitor_is_refused(site: Site) -> None:
    refused(site.visitor().get(PATH), "not_signed_in")
