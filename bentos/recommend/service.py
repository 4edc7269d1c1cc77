"""HTTP: ``POST /recommend`` answers with products, ``POST /feedback`` takes what became of them."""

import time
import uuid
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import bentoml
import orjson
import torch
from bentoml.exceptions import InvalidArgument
from prometheus_client import Counter, Gauge

from bentos.recommend.ranker import STRANGER, Query, Ranked, RecommendRanker
from bentos.recommend.schema import RecommendAnswer, RecommendedItem, RecommendRequest
from bentos.serving.device import best_device
from bentos.serving.errors import LogUnwritable
from bentos.serving.feedback import FeedbackAnswer, FeedbackLog, FeedbackRequest, check_events
from bentos.serving.image import serving_image
from bentos.serving.jsonl import JsonLinesWriter
from bentos.serving.live import InService, Live
from bentos.serving.record import LoggedCandidate, LoggedEvent, PredictionRecord, Timings
from bentos.serving.refusals import not_logged
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState

SCENARIO = "recommend"
POLICY = "greedy"  # the best scores, in their order: every propensity is 1

_CHAMPION = Gauge("shopkeeper_champion", "1 for the model that serves.", ["scenario", "model_tag"])
_REQUESTS = Counter("shopkeeper_requests_total", "Rankings answered.", ["scenario", "model_tag"])
_EVENTS = Counter("shopkeeper_feedback_events_total", "Feedback events.", ["outcome"])


_LOGGED = {field.name for field in fields(LoggedEvent)}


@bentoml.service(
    name=SCENARIO,
    image=serving_image(),
    traffic={"timeout": 10},
    workers=1,
    threads=4,
    logging={"access": {"enabled": False}},
)
class Recommend:
    """One champion over one online state; both are swapped while it serves."""

    def __init__(self) -> None:
        """Reads the settings and takes the champion into service."""
        self._settings = ServingSettings()
        self._champion = ""
        torch.set_num_threads(1)  # a request is small: threads would only wait for each other
        self._log = JsonLinesWriter(self._settings.serving_logs(SCENARIO))
        self._feedback = FeedbackLog(self._settings.feedback_logs)
        self._live = Live(SCENARIO, self._settings, self._load, self._swapped)

    @bentoml.api(route="/recommend")
    def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """Ranks the whole catalogue for a shopper."""
        began = time.perf_counter()
        serving = self._live.current
        known, unknown = _split(request.session + request.exclude, serving.state)
        query = self._query(request, serving, known)
        ranked = serving.ranker.rank(query)
        record = _record(request, query, ranked, serving, began)
        try:
            self._log.append([record])
        except LogUnwritable as error:
            return not_logged(error, RecommendAnswer)
        _REQUESTS.labels(SCENARIO, serving.record.champion).inc()
        return _answer(record, unknown)

    @bentoml.api(route="/feedback")
    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        now = None if self._settings.allow_replay else datetime.now(UTC)
        good, refused = check_events(request.events, self._live.current.state.known_products, now)
        try:
            accepted = self._feedback.append(good)
        except LogUnwritable as error:
            return not_logged(error, FeedbackAnswer)
        duplicates = len(good) - accepted
        for outcome, count in (
            ("accepted", accepted),
            ("duplicate", duplicates),
            ("refused", len(refused)),
        ):
            _EVENTS.labels(outcome).inc(count)
        return FeedbackAnswer(accepted=accepted, duplicates=duplicates, refused=refused)

    @bentoml.on_shutdown
    def close(self) -> None:
        """Closes the logs."""
        self._live.close()
        self._log.close()
        self._feedback.close()

    def _load(self, folder: Path, state: OnlineState) -> RecommendRanker:
        ranker = RecommendRanker.load(folder, state, best_device(self._settings.device))
        ranker.rank(Query(STRANGER, state.as_of))  # warms it
        return ranker

    def _swapped(self, serving: InService[RecommendRanker]) -> None:
        self._feedback.forget_before(serving.state.as_of)
        if self._champion:
            _CHAMPION.labels(SCENARIO, self._champion).set(0)
        self._champion = serving.record.champion
        _CHAMPION.labels(SCENARIO, self._champion).set(1)

    def _query(
        self,
        request: RecommendRequest,
        serving: InService[RecommendRanker],
        known: frozenset[str],
    ) -> Query:
        if request.occurred_at is not None and not self._settings.allow_replay:
            raise InvalidArgument(
                "occurred_at: is taken only where SHOPKEEPER_ALLOW_REPLAY is on; leave it out"
            )
        occurred_at = request.occurred_at or datetime.now(UTC)
        recent = self._feedback.of_user(request.user_id, serving.state.as_of, occurred_at)
        return Query(
            user_id=request.user_id,
            occurred_at=occurred_at,
            session=tuple(product for product in request.session if product in known),
            exclude=frozenset(request.exclude) & known,
            recent=tuple(LoggedEvent(**e.model_dump(include=_LOGGED)) for e in recent),
        )


def _split(products: list[str], state: OnlineState) -> tuple[frozenset[str], list[str]]:
    known = state.known_products
    asked = dict.fromkeys(products)
    return frozenset(asked) & known, [product for product in asked if product not in known]


def _record(
    request: RecommendRequest,
    query: Query,
    ranked: Ranked,
    serving: InService[RecommendRanker],
    began: float,
) -> PredictionRecord:
    return PredictionRecord(
        request_id=str(uuid.uuid4()),
        scenario=SCENARIO,
        occurred_at=query.occurred_at,
        logged_at=datetime.now(UTC),
        user_id=request.user_id,
        session=list(query.session),
        exclude=sorted(query.exclude),
        limit=request.limit,
        context=orjson.dumps(request.context).decode(),
        model_tag=serving.record.champion,
        bento_tag=serving.record.bento_tag,
        variant="champion",
        policy=POLICY,
        state_version=serving.state.version,
        backend=serving.ranker.backend,
        precision=serving.ranker.precision,
        n_scored=ranked.n_scored,
        degraded=False,
        recent=list(query.recent),
        candidates=[
            LoggedCandidate(product, rank, score, propensity=1.0)
            for rank, (product, score) in enumerate(ranked.pool, start=1)
        ],
        timings_ms=Timings(
            features=ranked.features_ms,
            score=ranked.score_ms,
            total=(time.perf_counter() - began) * 1000,
        ),
    )


def _answer(record: PredictionRecord, unknown: list[str]) -> RecommendAnswer:
    return RecommendAnswer(
        request_id=record.request_id,
        model_tag=record.model_tag,
        variant=record.variant,
        degraded=record.degraded,
        items=[
            RecommendedItem(
                product_id=c.product_id, rank=c.rank, score=c.score, propensity=c.propensity
            )
            for c in record.candidates[: record.limit]
        ],
        unknown_products=unknown,
    )
