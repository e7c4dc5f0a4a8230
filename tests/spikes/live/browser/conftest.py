"""A browser whose every page is watched: what it loads, what it logs, and that no dialog opens."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import missing
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from ...copies import ROOT
from .screens import SCREENS, Screens

WIDE = {"width": 1280, "height": 800}
AXE = ROOT / "build" / "axe"


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, fetched by npm into `build/`."""
    source = AXE / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        if not shutil.which("npm"):
            missing("npm")
        AXE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-save", "--prefix", str(AXE), "axe-core@4"]
        subprocess.run(command, check=True, timeout=120)
    return source.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def screens(site: Any) -> Screens:
    """The staff screens of the spike."""
    return SCREENS[site.spike.name](site)


class Watch:
    """What went wrong on the pages of a test, in words."""

    def __init__(self) -> None:
        self.troubles: list[str] = []

    def over(self, page: Page) -> None:
        """Listen to the page."""
        page.on("console", self.hear)
        page.on("response", self.see)
        page.on("pageerror", lambda error: self.troubles.append(f"error on the page: {error}"))
        page.on("requestfailed", self.miss)
        page.on("dialog", self.dismiss)

    def hear(self, message: ConsoleMessage) -> None:
        # Chromium logs each answer of 4xx as well; those of subresources are seen below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"console: {message.text}")

    def see(self, response: Response) -> None:
        request = response.request
        if request.resource_type == "document":
            if response.status >= 500:
                self.troubles.append(f"{response.url} → {response.status}")
        elif not response.ok and response.status != 304:
            self.troubles.append(f"{response.url} → {response.status}")

    def miss(self, request: Any) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # a download, or a page that was left
            self.troubles.append(f"{request.url}: {request.failure}")

    def dismiss(self, dialog: Any) -> None:
        if dialog.type != "beforeunload":
            self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def visit(chromium: Browser, screens: Screens) -> Iterator[Callable[..., Page]]:
    """`visit("manager")` is a page where the manager has signed in; options are Playwright's.

    Without a username nobody has. At the end no page may have had any trouble.
    """
    watch, contexts = Watch(), []

    def open_page(username: str = "", password: str = "", **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": WIDE, "locale": "en-GB", **options})
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        if username:
            screens.sign_in(page, username, password or screens.site.password)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not watch.troubles, "\n".join(watch.troubles)
