"""Examples of tests of your own; see README.md. Change them or put others beside them."""

from collections.abc import Callable

from suite.client import Client, accepted, refused
from suite.outlets import outlets
from suite.parts import Record
from suite.screens import pages_of, send, show
from suite.site import Site
from suite.workflow import Workflow


def test_a_comment_can_be_read_by_whoever_sees_the_record(
    workflow: Workflow, record_in: Callable[..., Record], admin: Client
) -> None:
    record = record_in(workflow.first_state)
    accepted(admin.comment(record, "Please add the offer."))
    last = accepted(admin.history(record))["items"][-1]
    assert (last["actor"], last["comment"]) == ("admin", "Please add the offer.")


def test_somebody_without_a_role_sees_nothing(
    workflow: Workflow, record_in: Callable[..., Record], client_as: Callable[..., Client]
) -> None:
    record = record_in(workflow.first_state)
    refused(client_as().read(record), "not_found")


def test_a_comment_is_left_on_the_page(
    site: Site, workflow: Workflow, record_in: Callable[..., Record], wrote: Callable[..., Record]
) -> None:
    """A form: found by what it asks, filled in, sent, and the ledger told of what it wrote."""
    record = record_in(workflow.first_state)
    page = show(site.admin, site.page_of(record))
    form = page.form_with("comment")
    assert form is not None, f"{page.path} has no box for a comment"
    button = form.button("comment") or form.button("only comment")
    answer = send(site.admin, form.fill(comment="Seen on the page."), button)
    assert answer.is_redirect, f"{page.path} → {answer.status_code}"
    wrote(record)
    last = accepted(site.admin.history(record))["items"][-1]
    assert last["comment"] == "Seen on the page."


def test_the_list_has_a_new_record(
    site: Site, workflow: Workflow, record_in: Callable[..., Record]
) -> None:
    """A list: every page of it, and the records that it leads to."""
    record = record_in(workflow.first_state)
    assert record.id in outlets().shown(site.name, pages_of(site.admin, "/"))
