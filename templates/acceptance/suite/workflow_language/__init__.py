"""What a workflow file may say: the generator's own check, for the file that a team edits here.

The generator keeps the sources of this folder, and `twinspike workflow check` says the same.
"""

import json
from pathlib import Path
from typing import Any

from suite.mistakes import Mistake
from suite.workflow_language.meaning import Language, Meaning
from suite.workflow_language.shape import misshapen, plain

HERE = Path(__file__).parent
SCHEMA = HERE.parents[2] / "workflow.schema.json"


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


LISTS = _json(HERE / "lists.json")
AREAS: tuple[str, ...] = tuple(LISTS["areas"])
DEFAULT_LENGTHS: dict[str, int] = {
    kind: length["default"] for kind, length in LISTS["lengths"].items()
}


def mistakes(data: object) -> list[Mistake]:
    """Everything that is wrong with the workflow that the parsed YAML describes."""
    data = plain(data)
    schema = _json(SCHEMA)
    found = list(misshapen(data, schema, schema))
    if isinstance(data, dict):
        language = Language(schema, _json(HERE / "reserved.json"), LISTS["lengths"])
        found += Meaning(data, language).mistakes()
    return list(dict.fromkeys(found))
