"""A world on disk: what the platform may see in one folder, the truth in another."""

from datetime import date, timedelta
from pathlib import Path

from tests.simulation.answers import Answering, LoggedAnswers
from tests.simulation.dirt import Dirt
from tests.simulation.logs import LogWriter
from tests.simulation.simulated import Simulated
from tests.simulation.truth import TruthOfDay, write_figures


class WorldWriter:
    """Writes a world day by day, in their order; between two days a night may read the logs."""

    def __init__(
        self,
        simulated: Simulated,
        home: Path,
        truth: Path,
        dirt: Dirt = Dirt(),  # noqa: B008 (frozen)
        segment_seconds: int = 3600,
        services: Answering[LoggedAnswers] | None = None,
        read_after: timedelta = timedelta(0),
    ) -> None:
        """``home`` is where services keep their logs, as in ``SHOPKEEPER_HOME``.

        ``services`` answer in place of the world's own models. A day's logs are read so long after
        its midnight.
        """
        home, truth = home.resolve(), truth.resolve()
        if home == truth or home in truth.parents:
            raise ValueError(
                f"the truth would lie in {home}, where the platform may see it; give it a folder "
                "of its own beside the home"
            )
        write_figures(truth, simulated)
        self._simulated = simulated
        self._truth = truth
        self._logs = LogWriter(home, simulated, dirt, segment_seconds)
        self._services = services or simulated.own_services()
        self._read_after = read_after

    def write_day(self, day: date) -> int:
        """Writes what is in the logs when they are read; returns how many requests came on it."""
        n = 0
        self._logs.begin(day)
        with TruthOfDay(self._truth, self._simulated, day) as truth:
            for block in self._simulated.blocks(day, self._services):
                truth.add(block)
                truth.add_lines(self._logs.write(block))
                n += len(block.asked)
            truth.add_lines(self._logs.end(day, self._read_after))
        return n
