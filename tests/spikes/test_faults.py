"""The acceptance suite notices faults: each of `faults/*.yml` by itself turns it red.

That it is green without a fault is for `test_copies.py` to say.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from .copies import DEFAULT, EVERY_WORD, HERE, NO_SERVER, SPIKES, Copy, SuiteServer, answers_for
from .fault import Fault, read_faults

FAULTS = read_faults()
LEAST = 250  # of each spike; a promise without a fault may be broken unnoticed


def noticing(fault: Fault) -> list[str]:
    """Where pytest finds the tests that notice it."""
    split = [name.rpartition("/") for name in fault.noticed_by]
    return [f"{'own' if folder else 'tests'}/{test}" for folder, _, test in split]


@contextmanager
def put(fault: Fault, home: Path) -> Iterator[None]:
    """The fault in the spike in this folder, for as long as the context lasts."""
    sound = {path: path.read_bytes() for path in fault.files(home)}
    try:
        fault.put_into(home)
        forget_compiled(sound)
        yield
    finally:
        for path, content in sound.items():
            path.write_bytes(content)
        forget_compiled(sound)


def forget_compiled(files: Iterable[Path]) -> None:
    """Remove what Python keeps of the files: it takes a file of the same second and size for the same."""
    for path in files:
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            compiled.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("spike", SPIKES)
def test_every_fault_fits_the_code(
    plain: Path, render: Callable[..., Path], tmp_path: Path, spike: str
) -> None:
    """And names nothing that is not there: that would be an error of the spike, which any test notices."""
    faults = [fault for fault in FAULTS if fault.spike == spike]
    assert len(faults) >= LEAST
    every_word = render(tmp_path / EVERY_WORD, **answers_for(EVERY_WORD))
    on_server = render(tmp_path / "on_server", database="postgresql")
    homes = {
        (DEFAULT, "sqlite", "embedded"): shutil.copytree(
            plain / f"{spike}_spike", tmp_path / "spike"
        ),
        (DEFAULT, "postgresql", "embedded"): on_server / f"{spike}_spike",
        (EVERY_WORD, "sqlite", "embedded"): every_word / f"{spike}_spike",
    }
    for workflow in (DEFAULT, EVERY_WORD):
        copy = render(tmp_path / f"celery-{workflow}", queue="celery", **answers_for(workflow))
        homes[workflow, "sqlite", "celery"] = copy / f"{spike}_spike"
    for number, fault in enumerate(faults):
        home = homes[fault.workflow, fault.database, fault.queue]
        with put(fault, home):
            for path in fault.files(home):
                target = tmp_path / "changed" / str(number) / path.relative_to(home)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    done = subprocess.run(
        [*ruff, "--output-format", "concise", tmp_path / "changed"],
        capture_output=True,
        text=True,
        check=False,
    )
    numbers = map(int, re.findall(r"changed/(\d+)/", done.stdout))
    print(done.stdout)
    assert done.returncode == 0, f"{', '.join(str(faults[number]) for number in numbers)}"


def test_no_fault_is_told_twice() -> None:
    told = [str(fault) for fault in FAULTS]
    assert sorted(set(told)) == sorted(told)


def copy_of(fault: Fault) -> tuple[str, str, str]:
    """The copy into which it is put: the workflow, the database and what delivers follow-ups."""
    return fault.workflow, fault.database, fault.queue


class Workshop:
    """Copies to put faults into, one at a time in each, with a suite that is ready to run."""

    def __init__(self, copies: dict[tuple[str, str, str], Copy], folder: Path) -> None:
        self.copies = copies
        self.folder = folder
        self.free: dict[tuple[str, str, str, str], list[SuiteServer]] = {}
        self.count = 0
        for spike in SPIKES:  # its database is kept, and the twins have it from the start
            server = SuiteServer(copies[DEFAULT, "sqlite", "embedded"], spike)
            server.run("tests/test_contract.py::test_healthy")
            server.close()

    def server(self, fault: Fault) -> SuiteServer:
        """A suite for the spike and the copy of the fault that nobody uses now."""
        free = self.free.setdefault((fault.spike, *copy_of(fault)), [])
        if free:
            return free.pop()
        self.count += 1
        twin = self.copies[copy_of(fault)].twin(self.folder / str(self.count))
        shutil.copytree(HERE / "promises", twin.home / "acceptance" / "own", dirs_exist_ok=True)
        return SuiteServer(twin, fault.spike)

    def run(self, fault: Fault) -> tuple[int, str]:
        """Put the fault in, run the tests that should notice it, and take it out again."""
        server = self.server(fault)
        try:
            with put(fault, server.copy.home / f"{fault.spike}_spike"):
                return server.run("--maxfail=1", *noticing(fault))
        finally:
            self.free[fault.spike, *copy_of(fault)].append(server)

    def close(self) -> None:
        """End the suites."""
        for servers in self.free.values():
            for server in servers:
                server.close()


@pytest.fixture(scope="module")
def workshop(
    copies: dict[str, Copy],
    make_copy: Callable[..., Copy],
    copy_with_broker: Callable[..., Copy],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workshop]:
    """Where faults are put into copies."""
    found = {(DEFAULT, database, "embedded"): copy for database, copy in copies.items()}
    found[EVERY_WORD, "sqlite", "embedded"] = make_copy(**answers_for(EVERY_WORD))
    with suppress(pytest.skip.Exception):
        for workflow in (DEFAULT, EVERY_WORD):
            found[workflow, "sqlite", "celery"] = copy_with_broker("redis", workflow)
    place = Workshop(found, tmp_path_factory.mktemp("faults"))
    yield place
    place.close()


def by_spike() -> list[Any]:
    """The faults; each spike's are a group, so that two processes can share them."""
    return [
        pytest.param(fault, marks=pytest.mark.xdist_group(f"faults-{fault.spike}"), id=str(fault))
        for fault in FAULTS
    ]


@pytest.mark.slow
@pytest.mark.parametrize("case", by_spike())
def test_a_fault_is_noticed(
    case: Fault,
    workshop: Workshop,
    two_at_a_time: Callable[..., dict[Fault, Future[tuple[int, str]]]],
) -> None:
    if copy_of(case) not in workshop.copies:
        pytest.skip(NO_SERVER if case.database == "postgresql" else "no Redis on this machine")
    code, said = two_at_a_time(workshop.run)[case].result()
    print(said)
    assert code != 0, "the suite did not notice"
    assert code == 1, "a test has to fail, not the start of the spike"
