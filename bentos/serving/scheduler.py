"""Work of many requests on few cores: in batches by tokens, each request by its deadline.

A request's rows are the pairs or texts that a model is to read, the most promising first. Who is
let in, and who is read next, is decided in `bentos.serving.line`. What was let in and takes longer
than foreseen is cut off at its deadline, its most promising rows read.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from math import inf
from typing import Any

from bentos.serving.cost import CostModel
from bentos.serving.line import Batch, Line
from bentos.serving.reading import Reader
from bentos.serving.request import Answered, Request


class Scheduler:
    """A bounded queue before a few threads, each of which reads a batch at a time."""

    def __init__(self, threads: int, cost: CostModel, most_tokens: int) -> None:
        """``most_tokens`` may wait; only requests without a deadline can be that many."""
        self._line = Line(threads, cost, most_tokens)
        self._changed = threading.Condition()
        self._open = True
        self._threads = [
            threading.Thread(target=self._work, name=f"reader-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int], deadline: float = inf
    ) -> "Future[Answered]":
        """Reads the rows by a moment of the monotonic clock; cancel the future to give up.

        ``tokens`` of each row say what it costs.

        Raises:
            Overloaded: the queue is full, and the request has no deadline to be measured by.
        """
        with self._changed:
            now = time.monotonic()
            request = Request(reader, rows, tokens, deadline, asked_at=now)
            self._line.enter(request, now)
            self._changed.notify_all()
        return request.future

    def submit_spare(
        self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int]
    ) -> "Future[Answered]":
        """Reads the rows while nobody waits, however long that takes; cancel to give up."""
        with self._changed:
            now = time.monotonic()
            request = Request(reader, rows, tokens, inf, asked_at=now, spare=True)
            self._line.enter_spare(request, now)
            if not self._open:
                self._line.clear(now)
            self._changed.notify_all()
        return request.future

    @property
    def is_busy(self) -> bool:
        """Whether anything is read, or somebody waits."""
        return self._line.is_busy

    @property
    def waiting_tokens(self) -> int:
        """Of the rows that nobody has begun to read."""
        return self._line.waiting_tokens

    def close(self) -> None:
        """Reads no more; what waits is answered with what was read of it."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._line.clear(time.monotonic())

    def _work(self) -> None:
        while self._read_next():
            pass

    def _read_next(self) -> bool:
        """Reads a batch; a thread that waits for the next one holds no model."""
        batch = self._take()
        if batch is not None:
            self._read(batch)
        return batch is not None

    def _take(self) -> Batch | None:
        """The next batch; none when there will be no more."""
        with self._changed:
            while self._open:
                if batch := self._line.next_batch(time.monotonic()):
                    return batch
                self._changed.wait()
            return None

    def _read(self, batch: Batch) -> None:
        try:
            found = batch.reader.read(batch.rows)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is one request's)
            self._fail(batch, error)
            return
        with self._changed:
            self._line.end(batch, found, time.monotonic())

    def _fail(self, batch: Batch, error: Exception) -> None:
        with self._changed:
            alone = self._line.fail(batch, error, time.monotonic())
        for part in alone:
            with self._changed:
                batch = self._line.begin([part], time.monotonic())
            self._read(batch)
