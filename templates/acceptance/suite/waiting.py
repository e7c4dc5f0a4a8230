"""A Python that is ready to run tests: `suite.watch` starts it ahead, and tells it on stdin what to run.

What takes long to import is imported here; the suite itself is not, since its files may change meanwhile. It
ends with whoever started it, whose end is that of stdin.
"""

import json
import os
import sys

import httpx  # noqa: F401
import pytest
import standardwebhooks  # noqa: F401
import yaml  # noqa: F401


def main() -> int:
    """Wait for the order, a line of JSON, and run what it says."""
    line = sys.stdin.readline()
    if not line:
        return 0
    order = json.loads(line)
    os.environ.update(order["environment"])
    os.environ["SUITE_LIFELINE"] = str(os.dup(sys.stdin.fileno()))  # pytest takes stdin away
    return int(pytest.main(order["arguments"]))


if __name__ == "__main__":
    sys.exit(main())
