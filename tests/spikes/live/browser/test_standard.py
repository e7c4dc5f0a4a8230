"""What both spikes' screens promise people, line by line: the standard in the README of a copy."""

import re
import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from .screens import Screens

Visit = Callable[..., Page]
OLD, NEW = "a-password-of-the-browser", "another-one-of-the-browser"
COLUMNS = [
    "no.",
    "state",
    "employee",
    "system",
    "annual cost",
    "access until",
    "owner",
    "last changed",
]
ISO = re.compile(r"\d{4}-\d\d-\d\d")
PHONE = {"viewport": {"width": 390, "height": 844}}
COLOUR = "it => getComputedStyle(it).color"
ALIGNED = "it => getComputedStyle(it).textAlign"


@pytest.fixture
def submitted(site: Any) -> Any:
    """A new record that waits for the manager."""
    return site.record_in("submitted", annual_cost=Decimal("1234.50"))


@pytest.fixture
def newcomer(visit: Visit, screens: Screens) -> str:
    """The username of somebody new without a role."""
    username = f"new-{secrets.token_hex(3)}"
    page = visit("admin")
    screens.add_person(page, username, f"Name of {username}", OLD)
    expect(page.locator("body")).to_contain_text(username)
    return username


def row_of(screens: Screens, page: Page, record: Any) -> Locator:
    """The record's row in the list."""
    link = page.get_by_role("link", name=str(record.id), exact=True)
    return screens.rows(page).filter(has=link)


# No trap on a screen


def test_a_step_loses_nothing_that_was_typed(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    page = visit("manager")
    screens.open(page, screens.record_path(submitted.id))
    if not screens.edits_on_record_page:
        expect(page.locator("main").get_by_role("textbox")).to_have_count(1)
        return
    page.get_by_label("Annual cost").fill("4,321.00")
    screens.press(page, "Approve")
    expect(page.locator("ol.history")).to_contain_text("Submitted → Approved")
    assert site.admin.read(submitted).json()["annual_cost"] == "4321.00"


def test_an_ended_session_loses_nothing_that_was_typed(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    page = visit("manager")
    screens.open(page, screens.edit_path(submitted.id))
    page.get_by_label("Reason").fill("Typed for an hour")
    page.context.clear_cookies()
    screens.save(page)
    expect(page.locator("body")).to_contain_text("Your session has ended")
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill(site.password)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="out").first.wait_for()
    if screens.edits_on_record_page:
        expect(page.locator(".messagelist")).to_contain_text("It is not saved yet")
        expect(page.get_by_label("Reason")).to_have_value("Typed for an hour")
        screens.save(page)
    else:
        expect(page.locator("body")).to_contain_text("Typed for an hour")
        page.get_by_role("button", name="Send it now").click()
    expect(page.locator("ol.history")).to_contain_text("Typed for an hour")
    assert site.admin.read(submitted).json()["reason"] == "Typed for an hour"


def test_the_way_back_keeps_the_list_as_it_was(visit: Visit, screens: Screens, site: Any) -> None:
    name = f"Back {secrets.token_hex(3)}"
    made = [site.record_in("submitted", employee=name) for _ in range(2)]
    page = visit("manager")
    screens.open(page, screens.list_path)
    screens.search(page, name)
    page.get_by_role("columnheader").filter(has_text="State").get_by_role("link").first.click()
    page.wait_for_load_state()
    before = page.url
    row_of(screens, page, made[0]).get_by_role("link").first.click()
    screens.press(page, "Approve")
    expect(page.locator("ol.history")).to_contain_text("Submitted → Approved")
    screens.back(page).click()
    page.wait_for_load_state()
    assert page.url.partition("?")[2] == before.partition("?")[2]
    expect(screens.rows(page)).to_have_count(2)


@pytest.mark.parametrize("page_of", ["a page for others", "no record"])
def test_a_page_that_is_refused_or_missing_leads_on(
    visit: Visit, screens: Screens, page_of: str
) -> None:
    page = visit("manager")
    missing = page_of == "no record"
    screens.open(page, screens.record_path(999_999) if missing else screens.users_path)
    page.locator("a[href='/']:visible, a[href='/admin/']:visible").last.click()
    expect(page.get_by_role("heading", name=re.compile("^Access requests"))).to_be_visible()


# Neither looks worse for what is no matter of its framework


def test_amounts_stand_right_with_separators(
    visit: Visit, screens: Screens, submitted: Any
) -> None:
    page = visit("manager")
    screens.open(page, screens.list_path)
    cell = row_of(screens, page, submitted).get_by_role("cell", name="1,234.50", exact=True)
    assert cell.evaluate(ALIGNED) in ("right", "end")
    screens.open(page, screens.record_path(submitted.id))
    assert "1,234.50" in screens.history(page)
    shown = page.locator("dd", has_text="1,234.50").or_(page.get_by_label("Annual cost")).first
    assert "1,234.50" in (shown.inner_text() or shown.input_value())
    screens.open(page, screens.edit_path(submitted.id))
    assert page.get_by_label("Annual cost").evaluate(ALIGNED) == "right"


def test_a_form_understands_what_the_page_shows(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    page = visit("manager")
    screens.open(page, screens.edit_path(submitted.id))
    page.get_by_label("Annual cost").fill("12,50")
    screens.save(page)
    expect(screens.errors(page)).to_have_count(1)
    page.get_by_label("Annual cost").fill("2,345.60")
    screens.save(page)
    expect(page.locator("ol.history")).to_contain_text("2,345.60")
    assert site.admin.read(submitted).json()["annual_cost"] == "2345.60"


def test_dates_have_one_form(visit: Visit, screens: Screens, site: Any) -> None:
    made = site.record_in("submitted")
    owner = site.client_as("requester")
    site.client_as("manager").move(made, "send_back", "When does it end?")
    owner.edit(made, {"access_until": "2031-03-04"})
    owner.move(made, "submit")
    page = visit("manager")
    screens.open(page, screens.list_path)
    assert "4 Mar 2031" in row_of(screens, page, made).inner_text()
    assert not ISO.search(screens.rows(page).first.inner_text())
    screens.open(page, screens.record_path(made.id))
    assert "4 Mar 2031" in screens.history(page)
    assert re.search(r"\d{1,2} \w{3} \d{4}, \d\d:\d\d UTC", screens.history(page))
    assert not ISO.search(screens.history(page))


def test_the_history_has_the_newest_first_and_no_long_texts(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    site.client_as("manager").edit(submitted, {"reason": "Because. " * 100})
    site.client_as("manager").comment(submitted, "The last word.")
    page = visit("manager")
    screens.open(page, screens.record_path(submitted.id))
    entries = page.locator("ol.history > li")
    expect(entries.first).to_contain_text("The last word.")
    expect(entries.last).to_contain_text(re.compile("created", re.IGNORECASE))
    expect(entries.nth(1)).to_contain_text("…")
    assert len(entries.nth(1).inner_text()) < 700


def test_each_button_says_where_it_leads_and_the_step_forward_stands_out(
    visit: Visit, screens: Screens, submitted: Any
) -> None:
    page = visit("manager")
    screens.open(page, screens.record_path(submitted.id))
    for label, state in (("Approve", "Approved"), ("Send back", "Draft"), ("Reject", "Rejected")):
        place = screens.button(page, label).locator("xpath=..")
        expect(place).to_contain_text(f"→ {state}")
    expect(screens.primary(page)).to_have_count(1)
    expect(screens.primary(page)).to_contain_text("Approve")


def test_a_state_has_the_colour_of_its_meaning(visit: Visit, screens: Screens, site: Any) -> None:
    labels = ("Draft", "Submitted", "Security review", "Approved", "Active", "Rejected")
    for label in labels:
        site.standing(label.lower().replace(" ", "_"), key="colours")
    page, colours = visit("admin"), {}
    for label in labels:
        screens.open(page, screens.list_path)
        screens.filter(page, label)
        badge = screens.badge(page).filter(has_text=label).first
        colours[label] = badge.evaluate(COLOUR)
    draft, submitted, review, approved, active, rejected = colours.values()
    assert submitted == review == approved, colours
    assert len({draft, submitted, active, rejected}) == 4, colours


def test_both_lists_have_the_same_columns(visit: Visit, screens: Screens, site: Any) -> None:
    site.record_in("submitted")
    page = visit("manager")
    screens.open(page, screens.list_path)
    heads = page.locator("#result_list thead th, table.cards thead th")
    found = [re.sub("[↑↓]", "", each).strip() for each in heads.all_inner_texts()]
    assert [each.casefold() for each in found if each] == COLUMNS


def test_pages_have_numbers(visit: Visit, screens: Screens, site: Any) -> None:
    name = f"Many {secrets.token_hex(3)}"
    for _ in range(26):
        site.record_in("draft", employee=name)
    page = visit("manager")
    screens.open(page, screens.list_path)
    screens.search(page, name)
    expect(screens.rows(page)).to_have_count(25)
    page.get_by_role("link", name="2", exact=True).last.click()
    expect(screens.rows(page)).to_have_count(1)


# Wanted in both


def test_whoever_decides_sees_first_what_waits(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    site.record_in("rejected")
    page = visit("manager")
    expect(row_of(screens, page, submitted)).to_be_visible()
    assert set(screens.badge(page).all_inner_texts()) == {"Submitted"}
    requester = visit("requester")
    assert set(screens.badge(requester).all_inner_texts()) != {"Submitted"}


def test_a_temporary_role_is_taken_back(
    visit: Visit, screens: Screens, newcomer: str, submitted: Any
) -> None:
    admin = visit("admin")
    screens.grant(admin, newcomer, "Manager")
    admin.wait_for_load_state()
    person = visit(newcomer, OLD)
    screens.open(person, screens.record_path(submitted.id))
    expect(screens.button(person, "Approve")).to_have_count(1)
    screens.take_back(admin, newcomer, "Manager")
    admin.wait_for_load_state()
    screens.open(person, screens.record_path(submitted.id))
    expect(screens.button(person, "Approve")).to_have_count(0)


def test_passwords_are_reset_and_changed(
    visit: Visit, screens: Screens, newcomer: str, site: Any
) -> None:
    admin = visit("admin")
    screens.reset_password(admin, newcomer, NEW)
    admin.wait_for_load_state()
    site.admin.patch(f"/api/users/{newcomer}", {"roles": ["requester"]})
    person = visit(newcomer, NEW)
    screens.change_password(person, "not the old one at all", OLD)
    expect(person.locator("body")).to_contain_text(re.compile("old password|not your password"))
    screens.change_password(person, NEW, OLD)
    expect(person.locator("body")).to_contain_text(re.compile("changed"))
    visit(newcomer, OLD)


def test_users_are_searched_and_filtered(visit: Visit, screens: Screens, newcomer: str) -> None:
    page = visit("admin")
    screens.open(page, screens.users_path)
    screens.search(page, f"Name of {newcomer}")
    expect(screens.rows(page)).to_have_count(1)
    screens.open(page, screens.users_path)
    screens.filter_users(page, "Manager")
    expect(screens.rows(page).filter(has_text="manager").first).to_be_visible()
    expect(screens.rows(page).filter(has_text=newcomer)).to_have_count(0)


def test_the_audit_trail_is_listed_and_searched(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    word = f"word-{secrets.token_hex(3)}"
    site.client_as("manager").comment(submitted, word)
    page = visit("admin")
    screens.open(page, screens.audit_path)
    expect(screens.entries(page).first).to_contain_text(word)
    screens.search(page, word)
    expect(screens.entries(page)).to_have_count(1)


def test_every_page_is_reached_on_a_telephone(visit: Visit, screens: Screens) -> None:
    page = visit("admin", **PHONE)
    for path in (screens.users_path, screens.audit_path, screens.follow_ups_path):
        page.locator(f"a[href='{path}']:visible").first.click()
        page.wait_for_load_state()
        assert page.url.endswith(path)
