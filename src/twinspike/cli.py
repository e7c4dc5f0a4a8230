"""The `twinspike` command. What is slow to import is imported where it is used."""

import signal
import sys
from pathlib import Path
from shlex import quote
from types import FrameType
from typing import Annotated

import typer

from twinspike import __version__
from twinspike.console import complain, print_any_letter, say
from twinspike.day import commands as day
from twinspike.environment import forget_git
from twinspike.errors import UsageError, UserError
from twinspike.review.commands import review
from twinspike.scorecard.commands import score

app = typer.Typer(
    name="twinspike",
    help="One workflow, a Django spike and a FastAPI spike of it, and one suite that judges both.",
    epilog="Begin with: twinspike new access-requests --defaults",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
workflow_app = typer.Typer(
    help="Check, explain and draw a workflow file.",
    epilog="Example: twinspike workflow check workflow.yml",
    no_args_is_help=True,
)
app.add_typer(workflow_app, name="workflow")


def main() -> None:
    """Run the command; every error that the user can mend ends here, in one or two lines."""
    forget_git()
    print_any_letter()
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, _interrupt)
    try:
        app()
    except UserError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        complain("Stopped.")
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        sys.stderr.close()
        sys.exit(0)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that what was started is stopped."""
    raise KeyboardInterrupt


def _version(wanted: bool) -> None:
    if wanted:
        print(f"twinspike {__version__}")
        raise typer.Exit


@app.callback()
def _app(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: twinspike new refunds --workflow refunds.yml --team anna,ben")
def new(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="The folder to make.")],
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing; take the defaults.")
    ] = False,
    workflow: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own workflow file.")
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="access_request, vendor_contract, budget_request, account_reopen, secret_request, "
            "purchase_request, document_edition or own."
        ),
    ] = None,
    project_name: Annotated[str | None, typer.Option(help="What the day is called.")] = None,
    framework: Annotated[
        list[str] | None, typer.Option(help="django or fastapi; both, if left out.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="sqlite or postgresql.")] = None,
    queue: Annotated[
        str | None, typer.Option(help="What delivers follow-ups: embedded or celery.")
    ] = None,
    ci: Annotated[
        str | None, typer.Option(help="A pipeline for the copy: none, github or gitlab.")
    ] = None,
    containers: Annotated[
        bool | None,
        typer.Option(
            "--containers/--no-containers", help="A Dockerfile for each spike, and compose.yml."
        ),
    ] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="NAME,…", help="Who fills in a scorecard.")
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(metavar="AREA=N,…", help="Weights of the areas from 0 to 10; else 1."),
    ] = None,
    date: Annotated[str | None, typer.Option(help="The day, as in 2026-03-31.")] = None,
    data_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answers as YAML, as for copier.")
    ] = None,
) -> None:
    """Make a copy: both spikes, the suite, and the pages of the day."""
    from twinspike.answers.collecting import Options, collect
    from twinspike.render import making
    from twinspike.render.updating import why_no_update

    given = collect(
        Options(
            project_name=project_name,
            frameworks=framework or [],
            scenario=scenario,
            workflow=workflow,
            database=database,
            queue=queue,
            ci=ci,
            containers=containers,
            team=team or [],
            weights=weights or [],
            day=date,
            data_file=data_file,
        )
    )
    target = making.new(destination, given, ask=not defaults)
    for leftover in making.leftovers(target.parent):
        complain(f"{leftover} is left over from a run that was killed; delete it.")
    say(
        f"Made {destination}. Now:\n"
        f"  cd {quote(str(destination))}\n"
        "  twinspike up       start the spikes and sign in\n"
        "  twinspike check    judge them\n"
        "README.md has the day on one page; BRIEF.md has the workflow in plain sentences."
    )
    if reason := why_no_update(target):
        say(f"`copier update` cannot take this copy to a newer template later: {reason}.")


app.command(epilog="Example: twinspike day")(day.day)
app.command(epilog="Example: twinspike start 02 django --by anna")(day.start)
app.command(epilog="Example: twinspike watch django")(day.watch)
app.command(epilog="Example: twinspike pause django")(day.pause)
app.command(epilog="Example: twinspike done 02 django")(day.done)
app.command(epilog="Example: twinspike skip 02 django --why 'No time left.'")(day.skip)
app.command(epilog="Example: twinspike answer 02 django --apply")(day.answer)
app.command(epilog="Example: twinspike board")(day.board)

Named = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[COPY] [SPIKE]…",
        help="The copy, else the folder you are in; and django or fastapi, else both.",
    ),
]


@app.command(epilog="Example: twinspike up access-requests django")
def up(named: Named = None) -> None:
    """Start the spikes of a copy and keep them running until Ctrl-C."""
    from twinspike.run.suite import run_suite

    copy, spikes = _copy_and_spikes(named or [])
    raise typer.Exit(run_suite(copy, "up", spikes))


@app.command(epilog="Example: twinspike check django -k cost_centre")
def check(
    named: Named = None,
    only: Annotated[
        str, typer.Option("-k", metavar="EXPRESSION", help="Only tests that fit, as in pytest.")
    ] = "",
    change: Annotated[
        str, typer.Option(metavar="CHANGE", help="Only the own tests of this change.")
    ] = "",
    json: day.Json = False,
) -> None:
    """Judge the spikes of a copy by its acceptance suite; ends with 1 when one falls short."""
    copy, spikes = _copy_and_spikes(named or [])
    green = day.check(copy, spikes, only=only, change=change, json=json)
    raise typer.Exit(0 if green else 1)


@app.command(epilog="Example: twinspike fuzz django --keep")
def fuzz(
    named: Named = None,
    seconds: Annotated[
        int, typer.Option(min=20, max=3600, help="How long each spike is asked.")
    ] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Where chance begins; the same asks alike.")] = 1,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write a test of each finding into acceptance/own.")
    ] = False,
) -> None:
    """Ask the spikes of a copy what nobody thought of, by their documents; ends with 1 when one errs."""
    from twinspike.run.suite import run_suite

    copy, spikes = _copy_and_spikes(named or [])
    options = ["--seconds", str(seconds), "--seed", str(seed), *(["--keep"] if keep else [])]
    raise typer.Exit(run_suite(copy, "fuzz", spikes, *options, group="fuzz"))


@app.command(epilog="Example: twinspike load --turns 3")
def load(
    named: Named = None,
    users: Annotated[
        int, typer.Option(min=1, max=10_000, help="How many ask, each once a second.")
    ] = 200,
    seconds: Annotated[int, typer.Option(min=5, max=3600, help="How long each turn takes.")] = 30,
    turns: Annotated[
        int, typer.Option(min=1, max=20, help="How often each spike has its turn.")
    ] = 2,
    spawn_rate: Annotated[
        float, typer.Option(min=0.1, max=10_000, help="How many users come a second.")
    ] = 200,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="How many web processes each spike has.")
    ] = 1,
    json: day.Json = False,
) -> None:
    """Ask each spike of a copy as many people would, in turns; ends with 1 when one fails or says nothing."""
    from twinspike.day.load import Wanted

    copy, spikes = _copy_and_spikes(named or [])
    wanted = Wanted(users, seconds, turns, spawn_rate, workers)
    raise typer.Exit(0 if day.load(copy, spikes, wanted, json=json) else 1)


def _copy_and_spikes(named: list[str]) -> tuple[Path, list[str]]:
    """The copy, and the spikes that were named among the words."""
    from twinspike.paths import find_copy

    spikes = [word for word in named if word in ("django", "fastapi")]
    places = [word for word in named if word not in spikes]
    for word in places:
        if word != places[0] or not Path(word).exists():
            raise UsageError(f"'{word}' is not a spike; write django or fastapi.")
    return find_copy(Path(places[0] if places else "")), spikes


@app.command(epilog="Example: twinspike demo --stay")
def demo(
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep both spikes running until Ctrl-C.")
    ] = False,
) -> None:
    """Make a copy of the default workflow, judge both spikes, and show where to sign in."""
    from twinspike.run.demo import demo

    demo(stay)


app.command(epilog="Example: twinspike score scorecards/anna.md")(score)
app.command(epilog="Example: twinspike review --date 2026-03-31")(review)


File = Annotated[Path, typer.Argument(metavar="FILE", help="The workflow file.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


@workflow_app.command("check", epilog="Example: twinspike workflow check workflow.yml")
def workflow_check(file: File, json: Json = False) -> None:
    """Say everything that is wrong with a workflow file; ends with 1 when something is."""
    from twinspike.workflow import commands

    raise typer.Exit(commands.check(file, as_json=json))


@workflow_app.command("explain", epilog="Example: twinspike workflow explain workflow.yml")
def workflow_explain(file: File, json: Json = False) -> None:
    """Say the workflow in plain sentences, and count its parts."""
    from twinspike.workflow import commands

    commands.explain(file, as_json=json)


@workflow_app.command("draw", epilog="Example: twinspike workflow draw workflow.yml > flow.mmd")
def workflow_draw(file: File) -> None:
    """Draw the workflow as a Mermaid state diagram."""
    from twinspike.workflow import commands

    commands.draw(file)


@workflow_app.command("schema", epilog="Example: twinspike workflow schema > workflow.schema.json")
def workflow_schema() -> None:
    """Print the JSON Schema of a workflow file, for editors."""
    from twinspike.workflow import commands

    commands.schema()
