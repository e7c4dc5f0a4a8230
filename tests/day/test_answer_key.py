"""The answer key: merged as git merges, into what the team has written meanwhile."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import twinspike

from twinspike.day import answer_key
from twinspike.day.changes import Change, read, read_all, workflow_at
from twinspike.errors import UserError
from twinspike.scorecard.areas import load_plan

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


@pytest.fixture
def copy(key_copy: Path, tmp_path: Path) -> Path:
    """The same, for one test to write into."""
    return shutil.copytree(key_copy, tmp_path / "copy")


def workflows(copy: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The workflow before the first change, and after it."""
    before = yaml.safe_load((copy / "workflow.yml").read_text(encoding="utf-8"))
    after = yaml.safe_load((copy / "changes" / "01-cost-centre.yml").read_text(encoding="utf-8"))
    after.pop("change")
    return before, after


@pytest.mark.slow
@pytest.mark.parametrize("spike", ["django", "fastapi"])
def test_the_key_is_what_the_generator_makes_of_the_change(copy: Path, spike: str) -> None:
    before, after = workflows(copy)
    pieces = answer_key.pieces(copy, spike, before, after)
    touched = {f"{spike}_spike/spike/models.py", f"{spike}_spike/spike/workflow.py"}
    assert touched <= {piece.path for piece in pieces}
    assert not [piece for piece in pieces if "migrations" in piece.path or piece.conflicts]
    diff = "".join(piece.diff() for piece in pieces)
    assert f"+++ b/{spike}_spike/spike/models.py" in diff
    answer_key.apply(copy, pieces)
    with answer_key.rendered(copy, after) as key:
        for piece in pieces:
            assert (copy / piece.path).read_bytes() == (key / piece.path).read_bytes()
    assert answer_key.pieces(copy, spike, before, after) == []


@pytest.mark.slow
def test_what_the_team_has_written_stays(copy: Path) -> None:
    models = copy / "django_spike" / "spike" / "models.py"
    text = models.read_text(encoding="utf-8") + "\n\nOURS = 1\n"
    models.write_bytes(text.replace("\n", "\r\n").encode())
    answer_key.apply(copy, answer_key.pieces(copy, "django", *workflows(copy)))
    merged = models.read_bytes().decode()
    assert "OURS = 1" in merged
    assert "cost_centre = models." in merged
    assert merged.count("\n") == merged.count("\r\n"), "the team's line ends have changed"


def changes_of(copy: Path) -> list[Change]:
    plan = load_plan(copy / "scorecard.yml")
    return read_all(copy, [area.name for area in plan.areas])


@pytest.mark.slow
@pytest.mark.parametrize("spike", ["django", "fastapi"])
def test_keys_stand_on_one_another_without_a_conflict(copy: Path, spike: str) -> None:
    flow, _ = workflows(copy)
    for change in changes_of(copy):
        patch = answer_key.patch_of(copy, change, spike)
        if patch:
            pieces = answer_key.pieces_of_patch(copy, spike, flow, patch)
        elif change.number in ("03", "06", "08"):
            assert change.workflow
            pieces = answer_key.pieces(copy, spike, flow, change.workflow)
            flow = change.workflow
        else:
            continue
        assert pieces
        assert [piece.path for piece in pieces if piece.conflicts] == []
        answer_key.apply(copy, pieces)
    outlets = (copy / "acceptance" / "outlets.yml").read_text(encoding="utf-8")
    assert "GET /api/RECORDS/costs.csv: report" in outlets


@pytest.mark.slow
@pytest.mark.parametrize("spike", ["django", "fastapi"])
def test_keys_of_changes_in_words_fit_a_copy_for_a_server(
    render: Callable[..., Path], tmp_path: Path, spike: str
) -> None:
    copy = render(tmp_path / "copy", database="postgresql")
    found = changes_of(copy)
    fitted = 0
    for change in found:
        if patch := answer_key.patch_of(copy, change, spike):
            flow = workflow_at(found, change.number)
            assert flow
            pieces = answer_key.pieces_of_patch(copy, spike, flow, patch)
            assert not [piece for piece in pieces if piece.path.endswith("models.py")]
            fitted += 1
    assert fitted == 1


@pytest.mark.slow
def test_words_that_are_the_teams_own_have_no_key(copy: Path) -> None:
    file = copy / "changes" / "07-costs-by-system.md"
    change = read(file, ["audit_and_export"])
    assert answer_key.patch_of(copy, change, "django") is not None
    file.write_text(file.read_text(encoding="utf-8") + "\nAnd two comments.\n", encoding="utf-8")
    assert answer_key.patch_of(copy, change, "django") is None


@pytest.mark.slow
def test_a_key_that_does_not_fit_says_so(key_copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "04-other.django.patch"
    other.write_text(
        "--- a/django_spike/spike/models.py\n+++ b/django_spike/spike/models.py\n"
        "@@ -1 +1 @@\n-nothing like it\n+mine\n"
    )
    flow = yaml.safe_load((key_copy / "workflow.yml").read_text(encoding="utf-8"))
    with pytest.raises(UserError, match="The answer key of 04 does not fit"):
        answer_key.pieces_of_patch(key_copy, "django", flow, other)


def test_records_that_exist_get_something_in_each_new_required_field() -> None:
    before = {"fields": [{"name": "old", "type": "text", "required": True}]}
    new = [
        {"name": "kind", "type": "choice", "required": True},
        {"name": "agency", "type": "text"},
        {"name": "count", "type": "integer", "required": True, "min": 1},
        {"name": "agreed", "type": "boolean", "required": True},
        {"name": "approver", "type": "person", "role": "manager", "required": True},
    ]
    after = {"fields": [*before["fields"], *new]}
    assert answer_key.fillings(before, after) == ["1", "1", "''"]


def test_a_key_is_taken_over_after_those_that_it_stands_on(copy: Path) -> None:
    queries = (copy / "django_spike" / "spike" / "queries.py").read_bytes()
    done = twinspike("answer", "07", "django", "--apply", cwd=copy)
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "07 stands on 06, which django does not have yet." in said
    assert "twinspike answer 06 django --apply" in said
    assert (copy / "django_spike" / "spike" / "queries.py").read_bytes() == queries
