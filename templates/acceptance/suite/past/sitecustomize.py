"""Lets a process live in the past: Python imports this at its start, where `PYTHONPATH` names this folder."""

import os
from datetime import UTC, datetime, timedelta

import time_machine  # pyright: ignore[reportMissingImports] - the spike has it

ago = timedelta(seconds=float(os.environ["SUITE_SECONDS_AGO"]))
time_machine.travel(datetime.now(UTC) - ago, tick=True).start()
