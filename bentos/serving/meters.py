"""What is counted of every request, whichever service answers it."""

import os
from pathlib import Path

import psutil
from prometheus_client import Counter, Gauge, Histogram

_REQUESTS = Counter(
    "shopkeeper_http_requests_total",
    "Requests by the status of their answer; 499 where the client had gone.",
    ["scenario", "endpoint", "status"],
)
_SECONDS = Histogram(
    "shopkeeper_http_seconds",
    "From a request's arrival until its answer is sent.",
    ["scenario", "endpoint"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 1, 2, 5, 10),
)
_IN_FLIGHT = Gauge(
    "shopkeeper_http_in_flight",
    "Requests that arrived and have no answer yet.",
    ["scenario", "endpoint"],
    multiprocess_mode="livesum",
)
_GONE = Counter(
    "shopkeeper_client_gone_total",
    "Requests whose client went before there was an answer; work on them was stopped.",
    ["scenario", "endpoint"],
)

CLIENT_GONE = 499  # no status that anybody is sent


def forget_killed_workers() -> None:
    """Takes back what gauges say of workers that are no more; whoever takes their place asks.

    A worker that ends does so itself, but not one that is killed.
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:  # one process, which counts in its memory
        return
    for path in Path(folder).glob("gauge_live*_*.db"):
        if not psutil.pid_exists(int(path.stem.rpartition("_")[2])):
            path.unlink(missing_ok=True)


class Meters:
    """The meters of one endpoint, looked up once."""

    def __init__(self, scenario: str, endpoint: str) -> None:
        """Shows them all at nought."""
        self._labels = (scenario, endpoint)
        self._seconds = _SECONDS.labels(*self._labels)
        self._in_flight = _IN_FLIGHT.labels(*self._labels)
        self._gone = _GONE.labels(*self._labels)
        self._requests: dict[int, Counter] = {}

    def begin(self) -> None:
        """A request arrived."""
        self._in_flight.inc()

    def end(self, status: int, seconds: float) -> None:
        """It was answered, or its client has gone."""
        self._in_flight.dec()
        self._seconds.observe(seconds)
        if status not in self._requests:
            self._requests[status] = _REQUESTS.labels(*self._labels, status)
        self._requests[status].inc()
        if status == CLIENT_GONE:
            self._gone.inc()
