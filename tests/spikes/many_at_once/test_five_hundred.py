"""Five hundred ticked records: within ten seconds, and whole each, whenever the web process is killed."""

import os
import signal
import time
from contextlib import suppress
from threading import Thread

import httpx
from suite.client import Client, accepted
from suite.outlets import outlets
from suite.parts import Transition
from suite.planner import REASON
from suite.screens import Input, Page, send, show
from suite.site import Site

MANY, FEW, KILLED = 500, 50, 150
MOST_SECONDS = 10
GROWTH = 2  # times as long for each of many as for each of few, at most


def waiting(site: Site, count: int) -> tuple[Client, Transition, list[tuple[int, int]]]:
    """Somebody, a transition that follow-ups go with, and so many records that wait for it as ids and versions."""
    transition = next(
        t for t in site.flow.transitions if t.bulk and t.follow_ups and t.approvals == 1
    )
    record = site.record_for(transition.sources[0], transition)
    client = site.client_as(*sorted(transition.by), number=1)
    site.multiply(record, client, count - 1)
    site.wrote(record)
    there = site.all_pages(site.admin, site.flow.path, state=record.state)
    newest = sorted((each["id"], each["version"]) for each in there)[-count + 1 :]
    return client, transition, [(record.id, record.version), *newest]


def seconds_for(client: Client, name: str, seen: list[tuple[int, int]]) -> float:
    """How long the endpoint takes for these records."""
    begun = time.monotonic()
    answer = accepted(client.move_many(name, seen, REASON))
    assert len(answer["done"]) == len(seen), answer["refused"][:1]
    return time.monotonic() - begun


def test_the_endpoint_takes_ten_seconds_at_most(site: Site) -> None:
    client, transition, few = waiting(site, FEW)
    short = seconds_for(client, transition.name, few)
    client, transition, many = waiting(site, MANY)
    long = seconds_for(client, transition.name, many)
    print(f"{FEW} records in {short:.2f} s, {MANY} in {long:.2f} s")
    assert long < MOST_SECONDS
    assert long / MANY < GROWTH * short / FEW


def test_the_pages_take_ten_seconds_at_most(site: Site) -> None:
    client, transition, many = waiting(site, MANY)
    page = show(client, outlets().pages(site.name, "records")[0])
    found = page.ticking(transition.name)
    assert found
    form, button = found
    box = next(each for each in form.inputs if each.kind == "checkbox")
    form.inputs += [Input(box.name, "checkbox", str(number)) for number, _ in many]
    begun = time.monotonic()
    asking = Page(send(client, form, button)).commenting()
    assert asking
    asked = time.monotonic()
    answer = send(client, asking, asking.buttons[0])
    print(f"{MANY} asked in {asked - begun:.2f} s, done in {time.monotonic() - asked:.2f} s")
    assert answer.is_success
    assert time.monotonic() - begun < MOST_SECONDS
    moved = site.all_pages(site.admin, site.flow.path, state=transition.target)
    assert {number for number, _ in many} <= {each["id"] for each in moved}


def test_a_kill_leaves_each_record_whole(site: Site) -> None:
    client, transition, many = waiting(site, KILLED)
    assert site.spike
    site.spike.end()
    web = site.spike.start("web")
    site.spike.wait(web)
    before = site.admin.records(state=transition.target).json()["total"]

    def press() -> None:
        with suppress(httpx.TransportError):
            client.move_many(transition.name, many, REASON)

    person = Thread(target=press)
    person.start()
    while site.admin.records(state=transition.target).json()["total"] == before:
        time.sleep(0.01)
    os.killpg(web.pid, signal.SIGKILL)
    person.join()
    site.spike.wait(site.spike.start("web"))
    everything = {each["id"]: each for each in site.all_pages(site.admin, site.flow.path)}
    done = [number for number, _ in many if everything[number]["state"] == transition.target]
    print(f"killed after {len(done)} of {KILLED}")
    assert 0 < len(done) < KILLED
    whole(site, transition, done, [each for each in many if each[0] not in done])
    answer = accepted(client.move_many(transition.name, many, REASON))
    assert [each["id"] for each in answer["refused"]] == done
    assert {each["code"] for each in answer["refused"]} == {"stale"}
    whole(site, transition, [number for number, _ in many], [])


def whole(
    site: Site, transition: Transition, done: list[int], waiting: list[tuple[int, int]]
) -> None:
    """Assert that those done have one entry and one follow-up each, and those that wait nothing."""
    follow_ups = site.all_pages(site.admin, "/api/follow-ups")
    sent = [each["record_id"] for each in follow_ups if each["name"] in transition.follow_ups]
    for number in (*done, *(number for number, _ in waiting)):
        history = accepted(site.admin.get(f"{site.flow.path}/{number}/history"))["items"]
        entries = [each for each in history if each["transition"] == transition.name]
        once = number in done
        assert [each["bulk"] for each in entries] == [True] * once
        assert sent.count(number) == once * len(transition.follow_ups)
    for number, version in waiting:
        assert accepted(site.admin.get(f"{site.flow.path}/{number}"))["version"] == version
