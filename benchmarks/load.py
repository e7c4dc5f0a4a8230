"""A fixed number of requests over a few connections that are kept open."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from processes import processor_seconds

CONNECTIONS = 4


class Call(NamedTuple):
    """One request."""

    method: str
    path: str
    body: dict[str, Any] | None = None


def headers_of(client: Any) -> dict[str, str]:
    """What a signed-in `suite.client.Client` sends with each request."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.http.cookies.jar)
    return {"Cookie": cookies, "X-CSRF-Token": client.csrf, "Content-Type": "application/json"}


def send(url: str, calls: Sequence[Call], headers: dict[str, str]) -> list[float]:
    """Send the requests one after the other; the seconds that each took. Raises when one is refused."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    seconds = []
    for call in calls:
        body = None if call.body is None else json.dumps(call.body)
        begin = time.perf_counter()
        connection.request(call.method, call.path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        seconds.append(time.perf_counter() - begin)
        if answer.status != 200:
            raise RuntimeError(f"{call.path} → {answer.status}: {text[:300]!r}")
    connection.close()
    return seconds


def per_processor_second(
    process: Any, url: str, calls: Sequence[Call], headers: dict[str, str]
) -> float:
    """How many of these requests a second of the server's processor time answers."""
    before = processor_seconds(process)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = [calls[number::CONNECTIONS] for number in range(CONNECTIONS)]
        list(pool.map(lambda part: send(url, part, headers), parts))
    return len(calls) / (processor_seconds(process) - before)
