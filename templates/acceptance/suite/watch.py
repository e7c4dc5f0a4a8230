"""`python -m suite watch SPIKE`: the spike kept running, restarted on each save, and its tests run at once.

It prints a JSON object a line: what it does, and what came of each run. The tests to run first stand in a
file, one a line; after them come those of the others that were red the last time.
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx

from suite.broker import check_broker
from suite.database import database
from suite.errors import UserError
from suite.running import RUNNING, forget, tell
from suite.site import Site
from suite.spike import (
    RESULTS,
    Spike,
    folder,
    free_port,
    fresh_secrets,
    healthy,
    python,
    sync,
)
from suite.target import HOME, target_of
from suite.workflow_file import read_file

HERE = Path(__file__).parents[1]
POLL_SECONDS = 0.1
START_SECONDS = 20
SPARE_PEOPLE = 3  # more are signed in by the tests that need them
MOST_FAILURES = 10  # a red run ends here; whoever waits wants the first ones
IGNORED = {
    ".venv",
    "__pycache__",
    "node_modules",
    ".pytest_cache",
    ".ruff_cache",
    ".git",
    "staticfiles",
}
WATCHED = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".toml",
    ".ini",
    ".mako",
    ".txt",
    ".yml",
    ".yaml",
    ".json",
}


def say(event: str, **more: Any) -> None:
    """Tell whoever started this."""
    print(json.dumps({"event": event, **more}, ensure_ascii=False), flush=True)


def watch(spike: str, tests: Path, only: str) -> None:
    """Keep the spike running until Ctrl-C; `tests` is the file with the tests to run first."""
    with ExitStack() as stack:
        kept = Kept(spike, stack)
        warm = Warm()
        stack.callback(lambda: warm.stop())
        red: list[str] = []
        seen = snapshot(spike, tests)
        changed = {"."}
        while True:
            say("restarting", files=sorted(changed))
            began = time.monotonic()
            wanted = list(dict.fromkeys([*read_lines(tests), *red]))
            try:
                fresh = any("migrations" in Path(name).parts for name in changed) or "." in changed
                if kept.stop(fresh=fresh):  # the tests are found while the spike starts
                    warm.begin(spike, kept, wanted, only)
                kept.start()
            except UserError as error:
                told = str(error)
                if warm.begun:
                    warm.stop()
                    warm = Warm()
                say("amber", text=told, seconds=round(time.monotonic() - began, 1))
            else:
                if not warm.begun:
                    warm.begin(spike, kept, wanted, only)
                outcomes, trouble = warm.end(spike)
                kept.spare = []
                warm = Warm()
                red = [name for name, each in outcomes.items() if each["outcome"] == "failed"]
                told = kept.trouble()
                say(
                    "run",
                    tests=outcomes,
                    trouble=trouble or told,
                    wanted=len(wanted),
                    seconds=round(time.monotonic() - began, 1),
                )
                kept.sign_in()
            changed, seen = next_change(spike, tests, seen, kept, told)


def read_lines(file: Path) -> list[str]:
    """The lines of the file; none when it is not there."""
    return (
        [line for line in file.read_text(encoding="utf-8").split("\n") if line]
        if file.is_file()
        else []
    )


def snapshot(spike: str, tests: Path) -> dict[str, int]:
    """When each file that matters was saved."""
    found = {}
    roots = [folder(spike), HERE / "own", HERE / "tests", HERE / "suite"]
    for root in roots:
        for path in walk(root):
            with suppress(OSError):
                found[str(path.relative_to(HOME))] = path.stat().st_mtime_ns
    for path in (tests, HOME / ".twinspike" / "targets" / f"{spike}.yml"):
        with suppress(OSError):
            found[str(path)] = path.stat().st_mtime_ns
    return found


def walk(root: Path) -> Iterator[Path]:
    """The files below the folder that people write."""
    for here, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in IGNORED]
        yield from (Path(here) / name for name in names if Path(name).suffix in WATCHED)


def next_change(
    spike: str, tests: Path, seen: dict[str, int], kept: "Kept", told: str
) -> tuple[set[str], dict[str, int]]:
    """Wait until something was saved; gives which files, and what is there now.

    A spike that ends meanwhile is said, unless that was `told`.
    """
    while True:
        time.sleep(POLL_SECONDS)
        now = snapshot(spike, tests)
        if now != seen:
            changed = {name for name in now.keys() | seen.keys() if now.get(name) != seen.get(name)}
            return changed, now
        trouble = kept.trouble()
        if trouble and not told:
            told = trouble
            say("amber", text=trouble, seconds=0)


class Kept:
    """The spike that is kept running: always at the same address, with people whose password stays."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        self.name = name
        self.stack = stack
        self.secrets = fresh_secrets()
        self.port = free_port()
        self.receiver_port = free_port()
        self.mail_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = RESULTS / f"{name}-watch.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_text("", encoding="utf-8")
        self.home = stack.enter_context(ExitStack())
        self.spike: Spike | None = None
        self.ready = False
        self.web: subprocess.Popen[bytes] | None = None
        self.people: list[dict[str, Any]] = []
        self.spare: list[dict[str, Any]] = []
        stack.callback(forget, name)

    def stop(self, *, fresh: bool) -> bool:
        """Stop the code as it was; whether the next starts with the same database and people.

        With `fresh` it starts on an empty database.
        """
        if self.spike is not None:
            self.spike.kill()
        if fresh:
            self.ready = False
        return self.ready

    def start(self) -> None:
        """Start the code as it is now. Raises `UserError`."""
        sync(self.name)
        if self.ready and self.spike is not None:
            self.web = self.spike.start("web")
        else:
            self.people, self.spare = [], []
            self.home.close()
            address = self.home.enter_context(database(self.name))
            self.spike = self.home.enter_context(
                Spike(self.name, self.environment(address), self.log)
            )
            check_broker(self.spike.environment)
            self.spike.must("release")
            self.web = self.spike.start("web")
            self.spike.must("demo")
            self.ready = True
        end = time.monotonic() + START_SECONDS
        while not healthy(self.url):
            if self.web.poll() is not None or time.monotonic() > end:
                raise UserError(f"The {self.name} spike does not start:\n{self.spike.tail(8)}")
            time.sleep(0.03)
        self.spike.start_workers()
        tell(self.name, self.as_data())

    def environment(self, address: str) -> dict[str, str]:
        """What the suite gives a spike that it tests, at an address that stays."""
        return {
            **self.secrets,
            "DEBUG": "1",
            "PORT": str(self.port),
            "DATABASE_URL": address,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "WEBHOOK_URL": f"http://127.0.0.1:{self.receiver_port}/hook",
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "PUBLIC_URL": self.url,
            "RETRY_DELAYS": "0.3,1.2",
            "POLL_SECONDS": "0.1",
        }

    def sign_in(self) -> None:
        """Sign in people for the next run ahead, since passwords take long on purpose.

        Those of the demo are signed in once; new ones, whom tests give roles, come anew for each run.
        """
        try:
            site = Site(read_file(target_of(self.name)), self.url, self.secrets["DEMO_PASSWORD"])
            site.known(self.people)
            self.people = self.people or site.sessions(site.demo_people())
            self.spare = site.sessions([site.new_person() for _ in range(SPARE_PEOPLE)])
            site.close()
        except (AssertionError, KeyError, UserError, httpx.HTTPError):
            self.people, self.spare = [], []  # the tests will say what is wrong
        tell(self.name, self.as_data())

    def as_data(self) -> dict[str, Any]:
        """How to talk to it, with the sessions that any run may use."""
        return {
            "people": self.people,
            "url": self.url,
            "password": self.secrets["DEMO_PASSWORD"],
            "receiver_port": self.receiver_port,
            "mail_port": self.mail_port,
            "webhook_secret": self.secrets["WEBHOOK_SECRET"],
            "process": os.getpid(),
        }

    def trouble(self) -> str:
        """Why the spike has ended, when it has."""
        if self.spike is not None and self.web is not None and self.web.poll() is not None:
            return f"The {self.name} spike has ended:\n{self.spike.tail(8)}"
        return ""


class Warm:
    """A Python that has imported what the tests need, and waits to be told which to run."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.process = subprocess.Popen(  # noqa: S603
            [python(), "-m", "suite.waiting"],
            cwd=HERE,
            env=os.environ | {"SUITE_EVENTS": str(writing)},
            pass_fds=[writing],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        os.close(writing)
        self.events = os.fdopen(reading, encoding="utf-8")
        self.begun = False
        self.said: list[bytes] = []
        self.reader: threading.Thread | None = None

    def begin(self, spike: str, kept: Kept, wanted: list[str], only: str) -> None:
        """Let it run the tests as soon as the spike answers; it may still be starting."""
        self.begun = True
        if not wanted:
            return
        chosen = HOME / ".twinspike" / f"chosen-{spike}.txt"
        chosen.write_text("\n".join(wanted), encoding="utf-8")
        files = sorted({name.partition("::")[0] for name in wanted})
        order = {
            "arguments": [
                "-q",
                "--tb=short",
                f"--maxfail={MOST_FAILURES}",
                *("--spike", spike, f"--tests={chosen}"),
                *(("-k", only) if only else ()),
                *(name for name in files if (HERE / name).is_file()),
            ],
            "environment": {
                RUNNING: json.dumps(
                    {
                        **kept.as_data(),
                        "people": [*kept.people, *kept.spare],
                        "starts_within": START_SECONDS,
                    }
                )
            },
        }
        stdin, output = self.process.stdin, self.process.stdout
        if stdin is None or output is None:
            raise RuntimeError("The suite was started without pipes.")
        stdin.write((json.dumps(order) + "\n").encode())
        stdin.flush()
        self.reader = threading.Thread(target=lambda: self.said.append(output.read()), daemon=True)
        self.reader.start()

    def end(self, spike: str) -> tuple[dict[str, dict[str, Any]], str]:
        """Wait for the tests; gives each one's outcome, and why there is none."""
        if self.reader is None:
            self.stop()
            return {}, ""
        outcomes: dict[str, dict[str, Any]] = {}
        trouble = ""
        for line in self.events:
            event = json.loads(line)
            if event["event"] == "trouble":
                trouble = event["text"]
            elif event["event"] == "test":
                known = outcomes.get(event["test"])
                if known is None or known["outcome"] != "failed":
                    outcomes[event["test"]] = event
        code = self.process.wait()
        self.reader.join(5)
        self._close()
        text = b"".join(self.said).decode("utf-8", "replace")
        (RESULTS / f"{spike}-watch.txt").write_text(text, encoding="utf-8")
        if code not in (0, 1, 2, 5) and not trouble:
            trouble = "\n".join(text.strip().splitlines()[-6:])
        return outcomes, trouble

    def stop(self) -> None:
        """End it, whether it was told anything or not."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.events.close()
