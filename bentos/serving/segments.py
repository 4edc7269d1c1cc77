"""Where a log's lines lie: segments, files of which one grows and all others never change again."""

import logging
import os
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

_log = logging.getLogger("bentoml.shopkeeper")


@dataclass(frozen=True)
class Keeping:
    """What a log outlives, and when a segment has grown enough."""

    sync: Literal["os", "disk"] = "os"  # a kill of the process; with "disk" a power cut as well
    segment_bytes: int = 128 * 1024 * 1024
    segment_seconds: float = 3600


class Segments:
    """The segments of one writer, all used by one thread at a time.

    They are named after host, process and moment, and numbered: their order is that of their lines.
    """

    def __init__(self, folder: Path, keeping: Keeping) -> None:
        """The first line makes the first segment."""
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{started}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._folder = folder
        self._keeping = keeping
        self._name = name
        self._number = 0
        self._descriptor: int | None = None
        self._length = 0
        self._ends_at = 0.0  # on the monotonic clock

    @property
    def path(self) -> Path:
        """The segment that grows, or that the next line makes."""
        return self._folder / f"{self._name}-{self._number:06}.jsonl"

    @property
    def seconds_left(self) -> float | None:
        """Until the open segment is old; None where none is open."""
        return None if self._descriptor is None else max(self._ends_at - time.monotonic(), 0)

    def write(self, data: bytes) -> None:
        """Appends the data; raises ``OSError`` when it can't be written whole: then none of it is.

        Where something had to be taken back, a reader may have seen it. So nothing is written in
        its place: the segment is closed, and another one follows.
        """
        self.close_if_old()
        descriptor = self._open() if self._descriptor is None else self._descriptor
        try:
            _put(descriptor, data)
            if self._keeping.sync == "disk":
                os.fdatasync(descriptor)
                if not self._length:
                    _sync_folder(self._folder)
        except OSError:
            self._take_back(descriptor)
            raise
        self._length += len(data)
        if self._length >= self._keeping.segment_bytes:
            self.close()

    def close_if_old(self) -> None:
        """Closes the open segment where its time is over."""
        if self.seconds_left == 0:
            self.close()

    def close(self) -> None:
        """Closes the open segment, if there is one; it can't be written any more."""
        descriptor, path = self._descriptor, self.path
        if descriptor is None:
            return
        self._descriptor = None
        self._number += 1
        try:
            try:
                os.fchmod(descriptor, 0o444)
            finally:
                os.close(descriptor)
        except OSError as error:  # its lines were acknowledged before
            _log.error("%s could not be closed as it should: %s", path, error)

    def _open(self) -> int:
        self._make(self._folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._descriptor = os.open(self.path, flags, 0o644)
        self._length = 0
        self._ends_at = time.monotonic() + self._keeping.segment_seconds
        return self._descriptor

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        if self._keeping.sync == "disk":
            _sync_folder(folder.parent)

    def _take_back(self, descriptor: int) -> None:
        try:
            if os.fstat(descriptor).st_size == self._length:
                return
            os.ftruncate(descriptor, self._length)
        except OSError as error:
            _log.error("%s ends in what was refused, and is left so: %s", self.path, error)
        if not self._length:
            with suppress(OSError):
                self.path.unlink()
        self.close()


def _put(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: Path) -> None:
    """Makes sure that the names of what is in it outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
