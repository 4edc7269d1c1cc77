"""Where a simulated log's lines lie: the segments of several services, as theirs would be.

Like those of `bentos.serving.segments` they are named after moment, host, process and number; a
closed one can't be written any more, and the one that is open when its process is killed ends
within a line.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.simulation.arrays import Ints
from tests.simulation.dirt import Lines

_CLOSED = 0o444
PLACES = pa.schema(
    [
        ("file", pa.string()),
        ("row_number", pa.int64()),  # from 0
        ("offset", pa.int64()),  # bytes of the file before it
        ("kind", pa.string()),  # of dirt
        ("key", pa.string()),  # of its request or event; null: noise
        ("written_at", pa.timestamp("us")),
    ]
)


@dataclass
class _Segment:
    """The one that a process writes to."""

    process: str
    number: int
    window: int
    path: Path
    lines: int = 0
    size: int = 0


class SimulatedSegments:
    """The segments of a log, all services' in one folder."""

    def __init__(self, folder: Path, seconds: int, rng: np.random.Generator) -> None:
        """Segments are closed after so many seconds, and on the hour where those divide one."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._window = seconds * 1_000_000
        self._rng = rng
        self._open: dict[int, _Segment] = {}

    def write(self, lines: Lines) -> pa.Table:
        """Appends lines in the order of time, and tells in ``PLACES`` where dirty ones went."""
        lines = lines.take(np.lexsort((lines.written_at, lines.service)))
        window = lines.written_at // self._window
        change = (np.diff(lines.service) != 0) | (np.diff(window) != 0)
        cuts = [0, *(np.flatnonzero(change) + 1).tolist(), len(lines)]
        text, ends = _bytes(lines.text)
        files, rows, offsets = _places(len(lines))
        for start, end in pairwise(cuts):
            if start < end:
                service, moment = int(lines.service[start]), int(lines.written_at[start])
                segment = self._segment(service, moment, int(window[start]))
                files[start:end] = segment.path.name
                rows[start:end] = segment.lines + np.arange(end - start)
                offsets[start:end] = segment.size + ends[start:end] - ends[start]
                _append(segment, text[ends[start] : ends[end]], end - start)
        parts = [
            _table(files[of], rows[of], offsets[of], kind, lines.take(of))
            for kind, of in lines.kinds.items()
        ]
        return pa.concat_tables([PLACES.empty_table(), *parts])

    def kill(self, service: int, line: Lines) -> pa.Table:
        """The process is killed while it writes a line; the service's next line is another's."""
        segment = self._open.pop(service, None)
        if segment is None:
            return PLACES.empty_table()
        whole, _ = _bytes(line.text)
        files, rows, offsets = _places(1)
        files[:], rows[:], offsets[:] = segment.path.name, segment.lines, segment.size
        _append(segment, whole[: len(whole) // 2], 0)
        return _table(files, rows, offsets, "torn", line)

    def _segment(self, service: int, moment: int, window: int) -> _Segment:
        last = self._open.get(service)
        if last is not None and last.window == window:
            return last
        if last is not None:
            last.path.chmod(_CLOSED)
        process = self._process(service, moment) if last is None else last.process
        number = 0 if last is None else last.number + 1
        path = self._folder / f"{process}-{number:06}.jsonl"
        self._open[service] = _Segment(process, number, window, path)
        return self._open[service]

    def _process(self, service: int, moment: int) -> str:
        began = np.datetime64(moment, "us").item()
        pid, token = self._rng.integers(100, 30_000), self._rng.integers(0, 2**32)
        return f"{began:%Y%m%dT%H%M%S}-simulated-{service}-{pid}-{token:08x}"


def _bytes(text: pa.LargeBinaryArray) -> tuple[memoryview, Ints]:
    """All lines' bytes, and where each begins and the last ends; nothing but these lines."""
    _, offsets, data = text.take(pa.array(np.arange(len(text)))).buffers()
    return memoryview(data or b""), np.frombuffer(offsets, np.int64, len(text) + 1)


def _places(n: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.object_]], Ints, Ints]:
    return np.empty(n, object), np.empty(n, np.int64), np.empty(n, np.int64)


def _append(segment: _Segment, data: memoryview, lines: int) -> None:
    with segment.path.open("ab") as file:
        file.write(data)
    segment.lines += lines
    segment.size += len(data)


def _table(
    files: np.ndarray[tuple[int], np.dtype[np.object_]],
    rows: Ints,
    offsets: Ints,
    kind: str,
    lines: Lines,
) -> pa.Table:
    columns = [
        pa.array(files, pa.string()),
        pa.array(rows),
        pa.array(offsets),
        pa.repeat(pa.scalar(kind), len(rows)),
        lines.key,
        pa.array(lines.written_at).cast(pa.timestamp("us")),
    ]
    return pa.table(columns, schema=PLACES)
