"""What people type stays text, and looking changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .screens import Screens

Visit = Callable[..., Page]
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</textarea><svg onload=alert(3)>",
    "'-alert(4)-'{{7*7}}${alert(5)}",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_typed_markup_is_shown_as_text(
    visit: Visit, screens: Screens, site: Any, payload: str
) -> None:
    made = site.record_in("submitted", employee=payload, reason=payload)
    site.client_as("manager").comment(made, payload)
    page = visit("manager")
    for path in (screens.list_path, screens.record_path(made.id), screens.edit_path(made.id)):
        screens.open(page, path)
        shown = page.locator("body").inner_text() + str(
            page.evaluate("[...document.querySelectorAll('input,textarea')].map(it => it.value)")
        )
        assert payload in shown.replace("\\'", "'"), path
    screens.press(page, "Reject") if screens.edits_on_record_page else None
    screens.search(page, payload) if page.get_by_label("Search").count() else None
    name = f"xss-{made.id}-{PAYLOADS.index(payload)}"
    body = {"username": name, "name": payload, "password": "correct-horse-battery", "roles": []}
    assert site.admin.post("/api/users", body).status_code == 201
    admin = visit("admin")
    screens.open(admin, screens.users_path)
    expect(admin.locator("body")).to_contain_text(payload)
    screens.open_user(admin, name)


def test_looking_changes_nothing(visit: Visit, screens: Screens, site: Any) -> None:
    made = site.record_in("submitted")
    page = visit("admin")
    seen, waiting = set(), [screens.list_path, screens.record_path(made.id), screens.users_path]
    before = everything(site)
    while waiting and len(seen) < 80:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = page.request.get(f"{site.url}{path}", max_redirects=0)
        assert answer.status < 500, path
        if answer.ok and "html" in answer.headers.get("content-type", ""):
            page.goto(f"{site.url}{path}")
            links = page.evaluate("[...document.links].map(it => it.href)")
            actions = page.evaluate(
                "[...document.querySelectorAll('form, [formaction]')]"
                ".map(it => it.hasAttribute('formaction') ? it.formAction : it.action)"
            )
            own = [link for link in [*links, *actions] if link.startswith(f"{site.url}/")]
            waiting += [link.removeprefix(site.url).partition("#")[0] for link in own]
    assert len(seen) > 20
    assert everything(site) == before


def everything(site: Any) -> dict[str, Any]:
    """All records, users and follow-ups, and that the admin is still signed in."""
    paths = ("/api/access-requests", "/api/users", "/api/follow-ups")
    return {path: site.all_pages(site.admin, path) for path in paths}
