"""The pipeline that a copy may have is right by the forge's own rules, and what it runs is green in a clean folder."""

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .copies import SPIKES, UV

FILES = {"github": ".github/workflows/spikes.yml", "gitlab": ".gitlab-ci.yml"}
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
# GitHub's own actions may be named by their version; others would have to be named by their content.
PINNED = 'rules: {unpinned-uses: {config: {policies: {"actions/*": ref-pin, "*": hash-pin}}}}'


@pytest.fixture(scope="module")
def made(
    render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Path]:
    """`made(forge, server)` is a copy with that pipeline, on SQLite or with such a server."""

    @functools.cache
    def make(forge: str, server: str) -> Path:
        answers = {"queue": "celery"} if server == "redis" else {"database": server}
        return render(tmp_path_factory.mktemp(forge) / "copy", ci=forge, **answers)

    return make


def steps_of(copy: Path, forge: str, spike: str) -> list[tuple[str, str]]:
    """What the pipeline runs for the spike, after uv is installed: folders and commands."""
    pipeline: dict[str, Any] = yaml.safe_load((copy / FILES[forge]).read_text(encoding="utf-8"))
    if forge == "github":
        job = pipeline["jobs"]["spike"]
        assert spike in job["strategy"]["matrix"]["spike"]
        found = [step for step in job["steps"] if "run" in step and "working-directory" in step]
        folders = [s["working-directory"].replace("${{ matrix.spike }}", spike) for s in found]
        return [*zip(folders, (step["run"] for step in found), strict=True)]
    assert spike in pipeline["spike"]["parallel"]["matrix"][0]["SPIKE"]
    lines = [line.removeprefix("(cd ").removesuffix(")") for line in pipeline["spike"]["script"]]
    parts = [line.partition(" && ") for line in lines]
    return [(folder.replace('"$SPIKE"', spike), command) for folder, _, command in parts]


@pytest.mark.parametrize("server", ["sqlite", "postgresql", "redis"])
@pytest.mark.parametrize("forge", FILES)
def test_the_forge_would_take_it(
    forge: str, server: str, made: Callable[[str, str], Path], tmp_path: Path
) -> None:
    file = made(forge, server) / FILES[forge]
    checks = [["check-jsonschema", "--builtin-schema", SCHEMAS[forge], file]]
    if forge == "github":
        (tmp_path / "zizmor.yml").write_text(PINNED, encoding="utf-8")
        checks.append(["zizmor", "--offline", "--quiet", "--config", tmp_path / "zizmor.yml", file])
    for command in checks:
        program = Path(sys.executable).parent / str(command[0])
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_both_forges_run_the_same(database: str, made: Callable[[str, str], Path]) -> None:
    for spike in SPIKES:
        steps = {forge: steps_of(made(forge, database), forge, spike) for forge in FILES}
        assert steps["github"] == steps["gitlab"]
        assert [folder for folder, _ in steps["github"]] == [
            f"{spike}_spike",
            f"{spike}_spike",
            "acceptance",
        ]


@pytest.mark.parametrize("spike", SPIKES)
def test_what_it_runs_is_green(spike: str, made: Callable[[str, str], Path]) -> None:
    copy = made("github", "sqlite")
    kept = {
        n: x for n, x in os.environ.items() if not n.startswith(("PYTEST", "PYTHON", "VIRTUAL"))
    }
    environment = {
        **kept,
        "PATH": f"{Path(UV).parent}{os.pathsep}{os.environ['PATH']}",
        "UV_PYTHON_DOWNLOADS": "never",
        "SPIKE": spike,
    }
    for folder, command in steps_of(copy, "github", spike):
        done = subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=copy / folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
