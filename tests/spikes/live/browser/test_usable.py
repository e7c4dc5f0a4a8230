"""Usable by everybody: on a telephone, with the keyboard alone, with a screen reader, in the dark."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .screens import Screens

Visit = Callable[..., Page]
WAYS = {
    "wide": {},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
    "dark": {"color_scheme": "dark"},
}
WIDER = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
NAMELESS = """() => [...document.querySelectorAll("input, select, textarea")]
    .filter(it => !["hidden", "submit"].includes(it.type) && it.checkVisibility())
    .filter(it => !it.labels?.length && !it.ariaLabel && !it.getAttribute("aria-labelledby"))
    .map(it => it.outerHTML)"""
SERIOUS = """async () => (await axe.run(document)).violations
    .filter(it => ["serious", "critical"].includes(it.impact))
    .map(it => it.id + ": " + it.help + "\\n" + it.nodes.map(n => "    " + n.html).join("\\n"))"""
FOCUS = """() => {
    const it = document.activeElement, style = getComputedStyle(it);
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return outline || style.boxShadow !== "none" || it.matches("input, textarea, select");
}"""


def failed_edit(page: Page, screens: Screens, record: int) -> None:
    """The form with an error."""
    screens.open(page, screens.edit_path(record))
    page.get_by_label("Annual cost").fill("-5")
    screens.save(page)


def stale_edit(page: Page, screens: Screens, record: int) -> None:
    """The form after somebody else saved."""
    screens.open(page, screens.edit_path(record))
    version = screens.site.admin.get(f"/api/access-requests/{record}").json()["version"]
    body = {"version": version, "employee": f"Employee {version}"}
    screens.site.client_as("manager").patch(f"/api/access-requests/{record}", body)
    screens.save(page)


def no_comment(page: Page, screens: Screens, record: int) -> None:
    """A transition that was refused."""
    screens.open(page, screens.record_path(record))
    screens.press(page, "Reject")


PLACES: dict[str, tuple[str, Callable[[Page, Screens, int], None]]] = {
    "sign-in": ("", lambda page, screens, record: screens.open(page, "/")),
    "list": ("manager", lambda page, screens, record: screens.open(page, screens.list_path)),
    "record": (
        "manager",
        lambda page, screens, record: screens.open(page, screens.record_path(record)),
    ),
    "own record": (
        "requester",
        lambda page, screens, record: screens.open(page, screens.record_path(record)),
    ),
    "new": ("requester", lambda page, screens, record: screens.open(page, screens.new_path)),
    "error": ("manager", failed_edit),
    "stale": ("manager", stale_edit),
    "no comment": ("manager", no_comment),
    "report": ("manager", lambda page, screens, record: screens.open(page, screens.report_path)),
    "users": ("admin", lambda page, screens, record: screens.open(page, screens.users_path)),
    "user": ("admin", lambda page, screens, record: screens.open_user(page, "manager")),
    "audit trail": ("admin", lambda page, screens, record: screens.open(page, screens.audit_path)),
    "follow-ups": (
        "admin",
        lambda page, screens, record: screens.open(page, screens.follow_ups_path),
    ),
}


@pytest.fixture(scope="module")
def record(site: Any) -> int:
    """A record that waits for the manager, with a long name in it."""
    made = site.record_in(
        "submitted", employee=" ".join(["Wolfeschlegelsteinhausenbergerdorff"] * 3)
    )
    return int(made.id)


@pytest.mark.parametrize("way", WAYS)
def test_pages_fit_and_speak(
    visit: Visit, screens: Screens, record: int, axe: str, way: str
) -> None:
    """No page is wider than the window, no input lacks a label, axe (which styles pages) finds nothing."""
    found, pages = [], {}
    for place, (who, reach) in PLACES.items():
        page = pages.setdefault(who, None) or visit(who, bypass_csp=True, **WAYS[way])
        pages[who] = page
        reach(page, screens, record)
        page.wait_for_load_state()
        if page.evaluate(WIDER) > 0:
            found.append(f"{place}: {page.evaluate(WIDER)} px too wide")
        found += [f"{place}: no label: {html}" for html in page.evaluate(NAMELESS)]
        page.evaluate(axe)
        found += [f"{place}: {finding}" for finding in page.evaluate(SERIOUS)]
    assert not found, "\n".join(found)


def test_the_keyboard_alone_approves(visit: Visit, screens: Screens, site: Any) -> None:
    made = site.record_in("submitted")
    page = visit("manager")
    screens.open(page, screens.record_path(made.id))
    approve = screens.button(page, "Approve").element_handle()
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("it => it === document.activeElement", approve):
            break
    else:
        pytest.fail("60 times Tab did not reach the button")
    page.keyboard.press("Enter")
    expect(page.locator("ol.history")).to_contain_text("Submitted → Approved")
