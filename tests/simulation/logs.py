"""Writes what the platform may see of a world: both logs, in a home as services keep it."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.simulation.answers import LoggedAnswers
from tests.simulation.arrays import Bools, Ints
from tests.simulation.dirt import Dirt, Lines, dirtied, together
from tests.simulation.lines import feedback_lines, served_lines
from tests.simulation.segments import PLACES, SimulatedSegments
from tests.simulation.simulated import Block, Simulated

_CLEAN = Dirt()


class LogWriter:
    """The services' logs of a world, written a day at a time, as they stand when a night comes.

    What happens or arrives later waits for its day; what comes after the last is never written.
    """

    def __init__(
        self, home: Path, simulated: Simulated, dirt: Dirt = _CLEAN, segment_seconds: int = 3600
    ) -> None:
        """Writes to ``serving_logs/<scenario>`` and ``feedback_logs`` of the home."""
        world, scenario = simulated.world, simulated.shop.scenario
        folders = home / "serving_logs" / scenario, home / "feedback_logs"
        self._simulated = simulated
        self._dirt = dirt
        self._served, self._feedback = (
            _Log(SimulatedSegments(folder, segment_seconds, world.rng(2, kind)))
            for kind, folder in enumerate(folders)
        )
        self._restarts: list[tuple[int, int]] = []  # moments and services, of the day

    def write(self, block: Block[LoggedAnswers]) -> pa.Table:
        """Writes what is in the logs by the block's last request.

        Tells where the dirty lines went: ``log`` (served or feedback), and `PLACES`.
        """
        rng = self._simulated.world.rng(block.day.toordinal(), 3, _us(block.asked.at[:1])[0])
        self._served.add(dirtied(self._answered(block), self._dirt, self._services, rng))
        self._feedback.add(dirtied(self._happened(block, rng), self._dirt, self._services, rng))
        return self._flush(int(_us(block.asked.at[-1:])[0]))

    def begin(self, day: date) -> None:
        """Draws when services restart on the day."""
        rng = self._simulated.world.rng(day.toordinal(), 4)
        moments = _midnight(day) + np.sort(rng.integers(0, 86_400_000_000, self._dirt.restarts))
        services = rng.integers(0, self._services, self._dirt.restarts)
        self._restarts = list(zip(moments.tolist(), services.tolist(), strict=True))

    def end(self, day: date, after: timedelta = timedelta(0)) -> pa.Table:
        """Writes what else is in the logs so long after the day's end; tells as ``write`` does."""
        return self._flush(_midnight(day + timedelta(days=1)) + after // timedelta(microseconds=1))

    @property
    def _services(self) -> int:
        return self._simulated.world.services

    def _flush(self, until: int) -> pa.Table:
        places: list[pa.Table] = []
        while self._restarts and self._restarts[0][0] < until:
            moment, service = self._restarts.pop(0)
            places += self._both("write_until", moment) + self._both("kill", service)
        return pa.concat_tables(places + self._both("write_until", until))

    def _both(self, does: str, value: int) -> list[pa.Table]:
        logs = {"served": self._served, "feedback": self._feedback}
        return [_of_log(name, getattr(log, does)(value)) for name, log in logs.items()]

    def _answered(self, block: Block[LoggedAnswers]) -> Lines:
        answers = block.answers
        late = answers.written_at - block.asked.at > np.timedelta64(1, "D")
        ahead, kinds = self._kinds(answers.service, late)
        old = answers.service >= self._services - self._dirt.old_services
        text = served_lines(self._simulated, block, ahead)
        if old.any():
            before = served_lines(self._simulated, block, ahead, before=True)
            text = pa.concat_arrays([text, before]).take(
                pa.array(np.arange(len(old)) + old * len(old))
            )
        return Lines(
            text,
            _us(answers.written_at),
            answers.service,
            pa.array(answers.request_id, pa.string()),
            kinds | {"old_version": np.flatnonzero(old)},
        )

    def _happened(self, block: Block[LoggedAnswers], rng: np.random.Generator) -> Lines:
        events = block.outcomes.events
        service = rng.integers(0, self._services, len(events))
        written = events["written_at"].to_numpy()
        late = written - events["occurred_at"].to_numpy() > np.timedelta64(1, "D")
        ahead, kinds = self._kinds(service, late)
        key = events["event_id"].combine_chunks()
        return Lines(feedback_lines(events, ahead), _us(written), service, key, kinds)

    def _kinds(self, service: Ints, late: Bools) -> tuple[Ints, dict[str, Ints]]:
        """The seconds by which each line's clock is ahead, and which lines are dirty how."""
        skewed = service < self._dirt.skewed_services
        kinds = {"late": np.flatnonzero(late), "skewed": np.flatnonzero(skewed)}
        return skewed * self._dirt.skew_seconds, kinds


class _Log:
    """One of the two, and the lines that are still to come."""

    def __init__(self, segments: SimulatedSegments) -> None:
        self._segments = segments
        self._to_come: list[Lines] = []

    def add(self, lines: Lines) -> None:
        self._to_come.append(lines)

    def write_until(self, moment: int) -> pa.Table:
        """Writes what comes before."""
        if not self._to_come:
            return PLACES.empty_table()
        lines = together(self._to_come)
        due = lines.written_at < moment
        self._to_come = [lines.take(np.flatnonzero(~due))]
        return self._segments.write(lines.take(np.flatnonzero(due)))

    def kill(self, service: int) -> pa.Table:
        """Of the line that comes next only the beginning is written, and all of it later."""
        lines = together(self._to_come)
        theirs = np.flatnonzero(lines.service == service)
        if not len(theirs):
            return PLACES.empty_table()
        first = theirs[np.argmin(lines.written_at[theirs])]
        return self._segments.kill(service, lines.take(np.array([first])))


def _of_log(name: str, places: pa.Table) -> pa.Table:
    return places.add_column(0, "log", pa.repeat(pa.scalar(name), len(places)))


def _midnight(day: date) -> int:
    return int(np.datetime64(day, "us").astype(np.int64))


def _us(at: np.ndarray[tuple[int], np.dtype[np.datetime64]]) -> Ints:
    return at.astype("datetime64[us]").astype(np.int64)
