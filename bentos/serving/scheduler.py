"""Work of many requests on few cores: in batches by tokens, each request by its deadline.

A request's rows are the pairs or texts that a model is to read, the most promising first. Whoever
comes is let in only if all its rows can be read in time, after what waits already; everybody else
keeps the order it came with, at once, instead of making all of them late. What was let in and
takes longer than foreseen, or came when nobody waited and is long, is cut off at its deadline, its
most promising rows read.

What nobody waits for is read while nothing else is, by one thread and a few rows at a time.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Any

import numpy as np

from bentos.serving.cost import CostModel
from bentos.serving.errors import Overloaded
from bentos.serving.reading import Floats, Reader

_FEWEST_TOKENS = 256  # of a batch, where there are more: smaller ones cost more a token
_MOST_TOKENS = 2048  # of a batch: larger ones cost no less a token
_BATCH_SECONDS = 0.03  # that nobody waits longer for who is in a hurry
_SPARE_TOKENS = 64  # of a batch that nobody waits for: whoever comes meanwhile waits for it


@dataclass(frozen=True)
class Answered:
    """What was read of a request's rows: the first ``len(read)`` of them."""

    read: Floats
    queue_ms: float  # until the first row was taken up


class Scheduler:
    """A bounded queue before a few threads, each of which reads a batch at a time."""

    def __init__(self, threads: int, cost: CostModel, most_tokens: int) -> None:
        """``most_tokens`` may wait; only requests without a deadline can be that many."""
        self._cost = cost
        self._most_tokens = most_tokens
        self._queue: list[_Request] = []  # by deadline, then as they came
        self._spare: list[_Request] = []  # that nobody waits for
        self._batches = 0  # that are being read
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
        request = _Request(reader, rows, tokens, deadline)
        with self._changed:
            if not rows or not self._fits(request):
                request.cut_off()
                return request.future
            place = len(self._queue)
            while place and self._queue[place - 1].deadline > deadline:
                place -= 1
            self._queue.insert(place, request)
            self._changed.notify_all()
        return request.future

    def submit_spare(
        self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int]
    ) -> "Future[Answered]":
        """Reads the rows while nobody waits, however long that takes; cancel to give up."""
        request = _Request(reader, rows, tokens, inf, spare=True)
        with self._changed:
            self._spare.append(request)
            if not rows or not self._open:
                request.cut_off()
            self._changed.notify_all()
        return request.future

    @property
    def is_busy(self) -> bool:
        """Whether anything is read, or waits to be."""
        return bool(self._batches or self._queue)

    @property
    def waiting_tokens(self) -> int:
        """Of the rows that nobody has begun to read."""
        return sum(request.tokens_left for request in self._queue)

    def close(self) -> None:
        """Reads no more; what waits is answered with what was read of it."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        for request in self._queue + self._spare:
            request.cut_off()

    def _fits(self, request: "_Request") -> bool:
        if not self._queue:
            return True  # as much as there is time for
        waiting = self.waiting_tokens + request.tokens_left
        if request.deadline == inf:
            if waiting > self._most_tokens:
                raise Overloaded(
                    f"{waiting} tokens would wait to be read, and at most {self._most_tokens} "
                    "may; ask again later, or give a deadline by which an answer is wanted."
                )
            return True
        needed = self._cost.seconds(waiting) / len(self._threads)
        return time.monotonic() + needed <= request.deadline

    def _work(self) -> None:
        while self._read_next():
            pass

    def _read_next(self) -> bool:
        """Reads a batch; a thread that waits for the next one holds no model."""
        batch = self._take()
        if batch:
            self._read(batch)
            with self._changed:
                self._batches -= 1
        return bool(batch)

    def _take(self) -> "list[_Part]":
        """The next batch, of one reader; empty when there will be no more."""
        with self._changed:
            while self._open:
                if batch := self._batch():
                    self._batches += 1
                    return batch
                if not self._queue:
                    self._changed.wait()
            return []

    def _batch(self) -> "list[_Part]":
        """Rows of whoever is in the greatest hurry; where nothing is read, what may wait."""
        self._spare = [request for request in self._spare if not request.future.done()]
        if not self._queue:
            return [] if self._batches else self._filled(self._spare, _SPARE_TOKENS)
        fair = max(ceil(self.waiting_tokens / len(self._threads)), _FEWEST_TOKENS)
        usual = max(self._cost.tokens_within(_BATCH_SECONDS), _FEWEST_TOKENS)
        return self._filled(self._queue, min(fair, usual, _MOST_TOKENS))

    def _filled(self, queue: "list[_Request]", room: int) -> "list[_Part]":
        """Rows of the first, and of those after it while there is room."""
        batch: list[_Part] = []
        for request in list(queue):
            if not request.tokens_left:  # it failed
                queue.remove(request)
                continue
            if batch and (room < request.next_tokens or request.reader is not batch[0].reader):
                break
            if (part := self._part(request, room)) is not None:
                batch.append(part)
                room -= part.tokens
            if not request.tokens_left:
                queue.remove(request)
        return batch

    def _part(self, request: "_Request", room: int) -> "_Part | None":
        """The request's next rows; none where it has gone, or has no time left for any."""
        left = request.deadline - time.monotonic()
        in_time = room if left == inf else self._cost.tokens_within(left)
        if request.future.cancelled() or (left < inf and in_time < request.next_tokens):
            request.cut_off()
            return None
        return request.take(min(room, in_time))

    def _read(self, batch: "list[_Part]") -> None:
        began = time.monotonic()
        for part in batch:
            part.request.begun_at = part.request.begun_at or began
        try:
            read = batch[0].reader.read([row for part in batch for row in part.rows])
        except Exception as error:  # noqa: BLE001 (whatever it is, it is one request's)
            self._fail(batch, error)
            return
        ends = np.cumsum([len(part.rows) for part in batch])
        with self._changed:
            if not batch[0].request.spare:  # its batches are none that anybody is let in by
                self._cost.observe(sum(part.tokens for part in batch), time.monotonic() - began)
            for part, found in zip(batch, np.split(read, ends[:-1]), strict=True):
                part.request.parts[part.first] = found
                part.request.answer_if_read()

    def _fail(self, batch: "list[_Part]", error: Exception) -> None:
        """Tells the one that failed; of several each is read alone, so that it is found."""
        if len(batch) > 1:
            for part in batch:
                self._read([part])
            return
        (part,) = batch
        with self._changed:
            part.request.fail(error)


@dataclass(eq=False)
class _Request:
    reader: Reader
    rows: Sequence[Any]
    tokens: Sequence[int]
    deadline: float  # on the monotonic clock
    spare: bool = False  # nobody waits for it
    asked_at: float = field(default_factory=time.monotonic)
    future: "Future[Answered]" = field(default_factory=Future)
    begun_at: float = 0.0
    taken: int = 0  # rows that are read or being read
    wanted: int = field(init=False)  # rows that will be
    tokens_left: int = field(init=False)  # of the rows that wait
    parts: dict[int, Floats] = field(default_factory=dict)  # what was read, by first row

    def __post_init__(self) -> None:
        self.wanted = len(self.rows)
        self.tokens_left = sum(self.tokens)

    @property
    def next_tokens(self) -> int:
        """Of the next row that waits."""
        return self.tokens[self.taken]

    def take(self, most: int) -> "_Part":
        """The next rows, of at most so many tokens; at least one."""
        first, total = self.taken, 0
        for tokens in self.tokens[first : self.wanted]:
            if total and total + tokens > most:
                break
            total += tokens
            self.taken += 1
        self.tokens_left -= total
        return _Part(self, first, self.rows[first : self.taken], total)

    def cut_off(self) -> None:
        """Wants no more than what is read or being read."""
        self.wanted, self.tokens_left = self.taken, 0
        self.answer_if_read()

    def answer_if_read(self) -> None:
        if sum(map(len, self.parts.values())) == self.wanted:
            self.answer()

    def fail(self, error: Exception) -> None:
        if not self.future.done() and self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)
        self.cut_off()

    def answer(self) -> None:
        """Gives what was read, if anybody still waits for it."""
        if self.future.done() or not self.future.set_running_or_notify_cancel():
            return
        read = [part for _, part in sorted(self.parts.items())]
        found = np.concatenate(read) if read else np.empty(0, np.float32)
        waited = (self.begun_at or time.monotonic()) - self.asked_at
        self.future.set_result(Answered(found, waited * 1000))


@dataclass(frozen=True)
class _Part:
    """Rows of a request, in a batch."""

    request: _Request
    first: int
    rows: Sequence[Any]
    tokens: int

    @property
    def reader(self) -> Reader:
        return self.request.reader
