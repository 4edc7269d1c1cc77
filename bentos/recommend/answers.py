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
from bentos.serving.core import ServiceCore, refuse_unsound
from bentos.serving.device import device_of
from bentos.serving.feedback import FeedbackAnswer, FeedbackRequest
from bentos.serving.reading import Reading
from bentos.serving.record import PredictionRecord, Timings
from bentos.serving.scheduled import Spare
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState
from bentos.serving.turn import Drawn, Turn
from bentos.serving.workers import worker

_Turn = Turn[RecommendRanker]
_Drawn = Drawn[RecommendRanker, Ranked]

_NOTHING = Ranked([], n_scored=0, degraded=False, features_ms=0.0, score_ms=0.0)


class RecommendAnswers:
    """The models of the rollout over one online state; all are swapped while it serves."""

    def __init__(self) -> None:
        """Takes the models into service."""
        self._core = ServiceCore(SCENARIO, _load)

    async def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """Ranks the whole catalogue for a shopper."""
        began = time.perf_counter()
        occurred_at = self._core.moment(request.occurred_at)
        with self._core.turn(request.user_id) as turn:
            reading = self._core.reading()
            unanswered = partial(_unanswered, request, occurred_at, turn, began)
            with self._core.answering(turn, unanswered):
                query, unknown, ranked = await self._ranked(request, occurred_at, turn, reading)
                said = _said(request, query, ranked, reading.queue_ms, began)
                record = self._core.record(ranked.turn, **said)
                answer = _answer(record, unknown)
            again = partial(self._again, request, query)
            return await self._core.logged(turn, record, answer, again)

    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        return self._core.take(request)

    def close(self) -> None:
        """Closes the logs."""
        self._core.close()

    async def _ranked(
        self, request: RecommendRequest, occurred_at: datetime, turn: _Turn, reading: Reading
    ) -> tuple[Query, list[str], _Drawn]:
        return await asyncio.to_thread(self._rank, request, occurred_at, turn, reading)

    def _rank(
        self, request: RecommendRequest, occurred_at: datetime, turn: _Turn, reading: Reading
    ) -> tuple[Query, list[str], _Drawn]:
        known, unknown = _split(request.session + request.exclude, turn.serving.state)
        query = self._query(request, occurred_at, turn.serving.state, known)
        return query, unknown, turn.rank(lambda ranker: ranker.rank(query, reading))

    def _again(
        self, request: RecommendRequest, query: Query, turn: _Turn, reading: Spare
    ) -> PredictionRecord:
        began = time.perf_counter()
        ranked = turn.rank(lambda ranker: ranker.rank(query, reading))
        return self._core.record(turn, **_said(request, query, ranked, reading.queue_ms, began))

    def _query(
        self,
        request: RecommendRequest,
        occurred_at: datetime,
        state: OnlineState,
        known: frozenset[str],
    ) -> Query:
        return Query(
            user_id=request.user_id,
            occurred_at=occurred_at,
            session=tuple(product for product in request.session if product in known),
            exclude=frozenset(request.exclude) & known,
            recent=self._core.recent(request.user_id, state.as_of, occurred_at),
        )


def _load(folder: Path, state: OnlineState, settings: ServingSettings) -> RecommendRanker:
    ranker = RecommendRanker.load(folder, state, device_of(worker(), settings.device))
    refuse_unsound(ranker.rank(Query(STRANGER, state.as_of)).candidates)  # and warms it
    return ranker


def _split(products: list[str], state: OnlineState) -> tuple[frozenset[str], list[str]]:
    known = state.known_products
    asked = dict.fromkeys(products)
    return frozenset(asked) & known, [product for product in asked if product not in known]


def _said(
    request: RecommendRequest, query: Query, ranked: _Drawn, queue_ms: float, began: float
) -> dict[str, Any]:
    """What the log holds of this request and its answer."""
    found = ranked.ranking
    return {
        "occurred_at": query.occurred_at,
        "user_id": request.user_id,
        "session": list(query.session),
        "exclude": sorted(query.exclude),
        "limit": request.limit,
        "context": orjson.dumps(request.context).decode(),
        "policy": ranked.policy,
        "n_scored": found.n_scored,
        "n_read": 0 if found.degraded else found.n_scored,
        "degraded": found.degraded,
        "recent": list(query.recent),
        "candidates": ranked.candidates,
        "timings_ms": Timings(
            retrieve=0.0,
            features=found.features_ms,
            queue=queue_ms,
            score=found.score_ms,
            total=(time.perf_counter() - began) * 1000,
        ),
    }


def _unanswered(
    request: RecommendRequest, occurred_at: datetime, turn: _Turn, began: float
) -> dict[str, Any]:
    """What the log holds of a request that came to nothing."""
    query = Query(request.user_id, occurred_at, tuple(request.session), frozenset(request.exclude))
    return _said(request, query, Drawn(turn, _NOTHING), 0.0, began)


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
