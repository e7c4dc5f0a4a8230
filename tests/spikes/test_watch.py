"""`watch` with a real spike: what is saved is seen, judged, and kept as a light."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import twinspike

from twinspike.day import judging, record

from .copies import SPIKES, Copy, passed

LIMIT = 'limit=Decimal("5000.00")'


@contextmanager
def watched(copy: Copy, spike: str) -> Iterator[Callable[[], dict[str, Any]]]:
    """`twinspike watch`; gives what it tells next of a run, or of a spike that does not start."""
    command = [sys.executable, "-m", "twinspike", "watch", spike, "--json"]
    process = subprocess.Popen(command, cwd=copy.home, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = process.stdout
    too_long = threading.Timer(300, process.kill)
    too_long.start()

    def verdict() -> dict[str, Any]:
        for line in lines:
            told: dict[str, Any] = json.loads(line)
            if told["event"] in ("run", "amber"):
                return told
        raise AssertionError("watch has ended")

    try:
        yield verdict
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        too_long.cancel()


def sign_out(copy: Copy, spike: str) -> None:
    """End the session that `watch` has for its admin, as a change to the sign-in may."""
    told = json.loads((copy.home / ".twinspike" / "running" / f"{spike}.json").read_text())
    admin = told["people"][0]
    answer = httpx.delete(
        f"{told['url']}/api/session",
        cookies=admin["cookies"],
        headers={"X-CSRF-Token": admin["csrf"]},
    )
    assert answer.is_success


def outcomes(told: dict[str, Any]) -> set[str]:
    """The outcomes of the tests of a run."""
    assert not told["trouble"], told["trouble"]
    return {test["outcome"] for test in told["tests"].values()}


@pytest.mark.alone
@pytest.mark.parametrize("spike", SPIKES)
def test_a_save_is_judged_and_the_light_is_kept(copy: Copy, spike: str, tmp_path: Path) -> None:
    twin = copy.twin(tmp_path / "copy")
    listed = passed(twin.suite(spike, "--collect-only", "-k", "test_guard"))
    judging.keep(twin.home, f"own-01-{spike}", re.findall(r"^tests/.*::.*$", listed, re.M))
    record.add(twin.home, "start", change="01", framework=spike, by="anna")
    rules = twin.home / f"{spike}_spike" / "spike" / "workflow.py"
    good = rules.read_text(encoding="utf-8")
    rules.write_text(good + "(", encoding="utf-8")
    with watched(twin, spike) as verdict:
        assert "SyntaxError" in verdict()["text"]
        rules.write_text(good, encoding="utf-8")
        assert outcomes(verdict()) == {"passed"}
        rules.write_text(good.replace(LIMIT, 'limit=Decimal("50.00")', 1), encoding="utf-8")
        assert "failed" in outcomes(verdict())
        rules.write_text(good + "(", encoding="utf-8")
        assert "SyntaxError" in verdict()["text"]
        time.sleep(1)  # it is told once
        rules.write_text(good, encoding="utf-8")
        assert outcomes(verdict()) == {"passed"}
        # Whoever prefers to ask gets the same of the spike that runs.
        asked = twinspike("check", spike, "--change", "01", "--json", cwd=twin.home)
        assert asked.returncode == 0, asked.stdout + asked.stderr
        assert json.loads(asked.stdout)["spikes"][spike]["light"] == "green"
        sign_out(twin, spike)
        rules.write_text(good + "\n", encoding="utf-8")
        assert outcomes(verdict()) == {"passed"}
    lights = [event.data["light"] for event in record.read(twin.home)[0] if event.kind == "light"]
    assert lights == ["amber", "green", "red", "amber", "green", "green", "green"]
