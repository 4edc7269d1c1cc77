"""Has rows read by a request's deadline, in batches with those of others, or when nobody waits."""

from collections.abc import Sequence
from typing import Any

from bentos.serving.deadline import asked
from bentos.serving.reading import Floats, Reader
from bentos.serving.scheduler import Scheduler

_ANSWERING = (
    0.005  # seconds that are kept for what follows: a hop to the loop, JSON, the log's line
)
_PATIENCE = 10.0  # seconds: what could not be read by then is not worth keeping its model for


class Scheduled:
    """A `Reading` for the request at hand; it waits, so it is asked in the request's thread."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Takes the request's deadline."""
        self._scheduler = scheduler
        self._asked = asked()
        self.queue_ms = 0.0  # that the request's rows waited, all in all

    def __call__(self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int], /) -> Floats:
        """See `Reading`.

        Raises:
            CancelledError: the client has gone.
            Overloaded: too much waits already, and the request has no deadline.
        """
        future = self._scheduler.submit(reader, rows, tokens, self._asked.by - _ANSWERING)
        self._asked.waits_for(future)
        answered = future.result()
        self.queue_ms += answered.queue_ms
        return answered.read


class Spare:
    """A `Reading` for what nobody waits for."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Waits for the scheduler to have nothing else to do."""
        self._scheduler = scheduler
        self.queue_ms = 0.0  # that rows waited, all in all

    def __call__(self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int], /) -> Floats:
        """See `Reading`.

        Raises:
            TimeoutError: there was always something else to do.
        """
        future = self._scheduler.submit_spare(reader, rows, tokens)
        try:
            answered = future.result(_PATIENCE)
        finally:
            future.cancel()  # of one that is done nothing is left to cancel
        self.queue_ms += answered.queue_ms
        return answered.read
