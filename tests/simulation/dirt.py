"""What goes wrong with logs, on purpose: each bit of it is told in the truth."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from tests.simulation.arrays import Ints, spans

# No line of JSON, each in its way; a reader has to set all of them aside.
_NOISE = (
    b"nonsense",
    b"\xff\xfe\x00\x01",
    b'{"request_id": "r1", "',
    b"{}{}",
    b"Traceback (most recent call last):",
)
_REPEATED_SECONDS = 5.0  # on average until a line is written again


@dataclass(frozen=True)
class Dirt:
    """How much goes wrong."""

    duplicates: float = 0.0  # share of lines that another service writes once more
    noise: float = 0.0  # lines that are no JSON, as a share of the others
    restarts: int = 0  # a day: a process is killed while it writes a line, and another one begins
    old_services: int = 0  # of the last services: they write the log version before
    skewed_services: int = 0  # of the first ones: their clocks are ahead
    skew_seconds: int = 3600


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines on their way to the log, in any order."""

    text: pa.LargeBinaryArray
    written_at: Ints  # [n] microseconds since 1970, by a clock that is right
    service: Ints  # [n] that writes it
    key: pa.StringArray  # [n] of the request or event; null: noise
    kinds: dict[str, Ints] = field(default_factory=dict)  # of dirt: the rows that are of it

    def __len__(self) -> int:
        return len(self.text)

    def take(self, rows: Ints) -> "Lines":
        """Some of them, in the order given."""
        place = np.full(len(self), -1)
        place[rows] = np.arange(len(rows))
        kinds = {kind: place[of_kind] for kind, of_kind in self.kinds.items()}
        return Lines(
            self.text.take(pa.array(rows)),
            self.written_at[rows],
            self.service[rows],
            self.key.take(pa.array(rows)),
            {kind: np.sort(of_kind[of_kind >= 0]) for kind, of_kind in kinds.items()},
        )


def together(parts: list[Lines]) -> Lines:
    """Lines of several kinds or blocks as one."""
    starts = np.cumsum([0, *(len(part) for part in parts)])
    kinds: dict[str, list[Ints]] = {}
    for part, start in zip(parts, starts, strict=False):
        for kind, rows in part.kinds.items():
            kinds.setdefault(kind, []).append(rows + start)
    return Lines(
        pa.concat_arrays([part.text for part in parts]),
        np.concatenate([part.written_at for part in parts]),
        np.concatenate([part.service for part in parts]),
        pa.concat_arrays([part.key for part in parts]),
        {kind: np.concatenate(rows) for kind, rows in kinds.items()},
    )


def dirtied(lines: Lines, dirt: Dirt, services: int, rng: np.random.Generator) -> Lines:
    """The lines with duplicates and noise among them."""
    again = np.flatnonzero(rng.random(len(lines)) < dirt.duplicates)
    copies = lines.take(again)
    later = spans(rng.exponential(_REPEATED_SECONDS, len(again))).astype(np.int64)
    other = rng.integers(1, max(services, 2), len(again))
    copies = Lines(
        copies.text,
        copies.written_at + later,
        (copies.service + other) % services,
        copies.key,
        copies.kinds | {"duplicate": np.arange(len(again))},
    )
    return together([lines, copies, _noise(lines, dirt.noise, rng)])


def _noise(lines: Lines, share: float, rng: np.random.Generator) -> Lines:
    beside = np.flatnonzero(rng.random(len(lines)) < share)
    which = rng.integers(0, len(_NOISE), len(beside))
    text = pa.array([noise + b"\n" for noise in _NOISE], pa.large_binary())
    return Lines(
        text.take(pa.array(which)),
        lines.written_at[beside],
        lines.service[beside],
        pa.nulls(len(beside), pa.string()),
        {"noise": np.arange(len(beside))},
    )
