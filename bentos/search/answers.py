"""What search answers, and logs: products found, documents reranked, texts encoded."""

import asyncio
import base64
import time
import uuid
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import orjson

from bentos.search.filters import Filters
from bentos.search.finder import Kept
from bentos.search.ranker import Ranked, SearchQuery, SearchRanker
from bentos.search.schema import (
    SCENARIO,
    Document,
    Embedding,
    EmbeddingAnswer,
    EmbeddingRequest,
    FacetCount,
    FoundItem,
    RerankAnswer,
    RerankRequest,
    RerankResult,
    SearchAnswer,
    SearchFilters,
    SearchRequest,
    Stage,
    Understood,
    Usage,
)
from bentos.serving.core import ServiceCore, refuse_unsound
from bentos.serving.device import device_of
from bentos.serving.errors import Overloaded
from bentos.serving.feedback import FeedbackAnswer, FeedbackRequest
from bentos.serving.reading import Reading
from bentos.serving.record import PredictionRecord, Timings
from bentos.serving.scheduled import Spare
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState
from bentos.serving.turn import Drawn, Turn
from bentos.serving.workers import worker

SORTED = "sorted"  # the policy of an order by price: the score did not decide it
_ENCODER = "all-MiniLM-L6-v2"

_Turn = Turn[SearchRanker]
_Drawn = Drawn[SearchRanker, Ranked]
_NOTHING = Ranked(
    pool=[],
    corrected=None,
    tags=[],
    nearest=False,
    total=0,
    facets={},
    n_scored=0,
    n_read=0,
    degraded=False,
    retrieve_ms=0.0,
    features_ms=0.0,
    score_ms=0.0,
)


class SearchAnswers:
    """The models of the rollout over one catalogue; all are swapped while it serves."""

    def __init__(self) -> None:
        """Takes the models into service."""
        self._core = ServiceCore(SCENARIO, _load)

    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        """Finds products, best first."""
        began = time.perf_counter()
        occurred_at = self._core.moment(request.occurred_at)
        with self._core.turn(request.user_id, request.session_id) as turn:
            reading = self._core.reading()
            unanswered = partial(_unanswered, request, occurred_at, turn, began)
            with self._core.answering(turn, unanswered):
                query, ranked = await asyncio.to_thread(
                    self._rank, request, occurred_at, turn, reading
                )
                said = _said(request, query, ranked, reading.queue_ms, began)
                record = self._core.record(ranked.turn, **said)
                answer = _answer(request, ranked.ranking, record)
            again = partial(self._again, request, query)
            return await self._core.logged(turn, record, answer, again)

    async def rerank(self, request: RerankRequest, /) -> RerankAnswer:
        """Orders documents by how likely they answer the query."""
        model_tag, ranker = self._core.ranker()
        texts = [d if isinstance(d, str) else d.text for d in request.documents]
        reading = self._core.reading()
        reranked = await asyncio.to_thread(ranker.rerank, request.query, texts, reading)
        scores = reranked.scores
        order = np.argsort(-scores, kind="stable")[: request.top_n]
        results = [
            RerankResult(
                index=int(place),
                relevance_score=float(scores[place]),
                document=Document(text=texts[place]) if request.return_documents else None,
            )
            for place in order
        ]
        return RerankAnswer(
            id=str(uuid.uuid4()),
            model=model_tag,
            degraded=reranked.n_read < len(texts),
            results=results,
        )

    async def embed(self, request: EmbeddingRequest, /) -> EmbeddingAnswer:
        """Encodes texts as unit vectors."""
        texts = [request.input] if isinstance(request.input, str) else request.input
        _, ranker = self._core.ranker()
        reading = self._core.reading()
        vectors, n_tokens = await asyncio.to_thread(ranker.embed, texts, reading)
        if len(vectors) < len(texts):
            raise Overloaded(
                f"{len(vectors)} of {len(texts)} texts could be read within the deadline; ask for "
                "fewer at a time, later, or with more time."
            )
        data = [
            Embedding(
                index=place,
                embedding=vector.tolist()
                if request.encoding_format == "float"
                else base64.b64encode(vector.astype("<f4").tobytes()).decode(),
            )
            for place, vector in enumerate(vectors)
        ]
        usage = Usage(prompt_tokens=n_tokens, total_tokens=n_tokens)
        return EmbeddingAnswer(data=data, model=_ENCODER, usage=usage)

    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        return self._core.take(request)

    def close(self) -> None:
        """Closes the logs."""
        self._core.close()

    def _rank(
        self, request: SearchRequest, occurred_at: datetime, turn: _Turn, reading: Reading
    ) -> tuple[SearchQuery, _Drawn]:
        query = self._query(request, occurred_at, turn.serving.state)
        mixes = query.sort == "relevance"
        return query, turn.rank(lambda ranker: ranker.rank(query, reading), mixes=mixes)

    def _again(
        self, request: SearchRequest, query: SearchQuery, turn: _Turn, reading: Spare
    ) -> PredictionRecord:
        began = time.perf_counter()
        ranked = turn.rank(lambda ranker: ranker.rank(query, reading))
        return self._core.record(turn, **_said(request, query, ranked, reading.queue_ms, began))

    def _query(
        self, request: SearchRequest, occurred_at: datetime, state: OnlineState
    ) -> SearchQuery:
        user = request.user_id or ""
        recent = self._core.recent(user, state.as_of, occurred_at) if user else ()
        return SearchQuery(
            text=request.query,
            occurred_at=occurred_at,
            user_id=user,
            filters=_filters(request.filters),
            sort=request.sort,
            facets=tuple(request.facets),
            personalise=request.personalise and bool(user),
            recent=recent,
        )


def _load(folder: Path, state: OnlineState, settings: ServingSettings) -> SearchRanker:
    kept = Kept(settings.cached_queries, settings.cached_searches, settings.cached_rerankings)
    ranker = SearchRanker.load(folder, state, device_of(worker(), settings.device), kept)
    refuse_unsound(ranker.rank(SearchQuery("warm", state.as_of)).candidates)  # and warms it
    return ranker


def _filters(asked: SearchFilters) -> Filters:
    return Filters(
        category=frozenset(asked.category),
        brand=frozenset(asked.brand),
        price_from=asked.price_from,
        price_to=asked.price_to,
        in_stock=asked.in_stock,
        attributes={name: frozenset(values) for name, values in asked.attributes.items()},
    )


def _said(
    request: SearchRequest, query: SearchQuery, ranked: _Drawn, queue_ms: float, began: float
) -> dict[str, Any]:
    """What the log holds of this request and its answer."""
    asked = request.model_dump(include={"filters", "sort", "facets", "personalise", "session_id"})
    found = ranked.ranking
    understood = {
        "corrected_query": found.corrected,
        "nearest": found.nearest,
        "tags": [{"kind": tag.kind, "text": tag.text, "value": tag.value} for tag in found.tags],
    }
    return {
        "occurred_at": query.occurred_at,
        "user_id": query.user_id,
        "session": [],
        "exclude": [],
        "limit": request.limit,
        "context": orjson.dumps(request.context).decode(),
        "policy": ranked.policy if query.sort == "relevance" else SORTED,
        "n_scored": found.n_scored,
        "n_read": found.n_read,
        "degraded": found.degraded,
        "recent": list(query.recent),
        "candidates": ranked.candidates,
        "timings_ms": Timings(
            retrieve=found.retrieve_ms,
            features=found.features_ms,
            queue=queue_ms,
            score=found.score_ms,
            total=(time.perf_counter() - began) * 1000,
        ),
        "query": request.query,
        "offset": request.offset,
        "asked": orjson.dumps(asked).decode(),
        "understood": orjson.dumps(understood).decode(),
    }


def _unanswered(
    request: SearchRequest, occurred_at: datetime, turn: _Turn, began: float
) -> dict[str, Any]:
    """What the log holds of a request that came to nothing."""
    query = SearchQuery(request.query, occurred_at, request.user_id or "", sort=request.sort)
    return _said(request, query, Drawn(turn, _NOTHING), 0.0, began)


def _answer(request: SearchRequest, ranked: Ranked, record: PredictionRecord) -> SearchAnswer:
    page = record.candidates[request.offset : request.offset + request.limit]
    return SearchAnswer(
        request_id=record.request_id,
        model_tag=record.model_tag,
        variant=record.variant,
        degraded=record.degraded,
        corrected_query=ranked.corrected,
        understood=[
            Understood(
                kind=tag.kind,
                text=tag.text,
                start=tag.start,
                end=tag.end,
                value=tag.value,
                confidence=tag.confidence,
            )
            for tag in ranked.tags
        ],
        nearest=ranked.nearest,
        total=ranked.total,
        facets={
            name: [FacetCount(value=v.value, count=v.count) for v in values]
            for name, values in ranked.facets.items()
        },
        items=[
            FoundItem(c.product_id, c.rank, c.score, c.propensity, cast("Stage", c.stage))
            for c in page
        ],
    )
