"""Warm warehouses: each stream's weeks without a fault, once, and homes to fork on several days."""

import json
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path

import numpy as np

from tests.benchmarks.figures import say
from tests.benchmarks.incidents.nights import forked, opened
from tests.benchmarks.incidents.streams import STREAMS, Stream

MOST_NIGHTS = 7  # of a fault
MOST_STARTS = 3
_SETTLING = 28  # days that quantities may look back on
_ROOT = Path(__file__).parents[3]
_FOLDERS = ("warehouse", "data_checks", "tests/simulation")
_MODULES = ("inputs", "nights", "real", "simulated", "streams", "warm")


@dataclass(frozen=True)
class Span:
    """How long a stream goes without a fault; fewer days make a trial."""

    warm_days: int = 56  # before anything is judged
    clean_days: int = 42  # that are judged, and faults begin on

    def __post_init__(self) -> None:
        least = MOST_NIGHTS + MOST_STARTS + 1
        if self.warm_days < 7 or self.clean_days < least:
            raise ValueError(
                f"at least 7 warm and {least} clean days were expected; {self.warm_days} and "
                f"{self.clean_days} given"
            )


@dataclass(frozen=True, eq=False)
class Warm:
    """A stream, and its homes."""

    stream: Stream
    folder: Path
    span: Span

    @property
    def judged(self) -> list[date]:
        """The days that are judged."""
        return self._days(self.span.warm_days, self.span.clean_days)

    @property
    def known(self) -> list[date]:
        """The days that quantities are told of."""
        settling = min(_SETTLING, self.span.warm_days // 2)
        return self._days(settling, len(self.all_days) - settling)

    @property
    def all_days(self) -> list[date]:
        """From the first to the last."""
        return self._days(0, self.span.warm_days + self.span.clean_days)

    @property
    def starts(self) -> list[date]:
        """Days that faults begin on."""
        rng = np.random.default_rng(_number(self.stream.name))
        chances = self.judged[1:-MOST_NIGHTS]
        chosen = rng.choice(len(chances), MOST_STARTS, replace=False)
        return [chances[n] for n in chosen.tolist()]

    @property
    def clean(self) -> Path:
        """The home that no fault came into."""
        return self.folder / "clean"

    def before(self, start: date) -> Path:
        """The home as it was on the morning of a day."""
        return self.folder / f"{start}"

    @property
    def stopped(self) -> dict[date, list[str]]:
        """What checks would have stopped nights for that no fault came into."""
        said = json.loads((self.folder / "stopped.json").read_text(encoding="utf-8"))
        return {date.fromisoformat(day): sentences for day, sentences in said.items()}

    def _days(self, after: int, n: int) -> list[date]:
        return [self.stream.first + timedelta(days=after + number) for number in range(n)]


def forget_others(data: Path, span: Span) -> None:
    """Removes the homes that other code made; before any process makes its own."""
    for other in data.glob("*"):
        if other.name != _made_of(span):
            shutil.rmtree(other)


def warm(name: str, data: Path, span: Span) -> Warm:
    """A stream's homes, made where they are not there for this code."""
    folder = data / _made_of(span) / name
    stream = STREAMS[name](folder / "days")
    found = Warm(stream, folder, span)
    if not (folder / "stopped.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _make(found)
    return found


def _make(found: Warm) -> None:
    stream, stopped = found.stream, {}
    stream.make(len(found.all_days))
    for number, day in enumerate(found.all_days, start=1):
        if day in found.starts:
            found.before(day).mkdir()
            forked(found.clean, found.before(day))
        new = stream.inputs(day, stream.scene)
        with opened(found.clean, stream.scenario, new) as home:
            said = home.night(day, home.come(day, new), checked=day in found.known)
        if day in found.judged:
            stopped[f"{day}"] = said
        if number % 7 == 0:
            say(f"{stream.name}: {number} of {len(found.all_days)} nights without a fault")
    (found.folder / "stopped.json").write_text(json.dumps(stopped), encoding="utf-8")


def _made_of(span: Span) -> str:
    """Names the code that makes nights, so that other code makes others."""
    paths = [Path(__file__).with_stem(name) for name in _MODULES]
    for folder in _FOLDERS:
        for suffix in ("py", "sql"):
            paths += sorted((_ROOT / folder).rglob(f"*.{suffix}"))
    digest = blake2b(digest_size=6)
    for path in paths:
        digest.update(path.read_bytes())
    return f"{digest.hexdigest()}-{span.warm_days}-{span.clean_days}"


def _number(text: str) -> int:
    """A number of a text, the same each time."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
