"""The figures of a benchmark of rankings: each system's quality and time, and what we gain."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from tests.benchmarks.exchange import Ranking
from tests.benchmarks.figures import FLOOR, Figure
from warehouse.evaluation import TUNING_METRIC, Measured
from warehouse.intervals import Difference, paired_difference

if TYPE_CHECKING:
    from flows.evaluate import Result

OURS = "shopkeeper"
WHOLE = "all"  # the segment that the figures are of; the rows have the others


@dataclass(frozen=True)
class Measurement:
    """What was measured at a cut."""

    result: "Result"
    baselines: Sequence[str]
    rankings: Mapping[str, Ranking]

    @property
    def cut(self) -> str:
        """The day before which everything was learnt."""
        return self.result.cut.isoformat()

    @property
    def quality(self) -> dict[str, Measured]:
        """The headline metric of every ranker."""
        return {
            m.ranker: m
            for m in self.result.measured
            if m.metric == TUNING_METRIC and m.segment == WHOLE
        }

    @property
    def best_baseline(self) -> str:
        """The best of what costs nothing."""
        return self._best(self.baselines)

    @property
    def best_rival(self) -> str:
        """The best of all that is not ours."""
        return self._best([name for name in self.quality if name != OURS])

    def gain(self) -> Difference:
        """Ours minus the best rival's, paired by query."""
        ours, theirs = (
            self.result.per_query[WHOLE, TUNING_METRIC, name] for name in (OURS, self.best_rival)
        )
        return paired_difference(ours, theirs)

    def _best(self, names: Sequence[str]) -> str:
        return max(names, key=lambda name: self.quality[name].value)


def figures(bench: str, measurements: Sequence[Measurement]) -> Iterator[Figure]:
    """The figures of each cut, and at the end what was gained over all of them."""
    for measurement in measurements:
        yield from _quality(bench, measurement)
        yield from _seconds(bench, measurement)
        if OURS in measurement.rankings:
            yield _gain(bench, measurement)
    ours = [measurement for measurement in measurements if OURS in measurement.rankings]
    if ours:
        yield _mean_relative_gain(bench, ours)


def _quality(bench: str, measurement: Measurement) -> Iterator[Figure]:
    for name in [*measurement.rankings, measurement.best_baseline]:
        found = measurement.quality[name]
        settings: dict[str, Any] = {"cut": measurement.cut, "low": found.low, "high": found.high}
        if name in measurement.rankings:
            settings |= measurement.rankings[name].settings
            yield Figure(bench, name, TUNING_METRIC, found.value, "ndcg", found.n, settings)
        else:
            settings |= {"ranker": name}
            yield Figure(bench, FLOOR, TUNING_METRIC, found.value, "ndcg", found.n, settings)


def _seconds(bench: str, measurement: Measurement) -> Iterator[Figure]:
    for name, ranking in measurement.rankings.items():
        n = measurement.quality[name].n
        for step, seconds in ranking.seconds.items():
            settings = {"cut": measurement.cut}
            yield Figure(bench, name, f"{step}_seconds", seconds, "s", n, settings)


def _gain(bench: str, measurement: Measurement) -> Figure:
    difference = measurement.gain()
    settings = {
        "cut": measurement.cut,
        "rival": measurement.best_rival,
        "low": difference.low,
        "high": difference.high,
    }
    metric = f"{TUNING_METRIC}_gain"
    return Figure(bench, OURS, metric, difference.mean, "ndcg", difference.n, settings)


def _mean_relative_gain(bench: str, measurements: Sequence[Measurement]) -> Figure:
    gains = {
        measurement.cut: measurement.gain().mean / measurement.quality[measurement.best_rival].value
        for measurement in measurements
    }
    metric = f"mean_relative_{TUNING_METRIC}_gain"
    return Figure(bench, OURS, metric, fmean(gains.values()), "share", len(gains), gains)
