"""What is wrong with a workflow: every mistake of a file at once, each with place, value and remedy.

Of these, a bare `copier copy` refuses the wrong shapes and the unknown names (`macros/check_workflow.jinja`).
"""

from twinspike.files.fitting import empty_values, fit
from twinspike.files.mistakes import Mistake, shown
from twinspike.workflow.flow import language
from twinspike.workflow.meaning import Meaning
from twinspike.workflow.model import Workflow
from twinspike.workflow.shape import plain


def check(data: object) -> tuple[Workflow | None, list[Mistake]]:
    """The workflow that the data describe, or None and all mistakes, in the order of their places."""
    data = plain(data)
    if not isinstance(data, dict):
        return None, [
            Mistake("", f"{shown(data)} stands where a workflow belongs; begin with `name: …`")
        ]
    workflow, mistakes = fit(Workflow, data)
    empty = list(empty_values(data, ""))
    if empty:
        workflow = None
        places = {mistake.place for mistake in empty}
        mistakes = empty + [mistake for mistake in mistakes if mistake.place not in places]
    mistakes += Meaning(data, language()).mistakes()
    unique = list(dict.fromkeys(mistakes))
    return (None if unique else workflow), unique
