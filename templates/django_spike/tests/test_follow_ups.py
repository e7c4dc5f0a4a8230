"""The outbox: at least once, never lost."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

from spike import follow_ups, services
from spike.models import FollowUp, Record
from spike.workflow import Refused


@pytest.fixture
def queued(record_in: Callable[..., Record]) -> FollowUp:
    """A follow-up that is due."""
    payload = {"type": "test.hello", "data": {}}
    return FollowUp.objects.create(name="hello", record=record_in(), payload=payload)


def deliver(answer: httpx.Response | Exception) -> list[httpx.Request]:
    """Deliver what is due to a receiver that answers so; what it got."""
    got = []

    def receive(request: httpx.Request) -> httpx.Response:
        got.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with httpx.Client(transport=httpx.MockTransport(receive)) as client:
        follow_ups.deliver_due(client)
    return got


def test_a_delivery_is_signed_and_happens_once(queued: FollowUp) -> None:
    [request] = deliver(httpx.Response(204))
    body = Webhook(settings.WEBHOOK_SECRET).verify(request.content, dict(request.headers))
    assert body == queued.payload
    assert request.headers["webhook-id"] == queued.webhook_id
    queued.refresh_from_db()
    assert queued.state == FollowUp.State.DELIVERED
    assert not deliver(httpx.Response(204))


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(302), httpx.ReadTimeout("slow")], ids=repr
)
def test_a_failure_is_tried_again_later(queued: FollowUp, answer: httpx.Response) -> None:
    deliver(answer)
    queued.refresh_from_db()
    wait = queued.next_attempt_at - timezone.now()
    assert queued.state == FollowUp.State.QUEUED
    assert queued.last_error
    assert timedelta(seconds=4) < wait <= timedelta(seconds=6)


def test_the_receiver_may_ask_for_patience(queued: FollowUp) -> None:
    deliver(httpx.Response(503, headers={"Retry-After": "120"}))
    queued.refresh_from_db()
    assert queued.next_attempt_at > timezone.now() + timedelta(seconds=110)


def test_after_the_last_delay_it_is_dead_until_replayed(
    queued: FollowUp, settings: pytest.FixtureRequest
) -> None:
    settings.RETRY_DELAYS = [0]
    assert len(deliver(httpx.Response(500))) == 2
    queued.refresh_from_db()
    assert (queued.state, queued.next_attempt_at) == (FollowUp.State.DEAD, None)
    assert services.retry(queued).attempts == 0
    assert len(deliver(httpx.Response(200))) == 1
    with pytest.raises(Refused, match="dead"):
        services.retry(queued)


def test_gone_is_dead_at_once(queued: FollowUp) -> None:
    deliver(httpx.Response(410))
    queued.refresh_from_db()
    assert queued.state == FollowUp.State.DEAD


def test_a_leased_follow_up_is_nobody_elses_until_the_lease_ends(queued: FollowUp) -> None:
    assert follow_ups.claim() == queued
    assert follow_ups.claim() is None
    FollowUp.objects.update(next_attempt_at=timezone.now())
    again = follow_ups.claim()
    assert (again.attempts, again.webhook_id) == (2, queued.webhook_id)


def test_who_lost_the_lease_settles_nothing(queued: FollowUp) -> None:
    slow = follow_ups.claim()
    FollowUp.objects.update(next_attempt_at=timezone.now())
    follow_ups.claim()
    follow_ups.settle(slow, "", httpx.Response(200))
    queued.refresh_from_db()
    assert queued.state == FollowUp.State.QUEUED
