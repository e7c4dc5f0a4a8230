"""The demonstration: a copy of the default workflow, judged and started before your eyes."""

import shutil
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

from twinspike.answers.collecting import Given
from twinspike.console import on_a_terminal, say
from twinspike.errors import UserError
from twinspike.render import making
from twinspike.run.suite import end_suite, run_suite, start_suite

HOME = Path("build") / "demo"


def demo(stay: bool) -> None:
    """Make a copy in `build/demo`, show where to sign in to both spikes, and judge them meanwhile.

    On a terminal, or with `stay`, both spikes run until Ctrl-C; elsewhere they are stopped at the end. The
    copy is made anew each time. Raises `UserError` when a spike falls short.
    """
    keep = stay or on_a_terminal()
    say(f"1/3 Making a copy of the default workflow in {HOME}")
    discard(HOME)
    making.new(HOME, Given({"date": date.today().isoformat()}), ask=False)
    copy = HOME.resolve()
    say("2/3 Starting both spikes (their packages come first, half a minute the first time)")
    running = start_suite(copy, "up", [])
    try:
        while not _both_run(copy):
            if running.poll() is not None:
                raise UserError("A spike did not start; the lines above say why.")
            time.sleep(0.2)
        say("3/3 Judging both by the acceptance suite, a minute or two; look at them meanwhile")
        judged = run_suite(copy, "check", [])
        if keep:
            say("Both spikes run until Ctrl-C.")
            with suppress(KeyboardInterrupt):
                running.wait()
    finally:
        end_suite(running)
    if judged != 0:
        raise UserError("The acceptance suite is red; the table above says where.")
    if not keep:
        say("Both were stopped again. To keep them running: STAY=1 make demo")


def _both_run(copy: Path) -> bool:
    """Whether people can sign in to both spikes, as `up` has written down."""
    told = copy / ".twinspike" / "running"
    return all((told / f"up-{name}.json").is_file() for name in ("django", "fastapi"))


def discard(folder: Path) -> None:
    """Remove an earlier demonstration, and nothing else. Raises `UserError` for another folder."""
    if not folder.exists():
        return
    if not (folder / ".copier-answers.yml").is_file():
        raise UserError(f"{folder} is in the way and is not a copy; move it, then try again.")
    shutil.rmtree(folder)
