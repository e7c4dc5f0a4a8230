"""A day of work on the staff screens, as the people of the workflow see it."""

import csv
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .screens import Screens

Visit = Callable[..., Page]
PASSWORD = "a-password-of-the-browser"  # noqa: S105 - of people who live as long as the test run


@pytest.fixture
def submitted(site: Any) -> Any:
    """A new record that waits for the manager."""
    return site.record_in("submitted")


@pytest.fixture
def newcomer(visit: Visit, screens: Screens) -> str:
    """The username of somebody new without a role, added on the screens."""
    username = f"new-{secrets.token_hex(3)}"
    page = visit("admin")
    screens.add_person(page, username, "New Comer", PASSWORD)
    expect(page.locator("body")).to_contain_text(username)
    return username


def test_a_request_is_written_and_submitted(visit: Visit, screens: Screens) -> None:
    page = visit("requester")
    screens.open(page, screens.new_path)
    page.get_by_label("Employee").fill("Nadia Novak")
    page.get_by_label("System").select_option("Billing")
    page.get_by_label("Reason").fill("Month-end closing.")
    page.get_by_label("Annual cost").fill("1200.50")
    page.get_by_role("button", name="Create", exact=True).or_(
        page.get_by_role("button", name="Save", exact=True)
    ).click()
    screens.press(page, "Submit")
    expect(page.locator("body")).to_contain_text("Submitted")
    assert "Draft → Submitted" in screens.history(page)
    assert "Nadia Novak" in screens.history(page)


def test_records_are_found_and_filtered(visit: Visit, screens: Screens, site: Any) -> None:
    name = f"Findable {secrets.token_hex(3)}"
    site.record_in("submitted", employee=name)
    site.record_in("rejected")
    page = visit("manager")
    screens.open(page, screens.list_path)
    screens.search(page, name)
    expect(screens.rows(page)).to_have_count(1)
    expect(screens.rows(page)).to_contain_text(name)
    screens.open(page, screens.list_path)
    screens.filter(page, "Rejected")
    expect(screens.rows(page).filter(has_text="Draft")).to_have_count(0)
    expect(screens.rows(page).first).to_be_visible()
    for row in screens.rows(page).all():
        expect(row).to_contain_text("Rejected")


def test_an_error_stands_beside_its_field(visit: Visit, screens: Screens, submitted: Any) -> None:
    page = visit("manager")
    screens.open(page, screens.edit_path(submitted.id))
    page.get_by_label("Annual cost").fill("-5")
    page.get_by_label("Reason").fill("Typed before the error")
    screens.save(page)
    expect(screens.errors(page)).to_have_count(1)
    expect(screens.errors(page)).to_contain_text("greater than or equal to 0.00")
    expect(page.get_by_label("Annual cost")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Reason")).to_have_value("Typed before the error")
    page.get_by_label("Annual cost").fill("75.25")
    screens.save(page)
    screens.open(page, screens.record_path(submitted.id))
    assert "75.25" in screens.history(page)


def test_a_stale_save_keeps_what_was_typed(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    page = visit("manager")
    screens.open(page, screens.edit_path(submitted.id))
    page.get_by_label("Reason").fill("What I typed meanwhile")
    site.client_as("manager").edit(submitted, {"employee": "Somebody Else"})
    screens.save(page)
    expect(page.locator("body")).to_contain_text("Somebody else")
    expect(page.get_by_label("Reason")).to_have_value("What I typed meanwhile")
    expect(page.get_by_label("Employee")).to_have_value("Somebody Else")
    screens.save(page)
    now = site.admin.read(submitted).json()
    assert (now["reason"], now["employee"]) == ("What I typed meanwhile", "Somebody Else")


def test_sending_back_needs_a_comment(visit: Visit, screens: Screens, submitted: Any) -> None:
    page = visit("manager")
    screens.open(page, screens.record_path(submitted.id))
    screens.press(page, "Send back")
    expect(page.locator("body")).to_contain_text("needs a comment")
    page.get_by_label("Comment").fill("Which cost centre?")
    page.get_by_role("button", name="Send back").click()
    expect(page.locator("body")).to_contain_text("Draft")
    assert "Which cost centre?" in screens.history(page)


def test_approving_is_in_the_history(visit: Visit, screens: Screens, submitted: Any) -> None:
    page = visit("manager")
    screens.open(page, screens.record_path(submitted.id))
    screens.press(page, "Approve", "Within the budget.")
    expect(page.locator("ol.history")).to_contain_text("Submitted → Approved")
    assert "Within the budget." in screens.history(page)
    assert "Manager (demo)" in screens.history(page)
    expect(screens.button(page, "Approve")).to_have_count(0)


def test_nobody_approves_their_own_request(visit: Visit, screens: Screens, site: Any) -> None:
    both = site.new_person("requester", "manager")
    record = site.record_in("submitted", owner=both)
    site.set_roles(both, "requester", "manager")
    page = visit(both.actor.username, "correct-horse-battery")
    screens.open(page, screens.record_path(record.id))
    expect(screens.button(page, "Approve")).to_have_count(0)
    lines = screens.reasons(page)
    assert "Approve" in lines
    assert "owner" in lines or "created" in lines, lines


def test_a_missing_button_has_its_reason(visit: Visit, screens: Screens, submitted: Any) -> None:
    page = visit("manager")
    screens.open(page, screens.record_path(submitted.id))
    expect(screens.button(page, "Override")).to_have_count(0)
    assert "Security officer" in screens.reasons(page)


def test_the_list_is_exported_as_filtered(
    visit: Visit, screens: Screens, tmp_path: Path, site: Any
) -> None:
    site.record_in("submitted", employee="=1+1")
    page = visit("manager")
    screens.open(page, screens.list_path)
    screens.filter(page, "Submitted")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    file = tmp_path / "export.csv"
    download.value.save_as(file)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert rows
    assert {row["State"] for row in rows} == {"submitted"}
    assert "'=1+1" in {row["Employee"] for row in rows}


def test_a_role_until_a_date_opens_the_buttons(
    visit: Visit, screens: Screens, newcomer: str, submitted: Any
) -> None:
    person = visit(newcomer, PASSWORD)
    screens.open(person, screens.record_path(submitted.id))
    expect(screens.button(person, "Approve")).to_have_count(0)
    screens.grant(visit("admin"), newcomer, "Manager")
    screens.open(person, screens.record_path(submitted.id))
    screens.press(person, "Approve")
    assert "New Comer" in screens.history(person)


def test_a_disabled_user_is_out_at_once(visit: Visit, screens: Screens, newcomer: str) -> None:
    person = visit(newcomer, PASSWORD)
    admin = visit("admin")
    screens.disable(admin, newcomer)
    admin.wait_for_load_state()
    screens.open(person, screens.list_path)
    expect(person.get_by_label("Password")).to_be_visible()


def test_a_dead_follow_up_is_sent_again(
    visit: Visit, screens: Screens, submitted: Any, site: Any
) -> None:
    site.receiver.answer(submitted.id, "provision", 410)
    page = visit("admin")
    site.client_as("manager").move(submitted, "approve")
    site.receiver.wait(submitted.id, "provision", 1)
    for _ in range(50):
        if screens.follow_up_state(page, submitted.id) == "dead":
            break
        page.wait_for_timeout(100)
    screens.send_again(page, submitted.id)
    assert len(site.receiver.wait(submitted.id, "provision", 2)) == 2
    for _ in range(50):
        if screens.follow_up_state(page, submitted.id) == "delivered":
            return
        page.wait_for_timeout(100)
    pytest.fail("the follow-up is not shown as delivered")


def test_signing_out_ends_the_session(visit: Visit, screens: Screens) -> None:
    page = visit("manager")
    screens.sign_out(page)
    page.wait_for_load_state()
    screens.open(page, screens.list_path)
    expect(page.get_by_label("Password")).to_be_visible()
