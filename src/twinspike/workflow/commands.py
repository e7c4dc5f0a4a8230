"""`twinspike workflow check`, `explain`, `draw` and `schema`."""

import json
from pathlib import Path
from typing import Any

from twinspike.console import counted
from twinspike.errors import UserError
from twinspike.files import yaml_file
from twinspike.files.report import nearest_line, report
from twinspike.templating import macro
from twinspike.workflow import check as checking
from twinspike.workflow.flow import flow_of
from twinspike.workflow.model import json_schema


def check(file: Path, *, as_json: bool) -> int:
    """Print every mistake in the file; gives 1 when there is one, else 0."""
    document = _document(file)
    workflow, mistakes = checking.check(document.data)
    if as_json:
        found = [
            {
                "line": nearest_line(document.lines, mistake.place),
                "place": mistake.place,
                "message": mistake.message,
            }
            for mistake in mistakes
        ]
        print(json.dumps({"good": workflow is not None, "mistakes": found}, ensure_ascii=False))
    elif workflow is None:
        raise UserError("\n".join(report(str(file), document.lines, mistakes)))
    else:
        counts = (
            counted(len(workflow.states), "state"),
            counted(len(workflow.transitions), "transition"),
            counted(len(workflow.roles), "role"),
            counted(len(workflow.fields), "field"),
        )
        print(f"{file}: good. {', '.join(counts)}.")
    return 0 if workflow else 1


def explain(file: Path, *, as_json: bool) -> None:
    """Print the workflow in the sentences that BRIEF.md of a copy has, and its counts."""
    flow = _flow(file)
    text = macro("brief.jinja", "sentences", flow, True)
    if as_json:
        sentences = [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]
        print(
            json.dumps(
                {
                    "name": flow["name"],
                    "summary": flow["summary"],
                    "sentences": sentences[: -len(_counts(flow))],
                    "counts": _counts(flow),
                },
                ensure_ascii=False,
            )
        )
    else:
        print(f"# {flow['label']}\n")
        if flow["summary"]:
            print(f"{flow['summary']}\n")
        print(text)


def draw(file: Path) -> None:
    """Print the Mermaid state diagram that BRIEF.md of a copy has."""
    print(macro("brief.jinja", "diagram", _flow(file)))


def schema() -> None:
    """Print the JSON Schema of a workflow file."""
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _document(file: Path) -> yaml_file.Document:
    """The workflow in the file; a change of the day has a block about itself in front of it."""
    document = yaml_file.read(file)
    if isinstance(document.data, dict):
        document.data.pop("change", None)
    return document


def _flow(file: Path) -> dict[str, Any]:
    document = _document(file)
    workflow, mistakes = checking.check(document.data)
    if workflow is None:
        raise UserError("\n".join(report(str(file), document.lines, mistakes)))
    return flow_of(document.data)


def _counts(flow: dict[str, Any]) -> dict[str, int]:
    return json.loads(macro("brief.jinja", "counts", flow))
