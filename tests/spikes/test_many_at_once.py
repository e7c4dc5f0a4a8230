"""Five hundred records at once, in either spike: in time, and whole each after a kill. `-rP` shows the figures."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .copies import EVERY_WORD, HERE, SPIKES, Copy, answers_for, passed

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("spike", SPIKES)
def test_five_hundred(make_copy: Callable[..., Copy], tmp_path: Path, spike: str) -> None:
    twin = make_copy(**answers_for(EVERY_WORD)).twin(tmp_path / "copy")
    own = twin.home / "acceptance" / "own"
    shutil.copytree(HERE / "many_at_once", own, dirs_exist_ok=True)
    print(passed(twin.suite(spike, "own/test_five_hundred.py", "-rP")))
