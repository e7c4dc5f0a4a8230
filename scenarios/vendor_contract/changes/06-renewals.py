"""Change 06: a page of the contracts that renew soon."""

import re
import secrets
from collections.abc import Callable
from datetime import date, timedelta

import httpx
import pytest

from suite.client import Client
from suite.parts import Record
from suite.site import Site

pytestmark = [pytest.mark.change("06"), pytest.mark.area("staff_screens")]


def renewals(client: Client) -> httpx.Response:
    return client.http.get("/renewals", follow_redirects=True)


def contract(site: Site, days: int | None, state: str = "approved") -> str:
    """A contract that renews in so many days; gives its vendor, a name that nobody else has."""
    vendor = f"Vendor {secrets.token_hex(5)}"
    wanted = {} if days is None else {"renews_on": date.today() + timedelta(days=days)}
    site.record_in(state, vendor=vendor, annual_value=10, personal_data=False, **wanted)
    return vendor


@pytest.fixture
def page(client_as: Callable[..., Client]) -> Callable[[], str]:
    """The page as procurement sees it."""

    def read() -> str:
        answer = renewals(client_as("procurement"))
        assert answer.status_code == 200, f"/renewals → {answer.status_code}"
        return answer.text

    return read


def test_what_renews_soon_is_there_the_soonest_first(site: Site, page: Callable[[], str]) -> None:
    later, sooner = contract(site, 89), contract(site, 2)
    text = page()
    assert sooner in text
    assert later in text
    assert text.index(sooner) < text.index(later)


@pytest.mark.parametrize("days", [None, -1, 91], ids=["without a day", "yesterday", "in 91 days"])
def test_what_does_not_is_not(site: Site, page: Callable[[], str], days: int | None) -> None:
    assert contract(site, days) not in page()


def test_what_is_not_approved_is_not(site: Site, page: Callable[[], str]) -> None:
    assert contract(site, 5, "in_review") not in page()


def test_a_click_leads_to_the_contract(
    record_in: Callable[..., Record], page: Callable[[], str]
) -> None:
    day = date.today() + timedelta(days=3)
    record = record_in("approved", annual_value=10, personal_data=False, renews_on=day)
    assert re.search(rf'href="[^"]*/{record.id}(/change)?/?"', page())


def test_a_visitor_is_led_to_the_sign_in(site: Site) -> None:
    answer = renewals(site.visitor())
    assert answer.status_code in (200, 401, 403), f"/renewals → {answer.status_code}"
    assert 'type="password"' in answer.text
