"""Stands in for a copy's suite: takes its options, and says of the tests what `told.json` says."""

import json
import sys
from pathlib import Path

verb, *given = sys.argv[1:]
spikes = [word for word in given if word in ("django", "fastapi")] or ["django", "fastapi"]


def option(name: str) -> str:
    return given[given.index(name) + 1] if name in given else ""


if verb == "tests":
    lists = json.loads(Path("lists.json").read_text())
    kind = "before" if option("--workflow") else "after"
    Path(option("--into")).write_text("\n".join(lists[kind].split()))
if verb == "check":
    told = json.loads(Path("told.json").read_text())
    if option("--tests"):
        wanted = Path(option("--tests")).read_text().split("\n")
        told = {name: outcome for name, outcome in told.items() if name in wanted}
    answer = {
        spike: {
            "tests": {
                name: {"outcome": outcome, "reason": f"{name} says so"}
                for name, outcome in told.items()
                if not name.startswith("trouble")
            },
            "trouble": told.get("trouble", ""),
            "seconds": 1.5,
        }
        for spike in spikes
    }
    if option("--outcomes"):
        Path(option("--outcomes")).write_text(json.dumps(answer))
    print("The suite was here.")
    sys.exit(any(outcome == "failed" for outcome in told.values()))
if verb == "watch":
    told = json.loads(Path("told.json").read_text())
    wanted = Path(option("--tests")).read_text().split("\n")
    tests = {name: {"outcome": told[name], "reason": ""} for name in wanted}
    run = {"event": "run", "tests": tests, "trouble": "", "wanted": len(tests), "seconds": 1.5}
    print(json.dumps(run), flush=True)
    sys.stdin.read()  # until it is told to end
