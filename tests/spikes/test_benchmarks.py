"""The benchmarks still measure what they say; how fast anything is, is no matter here."""

import subprocess
import sys

from .copies import ROOT

FEW = """
import judging, run, sizes, throughput
judging.WHOLE, judging.ROUNDS = ("-k", "healthy"), 1
sizes.SIZES, sizes.ROUNDS, sizes.COUNT = (200, 400), 1, 2
throughput.ROUNDS, throughput.COUNT, throughput.APPROVALS, throughput.RECORDS = 1, 100, 20, 100
run.main()
"""


def test_requests_many_records_and_the_suite_are_measured() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FEW, "requests", "many", "the"],
        cwd=ROOT / "benchmarks",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for figure in (
        "django: one test |",
        "django: record |",
        "fastapi: approve |",
        "fastapi: search, one hit |",
    ):
        assert figure in done.stdout
