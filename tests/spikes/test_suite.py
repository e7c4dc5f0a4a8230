"""The acceptance suite judges the same in any surroundings, says what it may not do, and makes demo records."""

import json
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from uv import find_uv_bin

from .copies import SPIKES, Copy, passed

# What a developer's shell, a proxy, another project or a git hook may have left in the environment.
HOSTILE = {
    "PYTHONOPTIMIZE": "1",
    "PYTHONPATH": "/nowhere",
    "PYTEST_ADDOPTS": "--assert=plain --collect-only",
    "DJANGO_SETTINGS_MODULE": "another.settings",
    "VIRTUAL_ENV": "/nowhere",
    "UV_PROJECT_ENVIRONMENT": "/nowhere",
    "UV_FROZEN": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "GIT_DIR": "/nowhere/.git",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing",
    "WEBHOOK_URL": "http://127.0.0.1:9/",
    "WEB_CONCURRENCY": "7",
    "PORT": "1",
}
ODD = '100% Tom\'s "copy" Größe 部長'


def suite(copy: Copy, *arguments: str, **environment: str) -> CompletedProcess[str]:
    """Run a command of the suite as `twinspike` does, with more variables."""
    python = copy.home / "acceptance" / ".venv" / "bin" / "python"
    return copy.run("acceptance", str(python), "-m", "suite", *arguments, **environment)


@pytest.mark.parametrize("spike", SPIKES)
def test_a_hostile_environment_and_an_odd_folder_change_no_verdict(
    copy: Copy, spike: str, tmp_path: Path
) -> None:
    odd = copy.twin(tmp_path / ODD)
    some = "healthy or sends_its_follow_ups or a_service_is_known or is_no_secret"
    assert "green" in passed(suite(odd, "check", spike, "-k", some, **HOSTILE))


@pytest.mark.parametrize("spike", SPIKES)
def test_optimised_python_does_not_make_a_broken_spike_green(
    copy: Copy, spike: str, tmp_path: Path
) -> None:
    broken = copy.twin(tmp_path / "broken")
    rules = broken.home / f"{spike}_spike" / "spike" / "workflow.py"
    code = rules.read_text(encoding="utf-8")
    assert code.count("def sees(") == 1
    everything = 'def sees(_: object) -> str:\n    return "all"\n\n\ndef really_sees('
    rules.write_text(code.replace("def sees(", everything), encoding="utf-8")
    done = suite(broken, "check", spike, "-k", "invisible or may_be_seen", PYTHONOPTIMIZE="1")
    assert done.returncode == 1, done.stdout
    assert " red" in done.stdout


def test_own_means_the_tests_of_the_team(copy: Copy, tmp_path: Path) -> None:
    twin = copy.twin(tmp_path / "copy")
    suite(twin, "check", "fastapi", "-k", "own")
    told = (twin.home / "results" / "fastapi.txt").read_text(encoding="utf-8")
    examples = (twin.home / "acceptance" / "own" / "test_example.py").read_text(encoding="utf-8")
    assert f"{examples.count('def test_')} passed" in told


def test_an_installation_that_was_cut_short_is_mended(copy: Copy, tmp_path: Path) -> None:
    twin = copy.twin(tmp_path / "copy")
    environment = twin.home / "fastapi_spike" / ".venv"
    whole = environment.resolve()
    environment.unlink()
    shutil.copytree(whole, environment, symlinks=True)
    (environment / ".synced").unlink()
    for package in environment.glob("lib/*/site-packages/fastapi/*.py"):
        package.write_text("", encoding="utf-8")
    done = suite(twin, "check", "fastapi", "-k", "healthy", UV=find_uv_bin())
    assert "green" in passed(done)


def test_every_state_of_a_large_workflow_gets_demo_records(copy: Copy, tmp_path: Path) -> None:
    """Twelve states in a row, each reached by another role past a guard, in a few seconds of planning."""
    file = tmp_path / "large.yml"
    file.write_text(yaml.safe_dump(large()), encoding="utf-8")
    code = (
        "import json; from suite.seed import demo_plans; from suite.plan import ways;"
        "from suite.workflow_file import workflow; flow = workflow();"
        "print(json.dumps([len(demo_plans(flow)), len(ways('author'))]))"
    )
    said = passed(
        copy.run("acceptance", "python", "-c", code, seconds=20, SUITE_WORKFLOW=str(file))
    )
    records, states = json.loads(said.splitlines()[-1])
    assert states == len(large()["states"])
    assert records == 4 * states


def large() -> dict[str, Any]:
    """A workflow with many roles, states, guards and rules of four eyes."""
    roles = [f"reviewer_{number}" for number in range(11)]
    states = ["draft", *(f"stage_{number}" for number in range(11))]
    moves = [
        {
            "name": f"pass_{number}",
            "from": [before],
            "to": after,
            "by": [roles[number], roles[number - 1]],
            "not_by": ["owner", *([f"pass_{number - 1}"] if number else [])],
            "when": [{"field": f"amount_{number % 4}", "more_than": 100 * number}],
        }
        for number, (before, after) in enumerate(pairwise(states))
    ]
    return {
        "name": "large thing",
        "plural": "large things",
        "fields": [
            {"name": f"amount_{number}", "type": "money", "required": True} for number in range(4)
        ],
        "roles": [{"name": "author", "creates": True}, *({"name": role} for role in roles)],
        "states": [{"name": state, "edited_by": ["owner"]} for state in states],
        "transitions": moves,
    }


def test_up_makes_demo_records_once(copy: Copy, tmp_path: Path) -> None:
    twin = copy.twin(tmp_path / "copy")
    with socket.socket() as elsewhere:
        elsewhere.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # else it is taken already
            elsewhere.bind(("127.0.0.1", 8000))
        elsewhere.listen()
        told = passed(suite(twin, "up", "--once"))
    assert "Port 8000 is taken, so django gets another one." in told
    tell = 'import suite.running; suite.running.tell_people("django", "http://first", [], "");'
    second = "import runpy, sys; sys.argv[1:] = ['up', '--once']; "
    second += "runpy.run_module('suite', run_name='__main__')"
    told = passed(twin.run("acceptance", "python", "-c", f"{tell} {second}"))
    assert "up already, at http://first;" in told
    states = len(yaml.safe_load((twin.home / "workflow.yml").read_text(encoding="utf-8"))["states"])
    count = "import sqlite3; db = sqlite3.connect('spike.sqlite3'); print(db.execute(\"SELECT count(*) FROM "
    for spike, table in (("django", "access_request"), ("fastapi", "access_requests")):
        done = twin.run(f"{spike}_spike", "python", "-c", f'{count}{table}").fetchone()[0])')
        assert passed(done).strip() == str(4 * states)


def test_a_role_that_may_not_make_databases_can_use_one_that_is_there(
    copy_on_server: Copy, server: str, tmp_path: Path, ask: Callable[[str], None]
) -> None:
    ask("DROP DATABASE IF EXISTS given_to_limited")
    ask("DROP ROLE IF EXISTS limited")
    ask("CREATE ROLE limited LOGIN PASSWORD 'limited'")
    ask("CREATE DATABASE given_to_limited OWNER limited")
    parts = urlsplit(server)
    address = f"postgresql://limited:limited@{parts.hostname}:{parts.port or 5432}/given_to_limited"
    try:
        twin = copy_on_server.twin(tmp_path / "copy")
        example = twin.home / "fastapi_spike" / ".env.example"
        lines = example.read_text(encoding="utf-8").splitlines(keepends=True)
        url = f"DATABASE_URL={address}\n"
        example.write_text(
            "".join(url if line.startswith("DATABASE_URL=") else line for line in lines),
            encoding="utf-8",
        )
        passed(suite(twin, "up", "fastapi", "--once"))
        done = suite(twin, "check", "fastapi", "-k", "healthy")
        assert done.returncode == 1
        assert "ALTER ROLE limited CREATEDB" in done.stdout
    finally:
        ask("DROP DATABASE given_to_limited")
        ask("DROP ROLE limited")


@pytest.fixture
def ask(copy_on_server: Copy, server: str) -> Callable[[str], None]:
    """Run a statement on the server."""
    code = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"

    def run(statement: str) -> None:
        passed(
            copy_on_server.run("acceptance", "python", "-c", code, f"{server}/postgres", statement)
        )

    return run
