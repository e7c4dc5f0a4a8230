"""The suite's commands; `check` and `up` are for people, the others for `twinspike`."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from suite.errors import UserError
from suite.spike import SPIKES, spikes, stop_on_signals

console = Console()


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when all is well, 1 when it fell short, 2 on wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m suite", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    checking = commands.add_parser("check", help="start each spike afresh and test it")
    checking.add_argument("-k", default="", metavar="EXPRESSION", help="only tests that fit")
    checking.add_argument("--base-url", default="", help="test a spike that runs already")
    checking.add_argument("--password", default="", help="its demo users' password")
    checking.add_argument("--workflow", default="", metavar="FILE", help="judge by another file")
    checking.add_argument("--tests", default="", metavar="FILE", help="only these, one a line")
    checking.add_argument("--outcomes", default="", metavar="FILE", help="write each test's here")
    checking.add_argument("--running", action="store_true", help="use the spike that `watch` keeps")
    running = commands.add_parser("up", help="start the spikes with demo data to work with")
    running.add_argument("--once", action="store_true", help="stop them as soon as they answer")
    listing = commands.add_parser("tests", help="list the tests that a workflow gives")
    listing.add_argument("--workflow", default="", metavar="FILE", help="by another file")
    listing.add_argument("--into", required=True, metavar="FILE", help="write the names there")
    watching = commands.add_parser("watch", help="keep a spike running and test it on each save")
    watching.add_argument("--tests", required=True, metavar="FILE", help="the tests to run first")
    watching.add_argument("-k", default="", metavar="EXPRESSION", help="only tests that fit")
    fuzzing = commands.add_parser("fuzz", help="ask each spike what nobody thought of")
    fuzzing.add_argument("--seconds", type=int, default=60, help="how long each is asked")
    fuzzing.add_argument("--seed", type=int, default=1, help="where chance begins")
    fuzzing.add_argument("--keep", action="store_true", help="write a test of each finding")
    keeping = commands.add_parser("morning", help="keep the database as it is before any change")
    migrating = commands.add_parser("migration", help="let a spike's tool write a migration")
    migrating.add_argument("--name", required=True, help="what it is called")
    migrating.add_argument("--fill", action="append", default=[], help="for old records")
    for command in (checking, running, listing, watching, fuzzing, keeping, migrating):
        command.add_argument("spike", nargs="?", choices=SPIKES, help="only this one")
    given = parser.parse_args(arguments)
    stop_on_signals()
    try:
        chosen = [given.spike] if given.spike else spikes()
        missing = [name for name in chosen if name not in spikes()]
        if missing or not chosen:
            raise UserError(f"There is no {'_spike or '.join(missing or SPIKES)}_spike here.")
        if given.command == "up":
            from suite.up import up

            up(chosen, console, once=given.once)
            return 0
        if given.command == "watch":
            from suite.watch import watch

            watch(chosen[0], Path(given.tests).resolve(), given.k)
            return 0
        if given.command == "fuzz":
            from suite.fuzz import fuzz

            # One after the other: side by side each would have half the machine.
            found = [fuzz(n, given.seconds, given.seed, given.keep, console) for n in chosen]
            return 1 if any(found) else 0
        if given.command == "morning":
            from suite.morning import keep

            keep(chosen[0])
            return 0
        if given.command == "migration":
            from suite.migration import write

            write(chosen[0], given.name, given.fill)
            return 0
        if given.command == "tests":
            from suite.listing import names

            Path(given.into).write_text(
                "\n".join(names(chosen[0], given.workflow)), encoding="utf-8"
            )
            return 0
        from suite.check import check

        if given.base_url and (len(chosen) > 1 or not given.password):
            parser.error("--base-url needs --password, and the spike's name: check django …")
        green = check(
            chosen,
            given.k,
            given.base_url,
            given.password,
            given.workflow,
            console,
            tests=given.tests,
            outcomes=given.outcomes,
            running=given.running,
        )
        return 0 if green else 1
    except UserError as error:
        console.print(escape(str(error)), style="red", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0 if given.command in ("up", "watch") else 1


if __name__ == "__main__":
    sys.exit(main())
