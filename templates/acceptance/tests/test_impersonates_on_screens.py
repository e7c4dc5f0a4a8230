"""The pages on which acting for somebody begins and ends, and the banner on all others meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from suite.acting import (
    STOP,
    Pair,
    every_pair,
    is_oneself,
    newest,
    one_pair,
    some_records,
    who,
)
from suite.client import accepted
from suite.outlets import filled, outlets
from suite.parts import ADMIN, Actor
from suite.screens import Page, crawl, send, show
from suite.site import Site
from suite.workflow_file import workflow

pytestmark = pytest.mark.area("sign_in_and_permissions")
FLOW = workflow()
TABLE = outlets()


def starting(site: Site) -> str:
    """The address of the page on which somebody begins to act for another."""
    [path] = [p for p in TABLE.pages(site.name, "none") if "impersonation" in p]
    return path


def banner(page: Page) -> bool:
    """Whether the page says for whom somebody acts, and has a button that ends it."""
    return page.form_for(STOP) is not None and "You act for" in page.text


@one_pair
def test_a_page_offers_just_those_for_whom_one_may_act(
    site: Site, two: Pair, pair: tuple[str, str]
) -> None:
    both = two(pair)
    path = starting(site)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for granted in (pair[1], ADMIN):
        grants = f"/api/users/{site.add_person(pair[1])}/grants"
        accepted(site.admin.post(grants, {"role": granted, "until": until}))
    site.add_person(pair[1], ADMIN)
    accepted(site.admin.patch(f"/api/users/{site.add_person(pair[1])}", {"active": False}))
    linked = {urlsplit(link).path for link in show(both.helper, "/").links}
    assert path in linked, "the first page does not lead there"
    page = show(both.helper, path)
    form = page.form_with("reason")
    assert form is not None, f"{path} does not ask for a reason"
    [choice] = [each for each in form.inputs if each.kind == "select"]
    offered = [text for text, value in zip(choice.texts, choice.options, strict=True) if value]
    expected = []
    for user in site.all_pages(site.admin, "/api/users"):
        held = frozenset(user["roles"]) | {grant["role"] for grant in user["grants"]}
        other = Actor(user["username"], held)
        if user["active"] and FLOW.may_impersonate(both.helper.actor, other):
            shown = f"{user['name']} ({user['username']})"
            expected.append(" ".join(shown.split()))  # as a browser shows any white space
    assert sorted(offered) == sorted(expected), "others are offered"
    for client in (both.person, site.admin):
        linked = {urlsplit(link).path for link in show(client, "/").links}
        assert path not in linked, f"{client.actor.username} is led to {path}"
        assert show(client, path).answer.status_code == 403, f"{path} is open to others"


@one_pair
def test_it_begins_and_ends_on_the_pages(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    person = f"Suite {both.person.actor.username}"

    def filled_in(reason: str) -> Any:
        form = show(both.helper, starting(site)).form_with("reason")
        assert form is not None
        [choice] = [each for each in form.inputs if each.kind == "select"]
        choice.choose(next(text for text in choice.texts if text.startswith(person)))
        return form.fill(reason=reason)

    answer = send(both.helper, filled_in(" "))
    assert not answer.is_redirect, "no reason is given"
    is_oneself(both.helper)
    answer = send(both.helper, filled_in("They have asked by telephone."))
    assert answer.is_redirect, f"acting for somebody → {answer.status_code}"
    assert who(both.helper)[0] == both.person.actor.username
    assert newest(site)["reason"] == "They have asked by telephone."
    assert show(both.helper, starting(site)).answer.status_code == 403, "another one can be begun"
    found = show(both.helper, "/").form_for(STOP)
    assert found is not None
    send(both.helper, *found)
    is_oneself(both.helper, "the button of the banner")
    assert datetime.fromisoformat(newest(site)["ends_at"]) <= datetime.now(UTC)


@every_pair
def test_every_page_says_for_whom_one_acts(site: Site, two: Pair, pair: tuple[str, str]) -> None:
    both = two(pair)
    some_records(site, both.person)
    known = site.usernames()
    records = dict.fromkeys(TABLE.pages(site.name, "record")[:1], 3)
    person = f"Suite {both.person.actor.username}"
    with both.acting() as helper:
        ends = accepted(helper.get("/api/session"))["impersonation_ends_at"]
        pages = crawl(helper, lambda at: TABLE.shape(site.name, at, known), records)
        pages |= {
            path: show(helper, path) for path in TABLE.pages(site.name, "admins") if "{" not in path
        }
        pages["nowhere"] = show(helper, filled(TABLE.pages(site.name, "record")[0], 999_999_999))
        html = {shape: page for shape, page in pages.items() if page.kind == "text/html"}
        for shape, page in html.items():
            assert banner(page), f"{shape} does not say for whom one acts"
            assert f"You act for {person} until {ends[11:16]}" in page.text, shape
        assert len(html) > len(TABLE.pages(site.name, "admins")) / 2, "no pages are reached"
    for client in (both.helper, both.person):
        pages = crawl(client, lambda at: TABLE.shape(site.name, at, known), {})
        said = [shape for shape, page in pages.items() if banner(page)]
        assert not said, f"{said} say that somebody acts for another"
