"""Loaded by Schemathesis: it may do anything to anybody but those who are named in `FUZZ_SPARED`."""

import os
from typing import Any

import schemathesis


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    """Turn from the spared users to `FUZZ_TARGET`."""
    spared = os.environ.get("FUZZ_SPARED", "").split()
    if path_parameters and path_parameters.get("username") in spared:
        return {**path_parameters, "username": os.environ["FUZZ_TARGET"]}
    return path_parameters
