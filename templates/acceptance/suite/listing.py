"""`python -m suite tests`: the names of the tests that a workflow gives, without running them."""

import os
import subprocess
from pathlib import Path

from suite.check import HERE
from suite.errors import UserError
from suite.spike import python
from suite.target import VARIABLE


def names(spike: str, workflow: str) -> list[str]:
    """The tests of the spike, in the order in which they run; by its target, if no file is named."""
    named = {VARIABLE: str(Path(workflow).resolve())} if workflow else {}
    done = subprocess.run(  # noqa: S603
        [python(), "-m", "pytest", "-q", "--collect-only", "--spike", spike],
        cwd=HERE,
        env=os.environ | named,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UserError("\n".join((done.stdout + done.stderr).strip().splitlines()[-6:]))
    return [line for line in done.stdout.splitlines() if "::" in line]
