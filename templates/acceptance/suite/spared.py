"""Loaded by Schemathesis: it may do anything to anybody but to those who are named in `SPARED`."""

import os
from typing import Any

import schemathesis  # pyright: ignore[reportMissingImports] - only `fuzz` has it


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Turn from the spared users to `TARGET`, wherever the name came from."""
    parameters = case.path_parameters or {}
    if parameters.get("username") in os.environ["SPARED"].split():
        case.path_parameters = {**parameters, "username": os.environ["TARGET"]}
