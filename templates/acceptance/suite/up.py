"""`python -m suite up`: both spikes to work with, their workers, and a receiver for what they send."""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from rich.console import Console
from rich.table import Table

from suite.broker import check_broker, new_queue
from suite.database import ensure_database
from suite.errors import UserError
from suite.parts import ADMIN
from suite.receiver import Receiver
from suite.running import forget, kept_spike, tell_people
from suite.seed import seed
from suite.spike import (
    RESULTS,
    Spike,
    folder,
    free_port,
    sync,
    write_env,
)
from suite.target import target_before, target_of
from suite.workflow import Workflow
from suite.workflow_file import read_file

PORTS = {"django": 8000, "fastapi": 8001}
RECEIVER_PORT = 8002


def up(spikes: list[str], console: Console, *, once: bool = False) -> None:
    """Start the spikes and keep them running until Ctrl-C, or with `once` only until they answer."""
    flows = {name: read_file(target_of(name)) for name in spikes}  # says what is wrong with a file
    with ExitStack() as stack:
        environments: dict[str, dict[str, str]] = {}
        for name in spikes:
            known = next((each.get("DEMO_PASSWORD", "") for each in environments.values()), "")
            fresh = not (folder(name) / ".env").exists()
            environments[name] = write_env(name, known)
            if fresh:
                console.print(f"Wrote {folder(name).name}/.env with fresh secrets.")
        secrets = {f"/{name}": each["WEBHOOK_SECRET"] for name, each in environments.items()}
        receiver = stack.enter_context(_receiver(secrets))
        running = [_spike(n, each, receiver, stack) for n, each in environments.items()]
        for spike in running:
            _tell_surprises(spike, console)
        webs = _start_all(running, flows, console)
        started = list(zip(running, webs, strict=True))
        _tell(started, flows, environments, receiver, console)
        if once:
            return
        stack.callback(forget, *(f"up-{spike.name}" for spike in running))
        for spike in running:
            password = environments[spike.name]["DEMO_PASSWORD"]
            mails = mail_folder(spike, flows[spike.name])
            tell_people(spike.name, spike.url, users(flows[spike.name]), password, mails)
        console.print("Ctrl-C stops everything.", style="dim")
        while True:
            time.sleep(0.5)
            for spike, web in started:
                if web.poll() is not None:
                    raise UserError(f"{spike.name}_spike has stopped:\n{spike.tail()}")


def _receiver(secrets: dict[str, str]) -> Receiver:
    try:
        return Receiver(secrets, free_port(RECEIVER_PORT))
    except (ValueError, RuntimeError):
        raise UserError(
            "WEBHOOK_SECRET in a .env is no whsec_… secret; remove the line or the file, then again."
        ) from None


def _spike(name: str, environment: dict[str, str], receiver: Receiver, stack: ExitStack) -> Spike:
    # An address in .env is the team's own choice and stays.
    address = environment.get("WEBHOOK_URL") or f"{receiver.url}/{name}"
    port = free_port(PORTS[name])
    log = RESULTS / f"{name}-up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("", encoding="utf-8")
    changed = {"WEBHOOK_URL": address, "PORT": str(port), "QUEUE_NAME": new_queue()}
    return stack.enter_context(Spike(name, environment | changed, log))


def _tell_surprises(spike: Spike, console: Console) -> None:
    """Say that the copy is up already, and that a usual port is taken."""
    other = kept_spike(f"up-{spike.name}")
    if other:
        console.print(
            f"This copy's {spike.name} spike is up already, at {json.loads(other)['url']}; "
            "this is a second one of it, with the same database.",
            style="yellow",
            highlight=False,
        )
    elif spike.environment["PORT"] != str(PORTS[spike.name]):
        console.print(
            f"Port {PORTS[spike.name]} is taken, so {spike.name} gets another one.",
            style="yellow",
            highlight=False,
        )


def mail_folder(spike: Spike, flow: Workflow) -> str:
    """Where the spike writes its mails as files; empty where it sends none, or to a server."""
    name = spike.environment.get("MAIL_FOLDER", "mails")
    written = flow.mails and not spike.environment.get("SMTP_URL")
    return str(folder(spike.name) / name) if written else ""


def users(flow: Workflow) -> list[str]:
    """Who can sign in to a spike of this workflow."""
    return [ADMIN, *flow.person_roles]


def _start_all(
    running: list[Spike], flows: dict[str, Workflow], console: Console
) -> list[subprocess.Popen[bytes]]:
    """Start the spikes side by side and show how far each is."""
    stages = {spike.name: "starting" for spike in running}
    webs: dict[str, subprocess.Popen[bytes]] = {}
    errors: list[UserError] = []
    notes: list[str] = []

    def start(spike: Spike) -> None:
        def say(stage: str) -> None:
            stages[spike.name] = stage

        try:
            webs[spike.name] = _start(spike, say)
            notes.extend(_seed(spike, flows[spike.name], say))
        except UserError as error:
            errors.append(error)

    threads = [threading.Thread(target=start, args=[each], daemon=True) for each in running]
    for thread in threads:
        thread.start()
    with console.status("") as status:
        while any(thread.is_alive() for thread in threads) and not errors:
            status.update(", ".join(f"{name}: {stage}" for name, stage in stages.items()))
            time.sleep(0.1)
    if errors:
        raise errors[0]
    for note in notes:
        console.print(note, style="yellow", highlight=False, markup=False)
    return [webs[spike.name] for spike in running]


def _start(spike: Spike, say: Callable[[str], None]) -> subprocess.Popen[bytes]:
    """Start one spike, with the demo people and without records."""
    check_broker(spike.environment)
    say("installing")
    sync(spike.name)
    say("preparing the database")
    ensure_database(spike.environment.get("DATABASE_URL", "sqlite:"))
    spike.must("release")
    say("adding the demo people")
    spike.must("demo")
    say("starting")
    web = spike.start("web")
    spike.start_workers()
    spike.wait(web)
    return web


def _seed(spike: Spike, flow: Workflow, say: Callable[[str], None]) -> list[str]:
    """Make the demo records, by what the spike did before where a change is under way; what was refused."""
    password = spike.environment["DEMO_PASSWORD"]
    try:
        refused = seed(flow, spike.url, password, say)
        before = target_before(spike.name)
        if refused and before is not None:
            seed(read_file(before), spike.url, password, say)
    except UserError as error:  # people can still look at what runs, and mend it
        return [f"{spike.name}: {error}"]
    say("ready")
    if not refused:
        return []
    return [
        f"{spike.name}: {len(refused)} demo records of its change could not be made yet: {refused[0]}"
    ]


def _tell(
    started: list[tuple[Spike, subprocess.Popen[bytes]]],
    flows: dict[str, Workflow],
    environments: dict[str, dict[str, str]],
    receiver: Receiver,
    console: Console,
) -> None:
    table = Table.grid(padding=(0, 2))
    for spike, _ in started:
        table.add_row(spike.name, spike.url)
    table.add_row("deliveries", receiver.url)
    for spike, _ in started:
        if mails := mail_folder(spike, flows[spike.name]):
            table.add_row(f"mails of {spike.name}", mails)
    passwords = {each["DEMO_PASSWORD"] for each in environments.values()}
    names = {name: ", ".join(users(flow)) for name, flow in flows.items()}
    for name, people in names.items():
        if len(set(names.values())) > 1:
            table.add_row(f"users of {name}", people)
        elif name == next(iter(names)):
            table.add_row("users", people)
    for name, each in environments.items():
        title = "password" if len(passwords) == 1 else f"password in {name}"
        if len(passwords) > 1 or name == next(iter(environments)):
            table.add_row(title, each["DEMO_PASSWORD"])
    console.print(table, highlight=False)
