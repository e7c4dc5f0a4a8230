"""The answer key: merged as git merges, into what the team has written meanwhile."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from twinspike.day import answer_key

BASE = "one\ntwo\nthree\nfour\nfive\n"
KEY = "one\ntwo\nthree\nFOUR\nfive\n"


def test_changes_in_different_lines_are_both_taken() -> None:
    merged, conflicts = answer_key.merge_texts(BASE.replace("one", "ONE"), BASE, KEY)
    assert (merged, conflicts) == ("ONE\ntwo\nthree\nFOUR\nfive\n", 0)


def test_changes_in_the_same_line_stand_between_marks() -> None:
    merged, conflicts = answer_key.merge_texts(BASE.replace("four", "mine"), BASE, KEY)
    assert conflicts == 1
    assert "<<<<<<< yours\nmine\n||||||| before\nfour\n=======\nFOUR\n>>>>>>> answer key" in merged


@pytest.fixture(scope="module")
def key_copy(render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the default workflow."""
    return render(tmp_path_factory.mktemp("key") / "copy")


def workflows(copy: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The workflow before the first change, and after it."""
    before = yaml.safe_load((copy / "workflow.yml").read_text(encoding="utf-8"))
    after = yaml.safe_load((copy / "changes" / "01-cost-centre.yml").read_text(encoding="utf-8"))
    after.pop("change")
    return before, after


@pytest.mark.slow
@pytest.mark.parametrize("spike", ["django", "fastapi"])
def test_the_key_is_what_the_generator_makes_of_the_change(
    key_copy: Path, tmp_path: Path, spike: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(key_copy, copy)
    before, after = workflows(copy)
    pieces = answer_key.pieces(copy, spike, before, after)
    assert {"spike/models.py", "spike/workflow.py"} <= {piece.path for piece in pieces}
    assert not [piece for piece in pieces if "migrations" in piece.path or piece.conflicts]
    assert f"+++ b/{spike}_spike/spike/models.py" in pieces_diff(pieces, spike)
    answer_key.apply(copy, spike, pieces)
    with answer_key.rendered(copy, after) as key:
        for piece in pieces:
            made = (copy / f"{spike}_spike" / piece.path).read_bytes()
            assert made == (key / f"{spike}_spike" / piece.path).read_bytes()
    assert answer_key.pieces(copy, spike, before, after) == []


def pieces_diff(pieces: list[answer_key.Piece], spike: str) -> str:
    return "".join(piece.diff(spike) for piece in pieces)


@pytest.mark.slow
def test_what_the_team_has_written_stays(key_copy: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(key_copy, copy)
    models = copy / "django_spike" / "spike" / "models.py"
    text = models.read_text(encoding="utf-8") + "\n\nOURS = 1\n"
    models.write_bytes(text.replace("\n", "\r\n").encode())
    answer_key.apply(copy, "django", answer_key.pieces(copy, "django", *workflows(copy)))
    merged = models.read_bytes().decode()
    assert "OURS = 1" in merged
    assert "cost_centre = models." in merged
    assert merged.count("\n") == merged.count("\r\n"), "the team's line ends have changed"


def test_records_that_exist_get_something_in_each_new_required_field() -> None:
    before = {"fields": [{"name": "old", "type": "text", "required": True}]}
    new = [
        {"name": "kind", "type": "choice", "required": True},
        {"name": "agency", "type": "text"},
        {"name": "count", "type": "integer", "required": True, "min": 1},
        {"name": "agreed", "type": "boolean", "required": True},
    ]
    after = {"fields": [*before["fields"], *new]}
    assert answer_key.fillings(before, after) == ["1", "''"]
