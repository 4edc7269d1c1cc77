"""Append-only JSON lines, one writer a file: what the prediction and feedback logs are made of."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bentos.serving.errors import LogUnwritable

_log = logging.getLogger("bentoml.shopkeeper")


class JsonLinesWriter:
    """A new file of JSON lines that only this process writes.

    A line is with the operating system when ``append`` returns, so it survives a kill of the
    process; a line that could not be written whole is taken back.
    """

    def __init__(self, folder: Path) -> None:
        """Names the file after host, process and moment; the first line makes it."""
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{started}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        self.path = folder / name
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._length = 0

    def append(self, lines: Iterable[Any]) -> None:
        """Writes the lines, all or none of them.

        Raises:
            LogUnwritable: the disk is full, or the folder can't be written.
        """
        data = b"".join(
            orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
            for line in lines
        )
        with self._lock:
            try:
                self._write(data)
            except OSError as error:
                self._take_back()
                raise LogUnwritable(
                    f"{self.path} can't be written: {error.strerror}. Nothing was logged, so "
                    "nothing is answered; free space on the disk or mend the folder's permissions."
                ) from error
            self._length += len(data)

    def close(self) -> None:
        """Closes the file, if any line was written."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _write(self, data: bytes) -> None:
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(self.path, flags, 0o644)
        while data:
            data = data[os.write(self._descriptor, data) :]

    def _take_back(self) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, self._length)


class JsonLinesReader:
    """Follows every ``*.jsonl`` of a folder: each call gives the lines added since the last."""

    def __init__(self, folder: Path) -> None:
        """Starts before the first line of every file."""
        self._folder = folder
        self._offsets: dict[str, int] = {}

    def new_lines(self) -> list[Any]:
        """The lines that came, file by file, in order; a torn last line is left for later.

        A damaged line is left out and said: the nightly pull puts it into quarantine.
        """
        lines: list[Any] = []
        for entry in self._grown():
            with Path(entry).open("rb") as file:
                file.seek(self._offsets.get(entry, 0))
                data = file.read()
            complete = data[: data.rfind(b"\n") + 1]
            self._offsets[entry] = self._offsets.get(entry, 0) + len(complete)
            for line in complete.splitlines():
                try:
                    lines.append(orjson.loads(line))
                except orjson.JSONDecodeError as error:
                    _log.error("a line of %s is left out: %s", entry, error)
        return lines

    def _grown(self) -> list[str]:
        try:
            with os.scandir(self._folder) as entries:
                return sorted(
                    entry.path
                    for entry in entries
                    if entry.name.endswith(".jsonl")
                    and entry.stat().st_size > self._offsets.get(entry.path, 0)
                )
        except FileNotFoundError:
            return []
