"""Lets a process live in the past: Python imports this at its start, where `PYTHONPATH` names this folder.

What moves the clock is the suite's: no spike needs it, and each runs on the suite's Python.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module

ago = timedelta(seconds=float(os.environ["SUITE_SECONDS_AGO"]))
packages = os.environ["SUITE_PACKAGES"]
sys.path.append(packages)
try:
    time_machine = import_module("time_machine")
except ImportError as error:
    sys.exit(f"The suite cannot move the clock of this Python, which is not its own: {error}")
sys.path.remove(packages)
time_machine.travel(datetime.now(UTC) - ago, tick=True).start()
