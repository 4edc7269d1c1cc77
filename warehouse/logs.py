"""Reading JSON lines where services wrote them: a folder, or any place that fsspec knows.

Lines are told apart, and nothing else is made of them here: a chunk is a table of lines, each with
its file, its number and the byte at which it begins.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

_CHUNK_BYTES = 64 * 1024 * 1024  # no line may be longer
_HEAD_BYTES = 1000  # kept of one that is
_SLICE_LINES = 2048  # what one thread takes at a time
_ASCII = bytes(range(128)) + b"?" * 128


@dataclass(frozen=True)
class Place:
    """How far a file is read: all of its lines before this byte, and how many they are."""

    byte: int = 0
    line: int = 0


@dataclass(frozen=True)
class Piece:
    """Complete lines of one file, from one place to another."""

    batch: str  # the file, relative to its log folder
    start: Place
    end: Place
    lines: pa.LargeStringArray
    begins: np.ndarray  # the byte at which each line begins

    def table(self) -> pa.Table:
        """The lines, in the columns of a chunk."""
        numbers = np.arange(self.start.line, self.end.line)
        return pa.table(
            {
                "batch": pa.repeat(self.batch, len(numbers)),
                "row_number": numbers,
                "byte_offset": self.begins,
                "line": self.lines,
            }
        )


@dataclass(frozen=True)
class Chunk:
    """As many pieces as are taken in together."""

    pieces: tuple[Piece, ...]

    @property
    def n_lines(self) -> int:
        """Of all pieces."""
        return sum(piece.end.line - piece.start.line for piece in self.pieces)

    def table(self) -> pa.Table:
        """``batch, row_number, byte_offset, line``, sliced for threads to share."""
        whole = pa.concat_tables([piece.table() for piece in self.pieces])
        return pa.Table.from_batches(whole.to_batches(max_chunksize=_SLICE_LINES))


def chunks(folder: Path | str, known: Mapping[str, Place]) -> Iterator[Chunk]:
    """The lines that were added to a folder's ``*.jsonl`` since the known places, file by file.

    Folders below are read as well. A torn last line is left for later.
    """
    pieces: list[Piece] = []
    size = 0
    for piece in _new_pieces(folder, known):
        pieces.append(piece)
        size += piece.end.byte - piece.start.byte
        if size >= _CHUNK_BYTES:
            yield Chunk(tuple(pieces))
            pieces, size = [], 0
    if pieces:
        yield Chunk(tuple(pieces))


def _new_pieces(folder: Path | str, known: Mapping[str, Place]) -> Iterator[Piece]:
    files, root = url_to_fs(str(folder))
    files.invalidate_cache()
    root = root.rstrip("/")
    for path, about in sorted(files.find(root, detail=True).items()):
        batch = path[len(root) :].lstrip("/")
        if batch.endswith(".jsonl"):
            reader = _Reader(files, path, batch, about["size"])
            with suppress(FileNotFoundError):  # a segment in which nothing could be written
                yield from reader.pieces(known.get(batch, Place()))


@dataclass(frozen=True)
class _Reader:
    """One file, as long as it was when it was listed."""

    files: AbstractFileSystem
    path: str
    batch: str
    size: int

    def pieces(self, at: Place) -> Iterator[Piece]:
        while at.byte < self.size:
            data = self._read(at.byte)
            complete = data.rfind(b"\n") + 1
            if complete:
                piece = self._piece(at, data, complete)
            elif (length := self._length_of_line(at.byte + len(data))) is not None:
                piece = self._too_long(at, data, len(data) + length)
            else:
                return
            yield piece
            at = piece.end

    def _read(self, start: int) -> bytes:
        end = min(start + _CHUNK_BYTES, self.size)
        data: bytes = self.files.cat_file(self.path, start=start, end=end)
        return data

    def _piece(self, at: Place, data: bytes, complete: int) -> Piece:
        ends = _line_ends(data, complete)
        end = Place(at.byte + complete, at.line + len(ends) - 1)
        return Piece(self.batch, at, end, _strings(data, ends), ends[:-1] + at.byte)

    def _length_of_line(self, start: int) -> int | None:
        """Of the rest of a line of which a chunk was read; None while it is not whole."""
        at = start
        while data := self._read(at) if at < self.size else b"":
            if newline := data.find(b"\n") + 1:
                return at + newline - start
            at += len(data)
        return None

    def _too_long(self, at: Place, data: bytes, length: int) -> Piece:
        head = data[:_HEAD_BYTES].decode("utf-8", errors="replace")
        text = f"{head} … a line of {length} bytes, of which at most {_CHUNK_BYTES} are read"
        end = Place(at.byte + length, at.line + 1)
        lines = pa.array([text], pa.large_string())
        return Piece(self.batch, at, end, lines, np.array([at.byte]))


def _line_ends(data: bytes, complete: int) -> np.ndarray:
    """Where lines begin, and at last where they end: each includes its newline."""
    places = [0]
    find = data.find
    while places[-1] < complete:
        places.append(find(b"\n", places[-1]) + 1)
    return np.array(places, np.int64)


def _strings(data: bytes, ends: np.ndarray) -> pa.LargeStringArray:
    """The lines without a copy of them; what is no UTF-8 is replaced."""
    lines = pa.LargeStringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(data))
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        places = pairwise(ends.tolist())
        readable = b"".join([_readable(data[start:end]) for start, end in places])
        return _strings(readable, _line_ends(readable, len(readable)))
    return lines


def _readable(line: bytes) -> bytes:
    """As UTF-8. What may be a record keeps all else of its text; of line noise question marks say
    as much, and need not be decoded.
    """
    try:
        line.decode()
    except UnicodeDecodeError:
        if line.startswith(b"{"):
            return line.decode("utf-8", errors="replace").encode()
        return line.translate(_ASCII)
    return line
