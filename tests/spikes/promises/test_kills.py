"""Nothing is lost and nothing is made up, although web and two workers are killed again and again."""

from approvals import approving, fail_every_seventh, nothing_is_lost
from breaking import PATIENT, kill_again_and_again, people_at_work, start_all
from suite.receiver import Receiver
from suite.site import Site
from suite.spike import Spike


def test_nothing_is_lost(site: Site, spike: Spike, receiver: Receiver) -> None:
    taken = fail_every_seventh(receiver)
    site.record_in("approved")
    spike.end()
    running = start_all(spike, **PATIENT)
    with people_at_work(site, approving) as (answered, _):
        what = kill_again_and_again(spike, answered, running)
    nothing_is_lost(site, receiver, taken, answered, what)
