"""What the command asks before Copier does: which workflow, and for one's own the file, checked at once."""

from pathlib import Path

from twinspike.answers.collecting import Given, add_workflow
from twinspike.answers.questions import choices, titles
from twinspike.errors import UserError
from twinspike.files.report import report
from twinspike.workflow.check import check


def ask_for_workflow(given: Given) -> None:
    """Add the scenario, or the file of an own workflow, where nothing was given for it.

    Raises `KeyboardInterrupt` when whoever is asked stops.
    """
    import questionary

    if "scenario" not in given.answers:
        offered = [
            questionary.Choice(title, value)
            for title, value in zip(titles("scenario"), choices("scenario"), strict=True)
        ]
        given.answers["scenario"] = questionary.select(
            "Which workflow is built?", choices=offered
        ).unsafe_ask()
    if given.answers["scenario"] == "own" and "workflow" not in given.answers:
        file = questionary.path("In which file is it?", validate=what_is_wrong).unsafe_ask()
        add_workflow(given, Path(file).expanduser())


def what_is_wrong(file: str) -> bool | str:
    """True for a file with a good workflow, else what is wrong with it, for the line below the answer.

    That line is cut where the terminal ends, so it does not repeat the name of the file.
    """
    if not file.strip():
        return "name a file"
    found = Given()
    try:
        add_workflow(found, Path(file).expanduser())
    except UserError as error:
        return str(error).removeprefix(f"{Path(file).expanduser()}: ")
    _, mistakes = check(found.answers["workflow"])
    lines = report("", found.lines, mistakes, prefix="workflow")
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    return f"{lines[0]}{more}" if lines else True
