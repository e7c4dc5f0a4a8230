"""Workflows that nobody thought of: every check accepts them, and what is rendered stands up."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from workflows import workflows

from twinspike.templating import macro
from twinspike.workflow.check import check
from twinspike.workflow.flow import flow_of
from twinspike.workflow.shape import plain

CALM = {"deadline": None, "suppress_health_check": list(HealthCheck)}
QUEUES = ("embedded", "celery")
# Making a failing example small would take minutes where each try renders a copy; the same ones every
# time, so that nobody's change fails over a workflow that it has nothing to do with.
UNSHRUNK = {**CALM, "phases": [Phase.generate], "derandomize": True, "database": None}


@settings(max_examples=40, **CALM)
@given(workflows())
def test_both_checks_accept_a_good_workflow(workflow: dict[str, Any]) -> None:
    assert check(workflow)[1] == []
    assert macro("check_workflow.jinja", "check_workflow", workflow) == ""


@settings(max_examples=30, **CALM)
@given(workflows())
def test_the_brief_says_the_same_in_markdown_and_plainly(workflow: dict[str, Any]) -> None:
    flow = flow_of(workflow)
    markdown = macro("brief.jinja", "sentences", flow, False)
    said = macro("brief.jinja", "sentences", flow, True)
    assert re.sub(r"\\([\\`*_\[\]<>|#~$&{}])", r"\1", markdown) == said
    counts = json.loads(macro("brief.jinja", "counts", flow))
    assert counts["states"] == len(workflow["states"])
    assert counts["transitions"] == len(workflow["transitions"])
    for thing in (*flow["states"], *flow["fields"], *flow["transitions"]):
        assert thing["label"] in said


@settings(max_examples=30, **CALM)
@given(workflows())
def test_the_diagram_has_a_row_for_each_way(workflow: dict[str, Any]) -> None:
    rows = macro("brief.jinja", "diagram", flow_of(workflow)).splitlines()
    ways = sum(len(transition["from"]) for transition in workflow["transitions"])
    final = {state["name"] for state in workflow["states"]}
    final -= {name for transition in workflow["transitions"] for name in transition["from"]}
    assert sum(" --> " in row for row in rows) == 1 + ways + len(final)
    labels = [row.split(": ", 1)[1] for row in rows if ": " in row]
    assert not [
        label for label in labels if re.search(r'[";:{}<>%`\\\[\]]', re.sub(r"#\w+;", "", label))
    ]


def stands_up(copy: Path, workflow: dict[str, Any]) -> None:
    """Assert that the copy's Python is clean and its workflow.yml says what was asked for."""
    assert plain(yaml.safe_load((copy / "workflow.yml").read_text())) == plain(workflow)
    for project in sorted(path.parent for path in copy.glob("*/pyproject.toml")):
        for arguments in (["check"], ["format", "--check"]):
            ruff = subprocess.run(
                [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."],
                cwd=project, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert ruff.returncode == 0, f"{project.name}: {ruff.stdout}{ruff.stderr}"
    for file in copy.rglob("*.py"):
        compile(file.read_text(), str(file), "exec")


def _rendered(
    workflow: dict[str, Any],
    queue: str,
    render: Callable[..., Path],
    factory: pytest.TempPathFactory,
) -> None:
    folder = factory.mktemp("copy")
    try:
        copy = render(folder / "copy", scenario="own", workflow=workflow, queue=queue)
        stands_up(copy, workflow)
    finally:
        shutil.rmtree(folder)


@settings(max_examples=2, **UNSHRUNK)
@given(workflow=workflows(), queue=st.sampled_from(QUEUES))
def test_a_copy_of_a_random_workflow_stands_up(
    workflow: dict[str, Any],
    queue: str,
    render: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    _rendered(workflow, queue, render, tmp_path_factory)


@pytest.mark.slow
@pytest.mark.parametrize("queue", QUEUES)
def test_every_word_fits_the_longest_names(
    queue: str, render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    workflow = yaml.safe_load((ROOT / "tests" / "spikes" / "every_word.yml").read_text())
    workflow |= {"name": "very long and winding piece of paperwork"}
    workflow |= {"plural": "very long and winding pieces of paper"}
    _rendered(workflow, queue, render, tmp_path_factory)


@pytest.mark.slow
@settings(max_examples=40, **UNSHRUNK)
@given(workflow=workflows(), queue=st.sampled_from(QUEUES))
def test_copies_of_many_random_workflows_stand_up(
    workflow: dict[str, Any],
    queue: str,
    render: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    _rendered(workflow, queue, render, tmp_path_factory)
