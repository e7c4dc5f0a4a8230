"""What a load came to: rates, percentiles and failures, and whether they say anything of the spike."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

LATE = 0.1  # seconds after its moment from which a request was sent late
MOST_LATE = 0.01  # the share of requests that may be
MOST_BUSY = 0.8  # of one processor, for the generator


@dataclass(frozen=True)
class Sample:
    """One planned request: its moment, and in seconds after that moment when it was sent and answered.

    `failure` says why it was not answered as it should be; "" where it was.
    """

    kind: str
    due: float
    sent: float
    seconds: float
    failure: str = ""


@dataclass(frozen=True)
class Figures:
    """What samples came to. Percentiles are in milliseconds; None where that many were not answered."""

    planned: float  # a second
    achieved: float
    requests: int
    answered: int
    failures: dict[str, int]
    p50: float | None
    p95: float | None
    p99: float | None
    under_way: float  # at one moment, on average

    @property
    def failed(self) -> int:
        """How many requests were not answered as they should be."""
        return self.requests - self.answered


def percentile(seconds: Sequence[float], share: float) -> float | None:
    """The milliseconds within which this share was answered, of sorted times; None where it was not."""
    if not seconds:
        return None
    found = seconds[max(0, ceil(share * len(seconds) - 1e-9) - 1)]
    return None if found == inf else round(found * 1000, 2)


def times(samples: Iterable[Sample]) -> list[float]:
    """The times of the answers, sorted; a request that failed took longer than any."""
    return sorted(inf if sample.failure else sample.seconds for sample in samples)


def figures(turns: Sequence[Sequence[Sample]], seconds: float) -> Figures:
    """The figures of these turns together, each of which was planned to take so many seconds."""
    samples = [sample for turn in turns for sample in turn]
    right = [sample for sample in samples if not sample.failure]
    planned = seconds * len(turns)
    taken = sum(
        max([seconds, *(each.due + each.seconds for each in turn if not each.failure)])
        for turn in turns
    )
    found = times(samples)
    return Figures(
        planned=round(len(samples) / planned, 1),
        achieved=round(len(right) / taken, 1),
        requests=len(samples),
        answered=len(right),
        failures=dict(Counter(each.failure for each in samples if each.failure).most_common()),
        p50=percentile(found, 0.5),
        p95=percentile(found, 0.95),
        p99=percentile(found, 0.99),
        under_way=round(sum(each.seconds for each in samples) / taken, 2),
    )


def invalid(samples: Sequence[Sample], busy: float) -> list[str]:
    """Why a run says nothing of the spike: what its generator could not do. `busy` is a share of a processor."""
    late = sum(sample.sent > LATE for sample in samples)
    found = []
    if busy > MOST_BUSY:
        found.append(f"the generator used {100 * busy:.0f} % of a processor")
    if late > MOST_LATE * len(samples):
        share = 100 * late / len(samples)
        found.append(f"{share:.1f} % of the requests were sent more than {LATE:g} s late")
    return found


def curve(samples: Sequence[Sample], seconds: int) -> list[dict[str, Any]]:
    """Second by second: what was planned for it, what of that failed, and its answer times."""
    found = []
    for second in range(seconds):
        here = [sample for sample in samples if int(sample.due) == second]
        found.append(
            {
                "planned": len(here),
                "failed": sum(bool(sample.failure) for sample in here),
                "answered": sum(
                    not each.failure and int(each.due + each.seconds) == second for each in samples
                ),
                "p50": percentile(times(here), 0.5),
                "p95": percentile(times(here), 0.95),
            }
        )
    return found


def spread(samples: Sequence[Sample]) -> list[float | None]:
    """The answer times of the fastest one, then of each hundredth up to the slowest."""
    found = times(samples)
    return [percentile(found, hundredth / 100) for hundredth in range(101)]
