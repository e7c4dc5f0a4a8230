"""The pictures of the README: a record's page as a manager sees it.

`TWINSPIKE_PICTURES=1` writes them into `docs/pictures`; otherwise they are only tried.
"""

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from ...copies import ROOT
from .screens import Screens

MOST_BYTES = 250_000


def test_a_picture_of_a_record(
    visit: Callable[..., Page], screens: Screens, site: Any, tmp_path: Path
) -> None:
    manager = site.client_as("manager")
    made = site.record_in(
        "submitted",
        employee="Ada Lovelace",
        system="Billing",
        reason="She takes over the month-end closing from March on.",
        annual_cost=Decimal("4200.00"),
    )
    manager.move(made, "send_back", "Which cost centre pays for it?")
    owner = site.client_as("requester")
    owner.edit(
        made, {"reason": "She takes over the month-end closing from March on. Cost centre 4711."}
    )
    owner.move(made, "submit", "Added it.")
    manager.edit(made, {"annual_cost": Decimal("3900.00")})
    folder = ROOT / "docs" / "pictures" if os.environ.get("TWINSPIKE_PICTURES") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    page = visit("manager", color_scheme="light")
    screens.open(page, screens.record_path(made.id))
    picture = folder / f"{site.spike.name}-record.png"
    page.screenshot(path=picture, full_page=True)
    assert 10_000 < picture.stat().st_size < MOST_BYTES
