"""A home of ours with Chorus's catalogue and a reranker that reads texts alone, as peers do.

Without features beside the texts its head learns from nothing, and Chorus has few judged queries:
it learns them by heart, so that reading titles is worth something to a ranking of these very ones.
That says nothing of other queries; `shopkeeper evaluate search` measures the product's own.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import torch

from bentos.encoders.text import TextEncoder, TextVectors
from bentos.search.index import build_index
from bentos.search.judged import judged_queries
from bentos.search.learner import Learner
from bentos.search.parameters import Parameters
from bentos.search.reranker import Reranker
from bentos.search.training import fit
from bentos.serving.rollout import RolloutRecord, write_rollout
from bentos.serving.state import write_state
from bentos.serving.store import save_model
from tests.benchmarks.chorus import JudgedTitles, chorus_catalogue, quietly
from tests.benchmarks.figures import say

SCENARIO = "search"
_AS_OF = datetime(2024, 1, 1, tzinfo=UTC)
_PARAMETERS = Parameters(
    features="none",
    trained_layers=2,
    epochs=12,
    queries=4,
    rate=2e-4,
    head_rate=3e-3,
)


def reading_home(home: Path, chorus: Path, requests: list[JudgedTitles]) -> Path:
    """The folder of the reranker that serves in ``home``; made once for the parameters."""
    model = home / "model"
    served = (home / "rollouts" / f"{SCENARIO}.json").exists()
    if not served or Reranker.load(model).parameters != _PARAMETERS:
        say("fine-tunes a reranker that reads texts alone, and builds the index")
        _fine_tune(requests).save(model)
        _put_into_service(home, chorus, model)
    return model


def _fine_tune(requests: list[JudgedTitles]) -> Learner:
    """All epochs, kept whatever they brought."""
    rows = [
        (asked.query, title, gain)
        for asked in requests
        for title, gain in dict(zip(asked.titles, asked.gains, strict=True)).items()
    ]
    queries, titles, gains = (list(column) for column in zip(*rows, strict=True))
    judgments = pa.table({"query_id": queries, "product_id": titles, "gain": gains})
    learner = Learner.fresh(_PARAMETERS, {})
    lists = learner.lists(judged_queries(judgments, {t: t for t in titles}, None))
    torch.manual_seed(_PARAMETERS.seed)
    fit(learner.model, lists, _PARAMETERS, lambda: None)
    return learner


def _put_into_service(home: Path, chorus: Path, model: Path) -> None:
    products = chorus_catalogue(chorus)
    vectors = TextVectors(home / "vectors", TextEncoder())
    index = build_index(products, vectors, home / "indexes", quietly)
    histories = pa.table(
        {"user_id": pa.array([], pa.string()), "product": pa.array([], pa.int32())}
    )
    tables = {"products": products.select(["product_id"]), "histories": histories}
    write_state(home / "online_state", _AS_OF, tables, {SCENARIO: home / "indexes" / index.version})
    tag = save_model(SCENARIO, date(2024, 1, 1), model, {})
    record = RolloutRecord(
        scenario=SCENARIO, version=1, champion=tag, bento_tag="search:bench", reason="measured"
    )
    write_rollout(home / "rollouts", record)
