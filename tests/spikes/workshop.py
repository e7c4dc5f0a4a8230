"""Where faults are put into copies, one at a time in each, and the tests run that should notice them."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from .copies import DEFAULT, HERE, NO_SERVER, Copy, SuiteServer
from .fault import Fault, read_faults


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


def copy_of(fault: Fault) -> tuple[str, str, str]:
    """The copy into which it is put: the workflow, the database and what delivers follow-ups."""
    return fault.workflow, fault.database, fault.queue


class Workshop:
    """Copies to put faults of one spike into, with suites that are ready to run."""

    def __init__(self, spike: str, copies: dict[tuple[str, str, str], Copy], folder: Path) -> None:
        self.spike = spike
        self.copies = copies
        self.folder = folder
        self.free: dict[tuple[str, str, str], list[SuiteServer]] = {}
        self.count = 0
        # Its database is kept, and the twins have it from the start.
        server = SuiteServer(copies[DEFAULT, "sqlite", "embedded"], spike)
        server.run("tests/test_contract.py::test_healthy")
        server.close()

    def server(self, fault: Fault) -> SuiteServer:
        """A suite for the copy of the fault that nobody uses now."""
        free = self.free.setdefault(copy_of(fault), [])
        if free:
            return free.pop()
        self.count += 1
        twin = self.copies[copy_of(fault)].twin(self.folder / str(self.count))
        shutil.copytree(HERE / "promises", twin.home / "acceptance" / "own", dirs_exist_ok=True)
        return SuiteServer(twin, self.spike)

    def run(self, fault: Fault) -> tuple[int, str]:
        """Put the fault in, run the tests that should notice it, and take it out again."""
        server = self.server(fault)
        try:
            with put(fault, server.copy.home / f"{self.spike}_spike"):
                return server.run("--maxfail=1", *noticing(fault))
        finally:
            self.free[copy_of(fault)].append(server)

    def close(self) -> None:
        """End the suites."""
        for servers in self.free.values():
            for server in servers:
                server.close()


def noticing_faults(spike: str) -> Callable[..., None]:
    """The test that the suite notices each fault of a spike: tests fail with it, and not its start."""

    @pytest.mark.parametrize(
        "case", [fault for fault in read_faults() if fault.spike == spike], ids=str
    )
    def test(
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

    return test
