"""JSON lines, append-only, one writer a process: what the prediction and feedback logs are."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bentos.serving.errors import LogUnwritable
from bentos.serving.segments import Keeping, Segments
from bentos.serving.waiting import Waiting, tell

_log = logging.getLogger("bentoml.shopkeeper")

MOST_WAITING = 1024  # lines, beside those that are being written: some 20 MB of answers
_SETTLED = 10**9  # nanoseconds after which a folder's time tells of every change before


class JsonLinesWriter:
    """The JSON lines of this process, written by a thread of its own.

    All lines that wait are written together, at the price of one. A line that could not be written
    whole is taken back, with those that were written beside it.
    """

    def __init__(self, folder: Path, keeping: Keeping = Keeping()) -> None:  # noqa: B008 (frozen)
        """The first line makes the first segment, and starts the thread."""
        self._folder = folder
        self._segments = Segments(folder, keeping)
        lock = threading.Lock()
        self._more = threading.Condition(lock)  # lines, or an end
        self._room = threading.Condition(lock)
        self._waiting: list[Waiting] = []
        self._n_waiting = 0  # lines
        self._thread: threading.Thread | None = None
        self._closing = False

    @property
    def path(self) -> Path:
        """The segment that grows, or that the next line makes."""
        return self._segments.path

    def append(self, lines: Iterable[Any]) -> None:
        """Writes the lines, all or none of them, and waits for it; where the disk is slow, longer.

        Raises:
            LogUnwritable: the disk is full, or the folder can't be written.
        """
        written: Future[None] = Future()
        waiting = Waiting(tuple(lines), written)
        with self._room:
            while not self._has_room_for(waiting):
                self._room.wait()
            self._enqueue(waiting)
        written.result()

    def submit(self, lines: Iterable[Any]) -> "Future[None]":
        """Writes the lines as ``append`` does, and does not wait for it.

        The future fails with ``LogUnwritable``, at once where more lines wait than may. Lines whose
        future is cancelled before their turn comes are not written.
        """
        written: Future[None] = Future()
        try:
            self._enqueue_now(Waiting(tuple(lines), written))
        except LogUnwritable as error:
            written.set_exception(error)
        return written

    async def append_soon(
        self, lines: Iterable[Any], given_up: Callable[[], Iterable[Any]] = tuple
    ) -> None:
        """``append`` for coroutines: at half the cost of ``submit``, and with its rules.

        Of one that is cancelled before its turn comes, ``given_up`` says what is written instead.

        Raises:
            LogUnwritable: as with ``append``, or more lines wait than may.
        """
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        waiting = Waiting(tuple(lines), written, loop)
        self._enqueue_now(waiting)
        try:
            await written
        except asyncio.CancelledError:
            with self._more:
                if waiting in self._waiting:
                    waiting.lines = tuple(given_up())
            raise

    def close(self) -> None:
        """Writes what waits, and closes the segment; a later line begins another."""
        with self._more:
            thread = self._thread
            self._closing = thread is not None
            self._more.notify()
        if thread is not None:
            thread.join()

    def _enqueue_now(self, waiting: Waiting) -> None:
        with self._more:
            if not self._has_room_for(waiting):
                raise LogUnwritable(
                    f"{self._n_waiting} lines wait to be written to {self._folder}, and at most "
                    f"{MOST_WAITING} may: its disk is too slow. Nothing was logged, so nothing is "
                    "answered; ask again later."
                )
            self._enqueue(waiting)

    def _has_room_for(self, waiting: Waiting) -> bool:
        return not self._waiting or self._n_waiting + len(waiting.lines) <= MOST_WAITING

    def _enqueue(self, waiting: Waiting) -> None:
        self._waiting.append(waiting)
        self._n_waiting += len(waiting.lines)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="log-writer", daemon=True)
            self._thread.start()
        self._more.notify()

    def _work(self) -> None:
        while (batch := self._take()) is not None:
            if batch:
                self._write(batch)
            else:
                self._segments.close_if_old()

    def _take(self) -> list[Waiting] | None:
        """All that waits, or nothing when a segment is old; None when there will be no more."""
        with self._more:
            if not self._waiting and not self._closing:
                self._more.wait(self._segments.seconds_left)
            if not self._waiting and self._closing:
                self._segments.close()
                self._thread, self._closing = None, False
                return None
            batch, self._waiting, self._n_waiting = self._waiting, [], 0
            self._room.notify_all()
            return batch

    def _write(self, batch: Sequence[Waiting]) -> None:
        wanted = [waiting for waiting in batch if waiting.encode()]
        try:
            if wanted:
                self._segments.write(b"".join([waiting.data for waiting in wanted]))
        except Exception as error:  # noqa: BLE001 (who waits must be told, whatever it is)
            for waiting in wanted:
                waiting.error = self._refusal(error)
        tell(batch)

    def _refusal(self, error: Exception) -> LogUnwritable:
        reason = error.strerror if isinstance(error, OSError) else error
        refusal = LogUnwritable(
            f"{self._folder} can't be written: {reason}. Nothing was logged, so nothing is "
            "answered; free space on the disk or mend the folder's permissions."
        )
        refusal.__cause__ = error
        return refusal


@dataclass(slots=True)
class _Followed:
    """A file that may still grow, or that is not read to its end."""

    read: int = 0  # bytes
    seen: int = 0  # of its bytes, at the last look


class JsonLinesReader:
    """Follows every ``*.jsonl`` of a folder: each call gives the lines added since the last.

    A call costs a look at each file that still grows: closed segments are read once.
    """

    def __init__(self, folder: Path) -> None:
        """Starts before the first line of every file."""
        self._folder = folder
        self._followed: dict[str, _Followed] = {}
        self._known: set[str] = set()
        self._listed = 0  # the folder's time, once it tells of every change before

    def new_lines(self) -> list[Any]:
        """The lines that came, file by file, in order; a torn last line is left for later.

        A damaged line is left out and said: the nightly pull puts it into quarantine.
        """
        self._look_for_files()
        return [line for path in sorted(self._followed) for line in self._lines_of(path)]

    def _lines_of(self, path: str) -> Iterator[Any]:
        followed = self._followed[path]
        try:
            status = os.stat(path)  # noqa: PTH116 (a hot path)
            complete = b""
            if status.st_size != followed.seen:
                complete = _complete_lines(path, followed.read)
        except FileNotFoundError:  # a segment in which nothing could be written
            del self._followed[path]
            return
        followed.seen = status.st_size
        followed.read += len(complete)
        if not status.st_mode & 0o222:  # closed before it was read
            del self._followed[path]
        for line in complete.splitlines():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                _log.error("a line of %s is left out: %s", path, error)

    def _look_for_files(self) -> None:
        """Lists the folder, unless its time says that no file came."""
        try:
            changed = self._folder.stat().st_mtime_ns
            if changed == self._listed:
                return
            now = time.time_ns()
            paths = {str(path) for path in self._folder.glob("*.jsonl")}
        except FileNotFoundError:
            return
        self._listed = changed if now - changed > _SETTLED else 0
        for path in paths - self._known:
            self._followed[path] = _Followed()
        self._known |= paths


def _complete_lines(path: str, start: int) -> bytes:
    with Path(path).open("rb") as file:
        file.seek(start)
        data = file.read()
    return data[: data.rfind(b"\n") + 1]
