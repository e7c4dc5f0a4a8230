"""`python -m suite fuzz`: requests that nobody thought of, made up by Schemathesis from two documents.

The spike is asked by what it says of itself and by what the contract says, as a person and as a service,
with a fixed seed, for as long as was asked for.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from suite.contract import contract
from suite.errors import UserError
from suite.findings import Caller, Finding, read_report
from suite.fixtures import start
from suite.parts import ADMIN
from suite.site import Site
from suite.spike import surroundings
from suite.workflow_file import workflow as read_workflow

HERE = Path(__file__).parents[1]
KEPT = HERE / "own" / "test_fuzz.py"
LEAST_SECONDS = 5  # of one run; in less it does not come to every endpoint
KEPT_HEAD = '''"""Requests that `twinspike fuzz` has found, and that were answered in another way than documented."""

from collections.abc import Callable

from suite.site import Site
from suite.parts import Record
from suite.workflow import Workflow
'''


@dataclass(frozen=True)
class Run:
    """One document, and who asks by it."""

    title: str
    document: str  # a file or an address
    caller: Caller
    headers: dict[str, str]


def fuzz(name: str, seconds: int, seed: int, kept: bool, console: Console) -> list[Finding]:
    """Ask the spike, say what was found, and with `kept` write a test of it; each fault once."""
    findings = find(name, seconds, seed, console)
    tell(name, findings, console)
    if kept and findings:
        with console.status(f"{name}: trying the tests"):
            names = keep(name, findings)
        console.print(
            f"Kept {len(names)} of {len(findings)} as tests in acceptance/own/{KEPT.name}: "
            "those that a new record and a new person turn red.",
            highlight=False,
            soft_wrap=True,
        )
    return findings


def find(name: str, seconds: int, seed: int, console: Console) -> list[Finding]:
    """Start the spike with an empty database and ask it; the lightest request of each fault."""
    with ExitStack() as stack:
        with console.status(f"{name}: starting"):
            site = start(name, stack)
            stack.callback(site.close)
            for state in site.flow.states:  # to be asked for
                site.record_in(state)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
            runs = list(plan(site, folder))
        each = max(LEAST_SECONDS, seconds // len(runs))
        lightest: dict[tuple[str, str, int], Finding] = {}
        for number, run in enumerate(runs, start=1):
            report = folder / f"{number}.ndjson"
            told = f"{name}: {run.title} {run.caller}, {each} s ({number} of {len(runs)})"
            with console.status(told):
                ask(site, run, each, seed, report)
            for finding in read_report(report, run.caller):
                known = lightest.get(finding.key)
                if known is None or finding.weight < known.weight:
                    lightest[finding.key] = finding
        return sorted(lightest.values(), key=str)


def plan(site: Site, folder: Path) -> Iterator[Run]:
    """Both documents by everybody who asks."""
    path = folder / "contract.json"
    path.write_text(json.dumps(contract(), default=str), encoding="utf-8")
    documents = {
        "by its own document": f"{site.url}/openapi.json",
        "by the contract": str(path),
    }
    roles = (ADMIN, *site.flow.creators()[:1])
    person = site.new_person(*roles)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.http.cookies.jar)
    callers = {Caller(roles): {"Cookie": cookies, "X-CSRF-Token": person.csrf or ""}}
    for role in site.flow.service_roles[:1]:
        token = f"Bearer {role}-{site.password}"
        callers[Caller((role,), service=True)] = {"Authorization": token}
    for title, document in documents.items():
        for caller, headers in callers.items():
            yield Run(title, document, caller, headers)


def ask(site: Site, run: Run, seconds: int, seed: int, report: Path) -> None:
    """Let Schemathesis ask for so many seconds, and write what came of it into the report."""
    command = [str(Path(sys.executable).with_name("st"))]
    command += ["--config-file", str(HERE / "suite" / "schemathesis.toml"), "run", run.document]
    command += ["--url", site.url, "--seed", str(seed), "--max-time", str(seconds)]
    command += ["--continue-on-failure", "--warnings", "off", "--no-color"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
    if not run.caller.service:  # it would end the session that it asks with
        command += ["--exclude-method", "DELETE"]
    for name, value in run.headers.items():
        command += ["-H", f"{name}: {value}"]
    own = {
        "PYTHONPATH": str(HERE),
        "SCHEMATHESIS_HOOKS": "suite.spared",
        "SPARED": " ".join(site.usernames()),
        "TARGET": site.add_person(),
    }
    done = subprocess.run(  # noqa: S603
        command,
        cwd=report.parent,
        env=surroundings() | {"PATH": os.environ.get("PATH", "")} | own,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1) or not report.exists():
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-6:]
        raise UserError("Schemathesis did not run:\n" + "\n".join(last))


def tell(name: str, findings: list[Finding], console: Console) -> None:
    """A line and a `curl` for each finding, and once what the `curl`s need."""
    if not findings:
        console.print(f"{name}: every answer was as documented.", style="green")
        return
    for finding in findings:
        console.print(f"✗ {finding}", style="red", markup=False, highlight=False, soft_wrap=True)
        console.print(f"  {finding.curl}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"To ask again: twinspike up {name}, then in a shell, with the address and the password that it says,\n"
        "  URL=http://127.0.0.1:8000 PASSWORD=…\n"
        '  TOKEN="ROLE-$PASSWORD"   # of the service named above\n'
        "  CSRF=$(curl -s -c cookies -H 'Content-Type: application/json' "
        '-d \'{"username": "admin", "password": "\'"$PASSWORD"\'"}\' "$URL/api/session" '
        """| python3 -c 'import json, sys; print(json.load(sys.stdin)["csrf_token"])')""",
        style="dim",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def keep(name: str, findings: list[Finding]) -> list[str]:
    """Write a test of each finding into `own/test_fuzz.py`; the names of those that are red there.

    One that a new record and a new person leave green would say nothing, and is left out.
    """
    flow = read_workflow()
    old = KEPT.read_text(encoding="utf-8") if KEPT.exists() else KEPT_HEAD
    first = len(re.findall(r"^def test_", old, re.MULTILINE)) + 1
    names = [f"test_{name}_{number}" for number in range(first, first + len(findings))]
    tests = {n: finding.test(n, flow) for n, finding in zip(names, findings, strict=True)}
    KEPT.write_text(old + "".join(f"\n\n{test}" for test in tests.values()), encoding="utf-8")
    said = _python("pytest", "-q", "--tb=no", "-rf", "--spike", name, str(KEPT))
    red = [each for each in names if f"::{each} " in said]
    if not red and old == KEPT_HEAD:
        KEPT.unlink()
        return []
    KEPT.write_text(old + "".join(f"\n\n{tests[each]}" for each in red), encoding="utf-8")
    _python("ruff", "check", "--quiet", "--select", "F401", "--fix", str(KEPT))
    _python("ruff", "format", "--quiet", str(KEPT))
    return red


def _python(module: str, *options: str) -> str:
    """Run a module in the suite's folder; gives what it printed."""
    command = [sys.executable, "-m", module, *options]
    return subprocess.run(  # noqa: S603
        command, cwd=HERE, capture_output=True, text=True, check=False
    ).stdout
