"""Answers that nobody is shown: computed after the one that was, while nobody waits."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from prometheus_client import Counter

from bentos.serving.jsonl import JsonLinesWriter
from bentos.serving.record import PredictionRecord
from bentos.serving.scheduled import Spare
from bentos.serving.scheduler import Scheduler

_log = logging.getLogger("bentoml.shopkeeper")
_SHADOWS = Counter(
    "shopkeeper_shadows_total",
    "Answers of a shadow: logged, skipped because the service was busy, or failed.",
    ["scenario", "outcome"],
)

Compute = Callable[[Spare], PredictionRecord]


class Shadows:
    """One answer at a time; what comes meanwhile is skipped."""

    def __init__(self, scenario: str, scheduler: Scheduler, log: JsonLinesWriter) -> None:
        """The first answer starts the thread."""
        self._scenario = scenario
        self._scheduler = scheduler
        self._log = log
        self._free = Lock()
        self._executor = ThreadPoolExecutor(1, "shadow")

    def offer(self, compute: Compute, at_work: int) -> None:
        """Has an answer computed and logged, unless the service is busy.

        ``at_work``: requests that have no answer yet.
        """
        if at_work or self._scheduler.is_busy or not self._free.acquire(blocking=False):
            self._count("skipped")
        else:
            self._executor.submit(self._work, compute)

    def close(self) -> None:
        """Waits for the one that is being computed."""
        self._executor.shutdown()

    def _work(self, compute: Compute) -> None:
        try:
            record = compute(Spare(self._scheduler))
            if record.degraded:  # the scheduler was closed
                self._count("skipped")
            else:
                self._log.submit([record]).result()
                self._count("logged")
        except TimeoutError:
            self._count("skipped")
        except Exception as error:  # noqa: BLE001 (whatever it is, nobody waits for it)
            _log.error("a shadow of %s failed", self._scenario, exc_info=error)
            self._count("failed")
        finally:
            self._free.release()

    def _count(self, outcome: str) -> None:
        _SHADOWS.labels(self._scenario, outcome).inc()
