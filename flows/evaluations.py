"""What `shopkeeper evaluate` prints: a row a ranker and segment."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from bentos.registry import learns_from_judgments
from flows import cross_validate
from flows.cross_validate import Reranked, Retrieved, cross_validate_flow
from flows.evaluate import Result, evaluate_flow
from flows.ingest import ingest_flow
from flows.settings import Settings
from flows.sources import configured_source
from warehouse.evaluation import TUNING_METRIC, Measured
from warehouse.intervals import Difference, paired_difference

OURS = "shopkeeper"
BASE = "dense"  # what reranked pools are held against: the text encoder as it comes
FOUND = ("recall@50", "recall@100")
PARTS = ("lexical", "dense")  # of what is fused

Row = dict[str, Any]


def evaluations(settings: Settings, scenario: str, cuts: Sequence[date]) -> Iterator[Row]:
    """Trains and measures; ingests first where there is no warehouse yet.

    At each cut (by default the source's), or on the judged queries, from which ``cuts`` keep off.
    """
    if not settings.warehouse.exists():
        ingest_flow()
    if learns_from_judgments(scenario):
        yield from cross_validated_rows(cross_validate_flow(scenario))
        return
    for cut in cuts or configured_source(settings).evaluation_cuts:
        yield from rows(evaluate_flow(scenario, cut))


def rows(result: Result) -> Iterator[Row]:
    """One object a ranker and segment; ``low`` and ``high`` bound ndcg@10 at 95%."""
    found: dict[tuple[str, str], Row] = {}
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


def cross_validated_rows(result: cross_validate.Result) -> Iterator[Row]:
    """The judged products reranked, then what is found in the whole catalogue."""
    yield from _reranked(result.reranked)
    yield from _retrieved(result.retrieved)


def _reranked(found: Reranked) -> Iterator[Row]:
    """``low`` and ``high`` bound ndcg@10; ``over_dense`` is the paired difference in it."""
    for row in _by_ranker("rerank", found.measured, TUNING_METRIC):
        ranker, segment = row["ranker"], row["segment"]
        if seeds := found.seeds.get((ranker, segment)):
            row["seeds"] = list(seeds)
        if ranker != BASE:
            values = found.per_query
            key, base = (segment, TUNING_METRIC, ranker), (segment, TUNING_METRIC, BASE)
            row[f"over_{BASE}"] = _bounds(paired_difference(values[key], values[base]))
        yield row


def _retrieved(found: Retrieved) -> Iterator[Row]:
    """``low`` and ``high`` bound recall@100; what is fused is held against its parts."""
    for row in _by_ranker("retrieve", found.measured, FOUND[-1]):
        if row["ranker"] == "fused":
            for part in PARTS:
                row[f"over_{part}"] = {
                    metric: _bounds(
                        paired_difference(
                            found.per_query["all", metric, "fused"],
                            found.per_query["all", metric, part],
                        )
                    )
                    for metric in FOUND
                }
        yield row


def _by_ranker(task: str, measured: Sequence[Measured], bounded: str) -> Iterator[Row]:
    found: dict[tuple[str, str], Row] = {}
    for m in measured:
        row = found.setdefault(
            (m.ranker, m.segment),
            {"ranker": m.ranker, "segment": m.segment, "task": task, "n": m.n},
        )
        row[m.metric] = m.value
        if m.metric == bounded:
            row |= {"low": m.low, "high": m.high}
    yield from found.values()


def _bounds(difference: Difference) -> dict[str, float]:
    return {name: asdict(difference)[name] for name in ("mean", "low", "high")}
