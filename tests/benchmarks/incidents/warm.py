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

WARM_DAYS = 56  # before anything is judged
CLEAN_DAYS = 42  # that are judged, and faults begin on
MOST_NIGHTS = 7  # of a fault
MOST_STARTS = 3
_ROOT = Path(__file__).parents[3]
_FOLDERS = ("warehouse", "data_checks", "tests/simulation")
_MODULES = ("inputs", "nights", "real", "simulated", "streams", "warm")


@dataclass(frozen=True, eq=False)
class Warm:
    """A stream, and its homes."""

    stream: Stream
    folder: Path

    @property
    def judged(self) -> list[date]:
        """The days that are judged."""
        return _days(self.stream, WARM_DAYS, CLEAN_DAYS)

    @property
    def known(self) -> list[date]:
        """The days that quantities are told of: four weeks of a stream go before them."""
        return _days(self.stream, 28, WARM_DAYS + CLEAN_DAYS - 28)

    @property
    def starts(self) -> list[date]:
        """Days that faults begin on."""
        last = CLEAN_DAYS - MOST_NIGHTS
        rng = np.random.default_rng([_number(self.stream.name)])
        chosen = rng.choice(np.arange(1, last), MOST_STARTS, replace=False)
        return [self.judged[n] for n in chosen.tolist()]

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


def warm(name: str, data: Path) -> Warm:
    """A stream's homes, made where they are not there for this code."""
    made_of = _made_of()
    for other in data.glob("*"):
        if other.name != made_of:
            shutil.rmtree(other)
    folder = data / made_of / name
    stream = STREAMS[name](folder / "days")
    found = Warm(stream, folder)
    if not (folder / "stopped.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _make(found)
    return found


def _make(found: Warm) -> None:
    stream, stopped = found.stream, {}
    days = _days(stream, 0, WARM_DAYS + CLEAN_DAYS)
    stream.make(len(days))
    for number, day in enumerate(days):
        if day in found.starts:
            found.before(day).mkdir()
            forked(found.clean, found.before(day))
        new = stream.inputs(day, stream.scene)
        with opened(found.clean, stream.scenario, new) as home:
            checked = number >= WARM_DAYS
            stopped[f"{day}"] = home.night(day, home.come(day, new), checked=checked)
        if number % 7 == 6:
            say(f"{stream.name}: {number + 1} of {len(days)} nights without a fault")
    (found.folder / "stopped.json").write_text(json.dumps(stopped), encoding="utf-8")


def _days(stream: Stream, after: int, n: int) -> list[date]:
    return [stream.first + timedelta(days=after + number) for number in range(n)]


def _made_of() -> str:
    """Names the code that makes nights, so that other code makes others."""
    paths = [Path(__file__).with_stem(name) for name in _MODULES]
    for folder in _FOLDERS:
        for suffix in ("py", "sql"):
            paths += sorted((_ROOT / folder).rglob(f"*.{suffix}"))
    digest = blake2b(digest_size=6)
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _number(text: str) -> int:
    """A number of a text, the same each time."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
