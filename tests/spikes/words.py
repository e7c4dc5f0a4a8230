"""Changes in words in a copy: begun, with their tests, and solved by their answer keys."""

from pathlib import Path
from typing import Any

import yaml

from twinspike.day import answer_key

from .copies import SPIKES, Copy


def workflow_in(file: Path) -> dict[str, Any]:
    """The workflow that a change's file leads to."""
    flow: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    flow.pop("change", None)
    return flow


def before(words: Path) -> Path:
    """The last file before a change in words that has a workflow."""
    return max(each for each in words.parent.glob("[0-9][0-9]-*.yml") if each < words)


def file_of(words: Path) -> str:
    """The file with the tests of the change, in the suite's folder."""
    return f"own/test_change_{words.name[:2]}.py"


def begin(copy: Copy, words: Path) -> None:
    """Give the copy the change's tests, and let them count in both spikes."""
    number, acceptance = words.name[:2], copy.home / "acceptance"
    (acceptance / file_of(words)).write_bytes(words.with_suffix(".py").read_bytes())
    flow = yaml.safe_load((copy.home / "workflow.yml").read_text(encoding="utf-8"))
    taken = sorted(path.stem[-2:] for path in acceptance.glob("own/test_change_*.py"))
    targets = copy.home / ".twinspike" / "targets"
    targets.mkdir(parents=True, exist_ok=True)
    for spike in SPIKES:
        target = {"change": {"number": number, "taken": taken}, **flow}
        (targets / f"{spike}.yml").write_text(yaml.safe_dump(target), encoding="utf-8")


def solve(copy: Copy, words: Path) -> bool:
    """Merge the change's answer key into both spikes; False where it has none."""
    for spike in SPIKES:
        patch = words.with_suffix(f".{spike}.patch")
        if not patch.is_file():
            return False
        flow = workflow_in(before(words))
        pieces = answer_key.pieces_of_patch(copy.home, spike, flow, patch)
        assert not [piece.path for piece in pieces if piece.conflicts]
        answer_key.apply(copy.home, pieces)
    return True
