"""What is wrong with a workflow: every mistake of a file at once, each with place, value and remedy.

The template has the same rules in `macros/check_workflow.jinja`, for a bare `copier copy`; a test
holds the two together.
"""

from twinspike.mistakes import Mistake, shown
from twinspike.shape import fit, nothings, plain
from twinspike.workflow.meaning import Meaning
from twinspike.workflow.model import Workflow


def check(data: object) -> tuple[Workflow | None, list[Mistake]]:
    """The workflow that the data describe, or None and all mistakes, in the order of their places."""
    data = plain(data)
    if not isinstance(data, dict):
        return None, [
            Mistake("", f"{shown(data)} stands where a workflow belongs; begin with `name: …`")
        ]
    workflow, mistakes = fit(Workflow, data)
    empty = list(nothings(data, ""))
    if empty:
        workflow = None
        places = {mistake.place for mistake in empty}
        mistakes = empty + [mistake for mistake in mistakes if mistake.place not in places]
    mistakes += Meaning(data, complete=workflow is not None).mistakes()
    unique = list(dict.fromkeys(mistakes))
    return (None if unique else workflow), unique
