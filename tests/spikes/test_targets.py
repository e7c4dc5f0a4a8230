"""A spike that is ahead of the other: both are started, each with demo records by its own target."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from .copies import SPIKES, Copy, passed

TABLES = {"django": "access_request", "fastapi": "access_requests"}
BADGE = {"name": "badge", "label": "Badge", "type": "text", "required": True, "max_length": 20}


@pytest.fixture(scope="module")
def further(copy: Copy, make_copy: Callable[..., Copy]) -> Copy:
    """A copy of the workflow after a change: one more field, which is required."""
    flow = workflow_of(copy)
    return make_copy(scenario="own", workflow={**flow, "fields": [*flow["fields"], BADGE]})


def workflow_of(copy: Copy) -> dict[str, Any]:
    found = yaml.safe_load((copy.home / "workflow.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def begun(copy: Copy, further: Copy, spike: str, home: Path) -> Copy:
    """The copy with a change under way in one spike, which nobody has written yet."""
    twin = copy.twin(home)
    targets = twin.home / ".twinspike" / "targets"
    targets.mkdir(parents=True, exist_ok=True)
    target = {"change": {"number": "01", "taken": []}, **workflow_of(further)}
    (targets / f"{spike}.yml").write_text(yaml.safe_dump(target, allow_unicode=True))
    before = twin.home / ".twinspike" / f"before-01-{spike}.yml"
    shutil.copyfile(twin.home / "workflow.yml", before)
    return twin


def built(copy: Copy, further: Copy, spike: str, home: Path) -> Copy:
    """The same, with the change written."""
    twin = begun(copy, further, spike, home)
    folder = twin.home / f"{spike}_spike"
    shutil.rmtree(folder)
    shutil.copytree(further.home / folder.name, folder, symlinks=True)
    return twin


def records(copy: Copy, spike: str, column: str = "state") -> list[str]:
    """What the records of the spike's own database have in a column."""
    file = next((copy.home / f"{spike}_spike").glob("*.sqlite3"))
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(f"SELECT {column} FROM {TABLES[spike]}")  # noqa: S608
        return [str(value) for (value,) in found]


@pytest.mark.parametrize("ahead", SPIKES)
def test_each_spike_gets_demo_records_by_its_own_target(
    copy: Copy, further: Copy, ahead: str, tmp_path: Path
) -> None:
    twin = built(copy, further, ahead, tmp_path / "copy")
    said = passed(twin.run("acceptance", "python", "-m", "suite", "up", "--once"))
    assert "could not be made" not in said
    assert all(records(twin, ahead, "badge"))
    one, other = (sorted(records(twin, spike)) for spike in SPIKES)
    assert one == other != []


@pytest.mark.parametrize("spike", SPIKES)
def test_a_spike_at_work_on_a_change_gets_the_records_of_before(
    copy: Copy, further: Copy, spike: str, tmp_path: Path
) -> None:
    twin = begun(copy, further, spike, tmp_path / "copy")
    said = passed(twin.run("acceptance", "python", "-m", "suite", "up", spike, "--once"))
    assert "could not be made yet" in said
    assert "badge" in said
    states = [state["name"] for state in workflow_of(copy)["states"]]
    assert set(records(twin, spike)) == set(states)
