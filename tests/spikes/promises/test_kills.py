"""Nothing is lost and nothing is made up, although web and two workers are killed again and again."""

import os
import signal
import time

from approvals import another_is_answered, fail_every_seventh, nothing_is_lost, people_at_work
from suite.receiver import Receiver
from suite.site import Site
from suite.spike import Spike, procfile

PAUSES = (0.2, 0.9, 0.5, 1.2) * 4  # seconds of load before each kill
PATIENT = {"RETRY_DELAYS": ",".join(["0.5"] * 10)}


def test_nothing_is_lost(site: Site, spike: Spike, receiver: Receiver) -> None:
    taken = fail_every_seventh(receiver)
    site.record_in("approved")
    spike.end()
    kinds = ["web", "worker", "worker", *({"beat"} & procfile(spike.name).keys())]
    running = [spike.start(kind, **PATIENT) for kind in kinds]
    spike.wait(running[0])
    with people_at_work(site) as (answered, _):
        for pause in PAUSES:
            another_is_answered(answered)
            time.sleep(pause)
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
            running = [spike.start(kind, **PATIENT) for kind in kinds]
            spike.wait(running[0])
    what = f"{len(PAUSES)} kills of {', '.join(kinds)}"
    nothing_is_lost(site, receiver, taken, answered, what)
