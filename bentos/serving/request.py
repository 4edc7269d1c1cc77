"""A request's rows on their way through the readers, and what was read of them."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bentos.serving.reading import Floats, Reader


@dataclass(frozen=True)
class Answered:
    """What was read of a request's rows: the first ``len(read)`` of them."""

    read: Floats
    queue_ms: float  # until the first row was taken up


@dataclass(eq=False)
class Request:
    """Rows, the most promising first, to be read by a moment; moments are of one clock."""

    reader: Reader
    rows: Sequence[Any]
    tokens: Sequence[int]
    deadline: float
    asked_at: float
    spare: bool = False  # nobody waits for it
    future: "Future[Answered]" = field(default_factory=Future)
    taken: int = 0  # rows that are read or being read
    wanted: int = field(init=False)  # rows that will be
    tokens_left: int = field(init=False)  # of the rows that wait
    _waited: float | None = None  # seconds, once it is known
    _parts: dict[int, Floats] = field(default_factory=dict)  # what was read, by first row

    def __post_init__(self) -> None:
        self.wanted = len(self.rows)
        self.tokens_left = sum(self.tokens)

    @property
    def next_tokens(self) -> int:
        """Of the next row that waits."""
        return self.tokens[self.taken]

    def take(self, most: float, now: float) -> "Part":
        """The next rows, of at most so many tokens; at least one."""
        self._waits_no_longer(now)
        first, total = self.taken, 0
        for tokens in self.tokens[first : self.wanted]:
            if total and total + tokens > most:
                break
            total += tokens
            self.taken += 1
        self.tokens_left -= total
        return Part(self, first, self.rows[first : self.taken], total)

    def cut_off(self, now: float) -> None:
        """Wants no more than what is read or being read."""
        self._waits_no_longer(now)
        self.wanted, self.tokens_left = self.taken, 0
        self._answer_if_read()

    def read(self, part: "Part", found: Floats) -> None:
        """Takes what was read of it; answers once that is all that is wanted."""
        self._parts[part.first] = found
        self._answer_if_read()

    def fail(self, error: Exception, now: float) -> None:
        """Tells the error; the rest is not read."""
        if not self.future.done() and self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)
        self.cut_off(now)

    def _waits_no_longer(self, now: float) -> None:
        if self._waited is None:
            self._waited = now - self.asked_at

    def _answer_if_read(self) -> None:
        """Gives what was read, if anybody still waits for it."""
        if sum(map(len, self._parts.values())) < self.wanted:
            return
        if self.future.done() or not self.future.set_running_or_notify_cancel():
            return
        read = [part for _, part in sorted(self._parts.items())]
        found = np.concatenate(read) if read else np.empty(0, np.float32)
        self.future.set_result(Answered(found, (self._waited or 0.0) * 1000))


@dataclass(frozen=True)
class Part:
    """Rows of a request, in a batch."""

    request: Request
    first: int
    rows: Sequence[Any]
    tokens: int
