"""Evaluations at several cuts, a row a ranker and segment: what `shopkeeper evaluate` prints."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flows.evaluate import Result, evaluate_flow
from flows.ingest import ingest_flow
from flows.settings import Settings
from flows.sources import configured_source
from warehouse.evaluation import TUNING_METRIC

OURS = "shopkeeper"


def evaluate_cuts(
    settings: Settings, scenario: str, cuts: Sequence[date] | None
) -> Iterator[dict[str, Any]]:
    """Trains and measures at each cut; ingests first where there is no warehouse yet."""
    if not settings.warehouse.exists():
        ingest_flow()
    for cut in cuts or configured_source(settings).evaluation_cuts:
        yield from rows(evaluate_flow(scenario, cut))


def rows(result: Result) -> Iterator[dict[str, Any]]:
    """One object a ranker and segment; ``low`` and ``high`` bound ndcg@10 at 95%."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for m in result.measured:
        ranker = m.ranker if m.ranker in result.baselines else OURS
        row = found.setdefault(
            (ranker, m.segment),
            {"cut": result.cut.isoformat(), "ranker": ranker, "segment": m.segment, "n": m.n},
        )
        row[m.metric] = m.value
        if m.metric == TUNING_METRIC:
            row |= {"low": m.low, "high": m.high}
    yield from found.values()
