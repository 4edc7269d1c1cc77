"""HTTP: ``POST /recommend`` answers with products, ``POST /feedback`` takes what became of them."""

import asyncio
import time
from pathlib import Path
from typing import Any

import bentoml
import orjson

from bentos.recommend.ranker import STRANGER, Query, Ranked, RecommendRanker
from bentos.recommend.schema import RecommendAnswer, RecommendedItem, RecommendRequest
from bentos.serving.core import POLICY, SERVED, ServiceCore
from bentos.serving.device import device_of
from bentos.serving.feedback import FeedbackAnswer, FeedbackRequest
from bentos.serving.image import serving_image
from bentos.serving.live import InService
from bentos.serving.reading import Reading
from bentos.serving.record import LoggedCandidate, PredictionRecord, Timings
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState
from bentos.serving.workers import worker

SCENARIO = "recommend"


@bentoml.service(
    name=SCENARIO,
    image=serving_image(),
    **SERVED,
)
class Recommend:
    """One champion over one online state; both are swapped while it serves."""

    def __init__(self) -> None:
        """Takes the champion into service."""
        self._core = ServiceCore(SCENARIO, _load)

    @bentoml.api(route="/recommend")
    async def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """Ranks the whole catalogue for a shopper."""
        began = time.perf_counter()
        serving = self._core.current
        reading = self._core.reading()
        query, unknown, ranked = await self._ranked(request, serving, reading)
        said = _said(request, query, ranked, reading.queue_ms, began)
        record = self._core.record(serving, **said)
        return await self._core.logged(record, _answer(record, unknown))

    @bentoml.api(route="/feedback")
    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        return self._core.take(request)

    @bentoml.on_shutdown
    def close(self) -> None:
        """Closes the logs."""
        self._core.close()

    async def _ranked(
        self, request: RecommendRequest, serving: InService[RecommendRanker], reading: Reading
    ) -> tuple[Query, list[str], Ranked]:
        return await asyncio.to_thread(self._rank, request, serving, reading)

    def _rank(
        self, request: RecommendRequest, serving: InService[RecommendRanker], reading: Reading
    ) -> tuple[Query, list[str], Ranked]:
        known, unknown = _split(request.session + request.exclude, serving.state)
        query = self._query(request, serving, known)
        return query, unknown, serving.ranker.rank(query, reading)

    def _query(
        self,
        request: RecommendRequest,
        serving: InService[RecommendRanker],
        known: frozenset[str],
    ) -> Query:
        occurred_at = self._core.moment(request.occurred_at)
        return Query(
            user_id=request.user_id,
            occurred_at=occurred_at,
            session=tuple(product for product in request.session if product in known),
            exclude=frozenset(request.exclude) & known,
            recent=self._core.recent(request.user_id, serving.state.as_of, occurred_at),
        )


def _load(folder: Path, state: OnlineState, settings: ServingSettings) -> RecommendRanker:
    ranker = RecommendRanker.load(folder, state, device_of(worker(), settings.device))
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
