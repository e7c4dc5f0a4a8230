"""Where things are on the staff screens of each spike, in the words of a person who uses them."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, Page

RECORDS = "access-requests"


class Screens(ABC):
    """What both have in common."""

    list_path = ""
    new_path = ""
    report_path = ""
    users_path = ""
    follow_ups_path = ""
    audit_path = ""
    edits_on_record_page = False

    def __init__(self, site: Any) -> None:
        self.site = site

    def open(self, page: Page, path: str) -> None:
        """Go to a path of the spike."""
        page.goto(f"{self.site.url}{path}")

    def sign_in(self, page: Page, username: str, password: str) -> None:
        """Sign in from the first page, as people do."""
        self.open(page, "/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="out").first.wait_for()

    @abstractmethod
    def record_path(self, record: int) -> str:
        """The record's page."""

    @abstractmethod
    def edit_path(self, record: int) -> str:
        """The page where its fields are edited."""

    @abstractmethod
    def search(self, page: Page, text: str) -> None:
        """Find records that contain the text."""

    @abstractmethod
    def filter(self, page: Page, state: str) -> None:
        """Show only the records in the state, given by its label."""

    def rows(self, page: Page) -> Locator:
        """The records of the list."""
        return page.locator("table tbody tr")

    def save(self, page: Page) -> None:
        """Save the form."""
        page.get_by_role("button", name="Save", exact=True).click()

    @abstractmethod
    def errors(self, page: Page) -> Locator:
        """What is said beside the fields."""

    def press(self, page: Page, label: str, comment: str = "") -> None:
        """Press the button of a transition."""
        page.get_by_label("Comment").fill(comment)
        self.button(page, label).click()

    @abstractmethod
    def button(self, page: Page, label: str) -> Locator:
        """The button of a transition."""

    def reasons(self, page: Page) -> str:
        """Why buttons are missing."""
        return page.locator(".blocked").inner_text()

    def history(self, page: Page) -> str:
        """The history, newest first or last."""
        return page.locator("ol.history").inner_text()

    @abstractmethod
    def add_person(self, page: Page, username: str, name: str, password: str) -> None:
        """Add somebody without a role."""

    @abstractmethod
    def open_user(self, page: Page, username: str) -> None:
        """Go to the page of a user."""

    @abstractmethod
    def grant(self, page: Page, username: str, role: str) -> None:
        """Give a person a role for some hours."""

    @abstractmethod
    def take_back(self, page: Page, username: str, role: str) -> None:
        """End a person's temporary role."""

    @abstractmethod
    def filter_users(self, page: Page, role: str) -> None:
        """Show only the users with the role, given by its label."""

    @abstractmethod
    def reset_password(self, page: Page, username: str, password: str) -> None:
        """Give a person another password, as an administrator."""

    @abstractmethod
    def change_password(self, page: Page, old: str, new: str) -> None:
        """Change one's own password."""

    @abstractmethod
    def entries(self, page: Page) -> Locator:
        """The entries of the audit list."""

    @abstractmethod
    def back(self, page: Page) -> Locator:
        """The way from a record back to the list."""

    @abstractmethod
    def primary(self, page: Page) -> Locator:
        """The buttons of transitions that stand out."""

    @abstractmethod
    def badge(self, page: Page) -> Locator:
        """The states of the list's records."""

    @abstractmethod
    def disable(self, page: Page, username: str) -> None:
        """Keep a person out."""

    @abstractmethod
    def send_again(self, page: Page, record: int) -> None:
        """Send the dead follow-up of a record again."""

    @abstractmethod
    def follow_up_state(self, page: Page, record: int) -> str:
        """The state of the follow-up of a record, as the list shows it."""

    def sign_out(self, page: Page) -> None:
        """Sign out."""
        page.get_by_role("button", name="Sign out").or_(
            page.get_by_role("button", name="Log out")
        ).click()


class DjangoScreens(Screens):
    """Django's admin."""

    list_path = "/admin/spike/accessrequest/"
    new_path = "/admin/spike/accessrequest/add/"
    report_path = "/admin/spike/accessrequest/report/"
    users_path = "/admin/spike/user/"
    follow_ups_path = "/admin/spike/followup/"
    audit_path = "/admin/spike/auditentry/"
    edits_on_record_page = True

    def record_path(self, record: int) -> str:
        return f"{self.list_path}{record}/change/"

    edit_path = record_path

    def search(self, page: Page, text: str) -> None:
        page.locator("#searchbar").fill(text)
        page.locator("#changelist-search [type=submit]").click()

    def filter(self, page: Page, state: str) -> None:
        page.locator("#changelist-filter").get_by_role("link", name=state, exact=True).click()

    def rows(self, page: Page) -> Locator:
        return page.locator("#result_list tbody tr")

    def errors(self, page: Page) -> Locator:
        return page.locator(".form-row .errorlist")

    def button(self, page: Page, label: str) -> Locator:
        return page.locator("#actions button", has_text=label)

    def add_person(self, page: Page, username: str, name: str, password: str) -> None:
        self.open(page, f"{self.users_path}add/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Name", exact=True).or_(page.get_by_label("Name:", exact=True)).fill(name)
        page.locator("#id_password1").fill(password)
        page.locator("#id_password2").fill(password)
        self.save(page)

    def grant(self, page: Page, username: str, role: str) -> None:
        self.open_user(page, username)
        page.get_by_role("button", name="Add another Temporary role").or_(
            page.get_by_role("link", name="Add another Temporary role")
        ).click()
        until = datetime.now(UTC) + timedelta(hours=2)
        row = page.locator(
            ".dynamic-temporary_grants, .dynamic-temporarygrant_set, .dynamic-grants"
        )
        row.locator("select").last.select_option(label=role)
        row.locator(".vDateField").last.fill(f"{until:%Y-%m-%d}")
        row.locator(".vTimeField").last.fill(f"{until:%H:%M:%S}")
        self.save(page)

    def take_back(self, page: Page, username: str, role: str) -> None:
        self.open_user(page, username)
        page.locator(".inline-related").filter(has_text=f"{role} until").locator(
            "input[name$=DELETE]"
        ).check()
        self.save(page)

    def filter_users(self, page: Page, role: str) -> None:
        self.filter(page, role.lower())

    def reset_password(self, page: Page, username: str, password: str) -> None:
        self.open_user(page, username)
        page.get_by_role("link", name="Reset password").or_(
            page.get_by_role("link", name="Set password")
        ).or_(page.get_by_role("link", name="this form")).click()
        page.locator("#id_password1").fill(password)
        page.locator("#id_password2").fill(password)
        page.locator("#id_password2").press("Enter")

    def change_password(self, page: Page, old: str, new: str) -> None:
        self.open(page, "/")
        page.get_by_role("link", name="Change password").click()
        page.locator("#id_old_password").fill(old)
        page.locator("#id_new_password1").fill(new)
        page.locator("#id_new_password2").fill(new)
        page.locator("#id_new_password2").press("Enter")

    def entries(self, page: Page) -> Locator:
        return self.rows(page)

    def back(self, page: Page) -> Locator:
        return page.locator(".breadcrumbs a")

    def primary(self, page: Page) -> Locator:
        return page.locator("#actions .default")

    def badge(self, page: Page) -> Locator:
        return page.locator("#result_list .badge")

    def open_user(self, page: Page, username: str) -> None:
        self.open(page, f"{self.users_path}?q={username}")
        self.rows(page).get_by_role("link", name=username, exact=True).click()

    def disable(self, page: Page, username: str) -> None:
        self.open_user(page, username)
        page.get_by_label("Active").uncheck()
        self.save(page)

    def follow_up(self, page: Page, record: int) -> Locator:
        """The row of a record's follow-up in the list."""
        self.open(page, self.follow_ups_path)
        return self.rows(page).filter(has=page.locator(f"td:text-is('Access request {record}')"))

    def send_again(self, page: Page, record: int) -> None:
        self.follow_up(page, record).first.locator(".action-select").check()
        page.locator("select[name=action]").select_option(label="Send again")
        page.locator("button[name=index]").click()

    def follow_up_state(self, page: Page, record: int) -> str:
        return self.follow_up(page, record).locator(".field-state").first.inner_text().lower()


class FastAPIScreens(Screens):
    """Pages of the spike's own."""

    list_path = f"/{RECORDS}"
    new_path = f"/{RECORDS}/new"
    report_path = "/report"
    users_path = "/admin/users"
    follow_ups_path = "/admin/follow-ups"
    audit_path = "/admin/audit"

    def record_path(self, record: int) -> str:
        return f"{self.list_path}/{record}"

    def edit_path(self, record: int) -> str:
        return f"{self.list_path}/{record}/edit"

    def search(self, page: Page, text: str) -> None:
        page.get_by_label("Search").fill(text)
        page.get_by_role("button", name="Show").click()

    def filter(self, page: Page, state: str) -> None:
        page.get_by_label("State").select_option(label=state)
        page.get_by_role("button", name="Show").click()

    def errors(self, page: Page) -> Locator:
        return page.locator(".field .error")

    def button(self, page: Page, label: str) -> Locator:
        return page.get_by_role("button", name=label, exact=True)

    def add_person(self, page: Page, username: str, name: str, password: str) -> None:
        self.open(page, self.users_path)
        page.get_by_label("Username").fill(username)
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Add", exact=True).click()

    def open_user(self, page: Page, username: str) -> None:
        self.open(page, f"{self.users_path}/{username}")

    def grant(self, page: Page, username: str, role: str) -> None:
        self.open_user(page, username)
        until = datetime.now(UTC) + timedelta(hours=2)
        page.get_by_label("Role", exact=True).select_option(label=role)
        page.get_by_label("Until (UTC)").fill(f"{until:%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Grant", exact=True).click()

    def take_back(self, page: Page, username: str, role: str) -> None:
        self.open_user(page, username)
        page.get_by_role("listitem").filter(has_text=f"{role} until").get_by_role("button").click()

    def filter_users(self, page: Page, role: str) -> None:
        page.get_by_label("Role", exact=True).select_option(label=role)
        page.get_by_role("button", name="Show").click()

    def reset_password(self, page: Page, username: str, password: str) -> None:
        self.open_user(page, username)
        page.get_by_label("New password").fill(password)
        page.get_by_role("button", name="Set password").click()

    def change_password(self, page: Page, old: str, new: str) -> None:
        self.open(page, "/")
        page.get_by_role("link", name="Change password").click()
        page.get_by_label("Old password").fill(old)
        page.get_by_label("New password").fill(new)
        page.keyboard.press("Enter")

    def entries(self, page: Page) -> Locator:
        return page.locator("ol.history > li")

    def back(self, page: Page) -> Locator:
        return page.get_by_role("link", name="← Access requests")

    def primary(self, page: Page) -> Locator:
        return page.locator("form button.main")

    def badge(self, page: Page) -> Locator:
        return page.locator("table .state")

    def disable(self, page: Page, username: str) -> None:
        self.open_user(page, username)
        page.get_by_label("May sign in").uncheck()
        self.save(page)

    def follow_up(self, page: Page, record: int) -> Locator:
        """The row of a record's follow-up in the list."""
        self.open(page, self.follow_ups_path)
        return self.rows(page).filter(has=page.get_by_role("link", name=str(record), exact=True))

    def send_again(self, page: Page, record: int) -> None:
        self.follow_up(page, record).get_by_role("button", name="again").first.click()

    def follow_up_state(self, page: Page, record: int) -> str:
        return self.follow_up(page, record).locator(".state").first.inner_text().lower()


SCREENS: dict[str, type[Screens]] = {"django": DjangoScreens, "fastapi": FastAPIScreens}
