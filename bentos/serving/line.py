"""Who is let in, and what is read next: decisions alone, with neither clock nor threads.

Requests wait in the order of their deadlines, then as they came. With a deadline one is let in
only if all its rows can be read in time, after what is being read and all that waits with a
deadline: so none is begun that could not be finished, and nobody who was let in becomes late by
who comes after. Everybody else keeps the order that the rows came with, at once. Only where nobody
else is in a hurry a request that is too long is read as far as its time goes.

What nobody waits for is read while nothing else is, a few rows at a time.
"""

from bisect import insort_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np

from bentos.serving.cost import CostModel
from bentos.serving.errors import Overloaded
from bentos.serving.reading import Floats, Reader
from bentos.serving.request import Part, Request

_FEWEST_TOKENS = 256  # of a batch, where there are more: smaller ones cost more a token
_MOST_TOKENS = 2048  # of a batch: larger ones cost no less a token
_BATCH_SECONDS = 0.03  # that nobody waits longer for who is in a hurry
_SPARE_TOKENS = 64  # of a batch that nobody waits for: whoever comes meanwhile waits for it

# What is let in by a forecast that was too low is cut off, and what was read of it is wasted; one
# that is too high leaves the readers idle. Forecasts are off by about a tenth.
_CAUTION = 1.1


@dataclass(frozen=True, eq=False)
class Batch:
    """What a thread reads at a time: rows of one reader."""

    parts: Sequence[Part]
    began: float

    @property
    def reader(self) -> Reader:
        """Of all its rows."""
        return self.parts[0].request.reader

    @property
    def rows(self) -> list[Any]:
        """Of all its parts."""
        return [row for part in self.parts for row in part.rows]

    @property
    def tokens(self) -> int:
        """Of all its rows."""
        return sum(part.tokens for part in self.parts)


class Line:
    """The requests that wait, and the batches that are being read."""

    def __init__(self, threads: int, cost: CostModel, most_tokens: int) -> None:
        """``most_tokens`` may wait; only requests without a deadline can be that many."""
        self._threads = threads
        self._cost = cost
        self._most_tokens = most_tokens
        self._waiting: list[Request] = []
        self._spare: list[Request] = []  # that nobody waits for
        self._being_read: list[Batch] = []

    @property
    def is_busy(self) -> bool:
        """Whether anything is read, or somebody waits."""
        return bool(self._waiting or self._being_read)

    @property
    def waiting_tokens(self) -> int:
        """Of the rows that nobody has begun to read."""
        return sum(request.tokens_left for request in self._waiting)

    def enter(self, request: Request, now: float) -> None:
        """Lets a request in, or answers it with nothing read.

        Raises:
            Overloaded: too much waits, and the request has no deadline to be measured by.
        """
        if request.rows and self._lets_in(request, now):
            insort_right(self._waiting, request, key=lambda waiting: waiting.deadline)
        else:
            request.cut_off(now)

    def enter_spare(self, request: Request, now: float) -> None:
        """Lets in what nobody waits for."""
        if request.rows:
            self._spare.append(request)
        else:
            request.cut_off(now)

    def next_batch(self, now: float) -> Batch | None:
        """Rows of whoever is in the greatest hurry, and of others while there is room.

        None where nothing is left to be read, or only what may wait until nothing is read.
        """
        self._spare = [request for request in self._spare if not request.future.done()]
        if not self._waiting:
            return None if self._being_read else self._filled(self._spare, _SPARE_TOKENS, now)
        fair = max(ceil(self.waiting_tokens / self._threads), _FEWEST_TOKENS)
        return self._filled(self._waiting, min(fair, self._usual_tokens), now)

    def _filled(self, waiting: list[Request], room: float, now: float) -> Batch | None:
        parts: list[Part] = []
        for request in list(waiting):
            if request.tokens_left and self._is_over(request, now):
                request.cut_off(now)
            if not request.tokens_left:  # it was cut off, or failed
                waiting.remove(request)
                continue
            if parts and (
                room < request.next_tokens or request.reader is not parts[0].request.reader
            ):
                break
            room = min(room, self._tokens_in_time(request, now))  # the batch is nobody's delay
            parts.append(request.take(room, now))
            room -= parts[-1].tokens
            if not request.tokens_left:
                waiting.remove(request)
        return self.begin(parts, now) if parts else None

    def begin(self, parts: Sequence[Part], now: float) -> Batch:
        """A batch that is being read from now on."""
        self._being_read.append(batch := Batch(parts, now))
        return batch

    def end(self, batch: Batch, found: Floats, now: float) -> None:
        """A batch was read."""
        self._being_read.remove(batch)
        if not batch.parts[0].request.spare:  # its batches are none that anybody is let in by
            self._cost.observe(batch.tokens, now - batch.began)
        ends = np.cumsum([len(part.rows) for part in batch.parts])
        for part, own in zip(batch.parts, np.split(found, ends[:-1]), strict=True):
            part.request.read(part, own)

    def fail(self, batch: Batch, error: Exception, now: float) -> Sequence[Part]:
        """Tells the one that failed; of several each is to be read alone, so that it is found."""
        self._being_read.remove(batch)
        if len(batch.parts) > 1:
            return batch.parts
        batch.parts[0].request.fail(error, now)
        return ()

    def clear(self, now: float) -> None:
        """Nothing more is read; who waits is answered with what was."""
        for request in self._waiting + self._spare:
            request.cut_off(now)
        self._waiting.clear()
        self._spare.clear()

    @property
    def _usual_tokens(self) -> int:
        """Of a batch, where there are more."""
        usual = max(self._cost.tokens_within(_BATCH_SECONDS), _FEWEST_TOKENS)
        return min(usual, _MOST_TOKENS)

    def _lets_in(self, request: Request, now: float) -> bool:
        if request.deadline < inf:
            return self._fits(request, now) or self._is_alone(request)
        waiting = self.waiting_tokens + request.tokens_left
        if self._waiting and waiting > self._most_tokens:
            raise Overloaded(
                f"{waiting} tokens would wait to be read, and at most {self._most_tokens} "
                "may; ask again later, or give a deadline by which an answer is wanted."
            )
        return True

    def _is_alone(self, request: Request) -> bool:
        """Whether nobody else is in a hurry: who has a deadline waits before who has none."""
        read = (part.request for batch in self._being_read for part in batch.parts)
        others = (other for other in (*self._waiting[:2], *read) if other is not request)
        return all(other.deadline == inf for other in others)

    def _fits(self, request: Request, now: float) -> bool:
        """Whether a request can be read whole in time, after all others with a deadline."""
        each = self._cost.seconds(self._usual_tokens) / self._usual_tokens / self._threads
        ends = (
            now + sum(self._seconds_left(batch, now) for batch in self._being_read) / self._threads
        )
        for waiting in self._waiting:
            if waiting.deadline == inf:
                break
            # What is too long for its time is read no longer than that.
            ends = min(ends + waiting.tokens_left * each, max(ends, waiting.deadline))
        ends += request.tokens_left * each
        return now + (ends - now) * _CAUTION <= request.deadline

    def _seconds_left(self, batch: Batch, now: float) -> float:
        return max(self._cost.seconds(batch.tokens) - (now - batch.began), 0.0)

    def _is_over(self, request: Request, now: float) -> bool:
        """Whether nobody waits for a request, or has time to wait for its next row.

        Where it is alone its first row is tried against every forecast: one that is much too high
        would else never be put right.
        """
        if request.future.cancelled() or request.deadline <= now:
            return True
        if not request.taken and self._is_alone(request):
            return False
        return self._tokens_in_time(request, now) < request.next_tokens

    def _tokens_in_time(self, request: Request, now: float) -> float:
        left = request.deadline - now
        return inf if left == inf else self._cost.tokens_within(left)
