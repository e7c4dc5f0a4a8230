"""An example of a test of your own; see README.md. Change it or put others beside it."""

from collections.abc import Callable

from suite.client import Client, accepted, refused
from suite.workflow import Record, Workflow


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
