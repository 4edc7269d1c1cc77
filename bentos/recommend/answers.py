"""What the recommender answers, and logs."""

import asyncio
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from bentos.recommend.ranker import STRANGER, Query, Ranked, RecommendRanker
from bentos.recommend.schema import SCENARIO, RecommendAnswer, RecommendedItem, RecommendRequest
from bentos.serving.core import POLICY, ServiceCore
from bentos.serving.device import best_device
from bentos.serving.feedback import FeedbackAnswer, FeedbackRequest
from bentos.serving.live import InService
from bentos.serving.reading import Reading
from bentos.serving.record import LoggedCandidate, PredictionRecord, Timings
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState

_NOTHING = Ranked([], n_scored=0, degraded=False, features_ms=0.0, score_ms=0.0)


class RecommendAnswers:
    """One champion over one online state; both are swapped while it serves."""

    def __init__(self) -> None:
        """Takes the champion into service."""
        self._core = ServiceCore(SCENARIO, _load)

    async def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """Ranks the whole catalogue for a shopper."""
        began = time.perf_counter()
        serving = self._core.current
        reading = self._core.reading()
        occurred_at = self._core.moment(request.occurred_at)
        with self._core.answering(serving, partial(_unanswered, request, occurred_at, began)):
            query, unknown, ranked = await self._ranked(request, occurred_at, serving, reading)
            said = _said(request, query, ranked, reading.queue_ms, began)
            record = self._core.record(serving, **said)
            answer = _answer(record, unknown)
        return await self._core.logged(record, answer)

    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        return self._core.take(request)

    def close(self) -> None:
        """Closes the logs."""
        self._core.close()

    async def _ranked(
        self,
        request: RecommendRequest,
        occurred_at: datetime,
        serving: InService[RecommendRanker],
        reading: Reading,
    ) -> tuple[Query, list[str], Ranked]:
        return await asyncio.to_thread(self._rank, request, occurred_at, serving, reading)

    def _rank(
        self,
        request: RecommendRequest,
        occurred_at: datetime,
        serving: InService[RecommendRanker],
        reading: Reading,
    ) -> tuple[Query, list[str], Ranked]:
        known, unknown = _split(request.session + request.exclude, serving.state)
        query = self._query(request, occurred_at, serving, known)
        return query, unknown, serving.ranker.rank(query, reading)

    def _query(
        self,
        request: RecommendRequest,
        occurred_at: datetime,
        serving: InService[RecommendRanker],
        known: frozenset[str],
    ) -> Query:
        return Query(
            user_id=request.user_id,
            occurred_at=occurred_at,
            session=tuple(product for product in request.session if product in known),
            exclude=frozenset(request.exclude) & known,
            recent=self._core.recent(request.user_id, serving.state.as_of, occurred_at),
        )


def _load(folder: Path, state: OnlineState, settings: ServingSettings) -> RecommendRanker:
    ranker = RecommendRanker.load(folder, state, best_device(settings.device))
    ranker.rank(Query(STRANGER, state.as_of))  # warms it
    return ranker


def _split(products: list[str], state: OnlineState) -> tuple[frozenset[str], list[str]]:
    known = state.known_products
    asked = dict.fromkeys(products)
    return frozenset(asked) & known, [product for product in asked if product not in known]


def _said(
    request: RecommendRequest, query: Query, ranked: Ranked, queue_ms: float, began: float
) -> dict[str, Any]:
    """What the log holds of this request and its answer."""
    return {
        "occurred_at": query.occurred_at,
        "user_id": request.user_id,
        "session": list(query.session),
        "exclude": sorted(query.exclude),
        "limit": request.limit,
        "context": orjson.dumps(request.context).decode(),
        "policy": POLICY,
        "n_scored": ranked.n_scored,
        "n_read": 0 if ranked.degraded else ranked.n_scored,
        "degraded": ranked.degraded,
        "recent": list(query.recent),
        "candidates": [
            LoggedCandidate(product, rank, score, propensity=1.0)
            for rank, (product, score) in enumerate(ranked.pool, start=1)
        ],
        "timings_ms": Timings(
            retrieve=0.0,
            features=ranked.features_ms,
            queue=queue_ms,
            score=ranked.score_ms,
            total=(time.perf_counter() - began) * 1000,
        ),
    }


def _unanswered(request: RecommendRequest, occurred_at: datetime, began: float) -> dict[str, Any]:
    """What the log holds of a request that came to nothing."""
    products = (tuple(request.session), frozenset(request.exclude))
    return _said(request, Query(request.user_id, occurred_at, *products), _NOTHING, 0.0, began)


def _answer(record: PredictionRecord, unknown: list[str]) -> RecommendAnswer:
    return RecommendAnswer(
        request_id=record.request_id,
        model_tag=record.model_tag,
        variant=record.variant,
        degraded=record.degraded,
        items=[
            RecommendedItem(c.product_id, c.rank, c.score, c.propensity)
            for c in record.candidates[: record.limit]
        ],
        unknown_products=unknown,
    )
