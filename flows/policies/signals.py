"""Signals: what a night shows that is out of the ordinary, whatever it comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.special import gammainc, gammaincc

QUALITY = (  # metrics of which less is a loss
    *("ctr@10", "click_share", "click_ndcg@10", "click_mrr", "click_precision@10"),
    *("purchase_share", "revenue_per_answer", "ndcg@10", "mrr", "hit_rate@10", "recall@10"),
)
RANKS = ("click_ndcg@10", "click_mrr", "ndcg@10", "mrr")  # of where what is wanted stood
_SPREADS = 6.0  # how many a measure has to leave its usual value by
_LEVEL = 3e-7  # of a test: as five standard errors of a normal distribution


@dataclass(frozen=True)
class Alert:
    """A metric of a model outside of the band that was forecast for the day."""

    metric: str
    segment: str
    model_tag: str
    variant: str
    value: float
    expected: float
    low: float
    high: float
    n: int

    @property
    def fell(self) -> bool:
        """Below the band; else it is above."""
        return self.value < self.low

    @property
    def change(self) -> float:
        """Against what was expected, relative to it."""
        return (self.value - self.expected) / self.expected if self.expected else 0.0


@dataclass(frozen=True)
class Drift:
    """A subject that is distributed otherwise than on the same weekdays of before."""

    subject: str
    psi: float
    jensen_shannon: float
    new_share: float  # of values that the reference does not have
    missing_share: float
    missing_before: float
    effect: float  # that it is estimated to have on the metric


@dataclass(frozen=True)
class MeaningDrift:
    """What people ask for, or choose, means something else than on the same weekdays of before."""

    subject: str
    classifier_area: float  # 1/2 where a classifier can't tell the embeddings apart
    beyond: float  # how much further than usual, as a maximum mean discrepancy


@dataclass(frozen=True)
class Measure:
    """What was measured of a day's data, beside the four weeks before it."""

    measure: str
    part: str
    value: float
    usual: float  # the median of those days; 0 where they had none
    spread: float  # the median distance from it, scaled to a standard deviation
    n: int

    def rises(self, least: float) -> bool:
        """Whether it is above its usual value by at least ``least``, and by more than chance."""
        return self.value - self.usual > max(least, self._of_days) and self._p_value(1) < _LEVEL

    def falls(self, least: float) -> bool:
        """Whether it is below its usual value by at least ``least``, and by more than chance."""
        return self.usual - self.value > max(least, self._of_days) and self._p_value(-1) < _LEVEL

    @property
    def _of_days(self) -> float:
        """What days leave the usual value by."""
        return _SPREADS * self.spread

    def _p_value(self, side: int) -> float:
        """That a count (Poisson) is as far above what is usual (1), or below it (-1)."""
        n = max(self.n, 1)
        count, expected = self.value * n, max(self.usual * n, 1.0)
        return float(gammainc(count, expected) if side > 0 else gammaincc(count + 1, expected))


@dataclass(frozen=True)
class Night:
    """All that a night shows of a scenario's day, and of the shop's events on it."""

    alerts: Sequence[Alert] = ()
    drifts: Sequence[Drift] = ()
    meanings: Sequence[MeaningDrift] = ()
    measures: Sequence[Measure] = ()

    def measured(self, measure: str) -> Iterator[Measure]:
        """What was measured under a name, of each part."""
        return (each for each in self.measures if each.measure == measure)

    def measure(self, measure: str, least: float) -> Measure | None:
        """What was measured under a name, where it has risen."""
        return next((each for each in self.measured(measure) if each.rises(least)), None)

    def moved(self, *metrics: str) -> list[Alert]:
        """The alerts of metrics over all traffic."""
        return [each for each in self.alerts if each.metric in metrics and each.segment == "all"]

    @property
    def losses(self) -> list[Alert]:
        """The alerts of metrics of quality that fell, over all traffic."""
        return [each for each in self.moved(*QUALITY) if each.fell]
