"""Each good row of a file becomes one record, although web and two workers are killed in the middle again and again."""

import time
from collections import Counter
from typing import Any

from breaking import MOST_SECONDS, kill, start_all
from suite.client import Client, accepted
from suite.site import Site
from suite.spike import Spike

ROWS = 600
KILLS = 4  # while records are made; another one meets the check
HEADER = "kind,first_day,last_day,occasion,approver,circumstances,told_on,stand_in,reason,half_day,advance,children"


def text(number: int) -> str:
    """A row; every tenth is bad, since its last day is before its first."""
    last = "2031-01-01" if number % 10 == 0 else "2031-02-03"
    return f"Unpaid leave,2031-02-01,{last},,manager,,,,row {number},,,"


def until(person: Client, number: int, state: str) -> dict[str, Any]:
    """The import once it is in the state."""
    end = time.monotonic() + MOST_SECONDS
    while (found := accepted(person.import_(number)))["state"] != state:
        assert time.monotonic() < end, f"after a minute it is {found}"
        time.sleep(0.1)
    return dict(found)


def further(person: Client, number: int, done: int) -> None:
    """Wait until more rows are done, so that each kill meets an import under way, however slow the machine is."""
    end = time.monotonic() + MOST_SECONDS
    while (found := accepted(person.import_(number)))["done"] == done and found["state"] != "done":
        assert time.monotonic() < end, f"after a minute it is {found}"
        time.sleep(0.02)


def test_each_good_row_becomes_one_record(site: Site, spike: Spike) -> None:
    person = site.new_person("employee")
    site.client_as("manager")
    spike.end()
    running = start_all(spike)
    content = "\r\n".join([HEADER, *map(text, range(ROWS))]).encode()
    number = accepted(person.upload(content))["id"]
    time.sleep(0.3)
    kill(running)
    running = start_all(spike)
    found = until(person, number, "checked")
    assert (found["good"], found["bad"], found["done"]) == (540, 60, 0)
    accepted(person.start(number))
    seen = [0]
    for _ in range(KILLS):
        further(person, number, seen[-1])
        kill(running)
        running = start_all(spike)
        seen.append(accepted(person.import_(number))["done"])
    assert any(0 < done < 540 for done in seen), f"no kill met an import under way: {seen}"
    found = until(person, number, "done")
    assert (found["good"], found["bad"], found["done"]) == (540, 60, 540)
    records = site.all_pages(person, site.flow.path)
    mine = [each for each in records if each["owner"] == person.actor.username]
    counts = Counter(each["reason"] for each in mine)
    lost = [n for n in range(ROWS) if n % 10 and not counts[f"row {n}"]]
    twice = [reason for reason, count in counts.items() if count > 1]
    print(
        f"{1 + KILLS} kills, {seen[1:]} of 540 rows done at each: "
        f"lost {len(lost)}, twice {len(twice)}, records {len(mine)}"
    )
    assert not lost, f"{len(lost)} good rows are no records"
    assert not twice, f"{len(twice)} rows are records twice"
    assert len(mine) == 540
    for each in mine[::20]:
        entries = accepted(person.get(f"{site.flow.path}/{each['id']}/history"))["items"]
        assert [entry["action"] for entry in entries] == ["create"]
