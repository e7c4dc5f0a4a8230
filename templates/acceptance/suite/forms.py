"""Forms of the screens, as people fill them in and as somebody else would send them."""

import copy
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from suite import values as v
from suite.client import Client, expect
from suite.outlets import named, outlets
from suite.parts import Value
from suite.screens import Form, Page, pages_of, send, show
from suite.site import Site
from suite.workflow_file import workflow

FLOW = workflow()


def new_form(client: Client) -> Form | None:
    """The form that creates a record, found from the list."""
    fields = FLOW.settable(client.actor)
    about = {named("RECORDS", FLOW), named("RECORD", FLOW)}
    for link in show(client, "/").links:
        path = urlsplit(link).path
        if about & set(path.split("/")) and re.search(r"/(add|new|create)/?$", path):
            form = creating_form(show(client, link), fields)
            if form is not None:
                return form
    return None


def creating_form(page: Page, fields: list[str]) -> Form | None:
    """The page's form for a new record with these fields; without any, the form that the page sends to itself."""
    own = (form for form in page.forms if urlsplit(form.action).path == page.path)
    return page.form_with(*fields[:1]) if fields else next(own, None)


def filled_in(names: list[str], number: int = 0) -> dict[str, Value]:
    """Values for these fields that fit each other."""
    values = {name: v.good(FLOW.fields[name], number) for name in names}
    return {name: value for name, value in v.fitted(FLOW, values).items() if name in names}


def typed(names: list[str], number: int = 0) -> dict[str, str | bool]:
    """What somebody types for fields."""
    return as_typed(filled_in(names, number))


def as_typed(values: Mapping[str, Value]) -> dict[str, str | bool]:
    """What somebody types to give fields these values."""
    found: dict[str, str | bool] = {}
    for name, value in values.items():
        given = FLOW.fields[name].write(value)
        given = v.named(given) if given and name in FLOW.person_fields else given
        found[name] = given if isinstance(given, bool) else "" if given is None else str(given)
    return found


def as_sent_by(client: Client, form: Form) -> Form:
    """A copy of the form as this person would have to send it: with the hidden token of their session."""
    page = show(client, "/")
    inputs = [each for one in page.forms if one.method == "post" for each in one.inputs]
    own = {each.name: each.value for each in inputs if "csrf" in each.name}
    expect(own, f"{page.path} has no form with a token")
    sent = copy.deepcopy(form)
    for each in sent.inputs:
        each.value = own.get(each.name, each.value)
    return sent


def found_in(client: Client, path: str, text: str) -> Iterable[Page]:
    """What a search for the text finds on the page, or all pages of a list that cannot be searched."""
    for form in show(client, path).forms:
        box = next((each.name for each in form.inputs if each.kind in ("text", "search")), "")
        if form.method == "get" and box:
            return [Page(send(client, form.fill(**{box: text})))]
    return pages_of(client, path)


def pages_about(site: Site, username: str) -> list[Page]:
    """The pages for admins about this user, found from the lists of users, and the pages inside."""
    found: dict[str, Page] = {}
    names = frozenset({username})
    lists = [
        path
        for path in outlets().pages(site.name, "admins")
        if path.rstrip("/").endswith(("user", "users"))
    ]
    waiting = [page for path in lists for page in found_in(site.admin, path, username)]
    while waiting:
        for link in waiting.pop(0).links:
            shape = outlets().shape(site.name, link, names)
            if "{}" in shape and "user" in shape and urlsplit(link).path not in found:
                page = show(site.admin, link)
                found[urlsplit(link).path] = page
                waiting.append(page)
    return [page for page in found.values() if username in page.text]
