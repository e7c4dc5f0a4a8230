"""The demonstration: a copy of the default workflow, judged and started before your eyes."""

import shutil
from datetime import date
from pathlib import Path

from twinspike.answers.collecting import Given
from twinspike.console import on_a_terminal, say
from twinspike.errors import UserError
from twinspike.render import making
from twinspike.run.suite import run_suite

HOME = Path("build") / "demo"


def demo(stay: bool) -> None:
    """Make a copy in `build/demo`, judge both spikes, show where to sign in.

    On a terminal, or with `stay`, both spikes run until Ctrl-C; elsewhere they are stopped once they
    have answered. The copy is made anew each time. Raises `UserError` when a spike falls short.
    """
    say(f"1/3 Making a copy of the default workflow in {HOME}")
    discard(HOME)
    making.new(HOME, Given({"date": date.today().isoformat()}), ask=False)
    say("2/3 Judging both spikes by the acceptance suite (their packages come first)")
    judged = run_suite(HOME.resolve(), "check", [])
    say("3/3 Starting both spikes")
    keep = stay or on_a_terminal()
    started = run_suite(HOME.resolve(), "up", [], *([] if keep else ["--once"]))
    if judged != 0:
        raise UserError("The acceptance suite is red; the table above says where.")
    if started != 0:
        raise UserError("A spike did not start; the lines above say why.")
    if not keep:
        say("Both were stopped again. To keep them running: STAY=1 make demo")


def discard(folder: Path) -> None:
    """Remove an earlier demonstration, and nothing else. Raises `UserError` for another folder."""
    if not folder.exists():
        return
    if not (folder / ".copier-answers.yml").is_file():
        raise UserError(f"{folder} is in the way and is not a copy; move it, then try again.")
    shutil.rmtree(folder)
