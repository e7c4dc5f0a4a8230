"""Loaded by Schemathesis: it may do anything to anybody but those who are named in `FUZZ_SPARED`."""

import os
from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Turn from the spared users to `FUZZ_TARGET`, wherever the name came from."""
    parameters = case.path_parameters or {}
    if parameters.get("username") in os.environ.get("FUZZ_SPARED", "").split():
        case.path_parameters = {**parameters, "username": os.environ["FUZZ_TARGET"]}
