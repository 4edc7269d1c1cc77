"""Our recommender with a constant in its scorer's place, and a home for it to start in."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import bentoml
import pyarrow as pa

from bentos.encoders.choice import UNTRIED
from bentos.recommend.answers import RecommendAnswers
from bentos.recommend.ranker import Query, Ranked
from bentos.recommend.schema import SCENARIO
from bentos.recommend.service import Recommend
from bentos.serving.core import ServiceCore
from bentos.serving.http import SERVED
from bentos.serving.reading import Reading
from bentos.serving.rollout import RolloutRecord, write_rollout
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import WEIGHTS, new_model_folder, save_model
from bentos.serving.turn import Drawn

BENTO = "tests.benchmarks.bare_service:Bare"  # what `bentoml serve` is told
POOL = [(f"product-{n:02}", 1 / (n + 1)) for n in range(50)]


class _Constant:
    """A ranker that has nothing to compute."""

    choice = UNTRIED

    def rank(self, query: Query, reading: Reading) -> Ranked:
        return Ranked(POOL, n_scored=len(POOL), degraded=False, features_ms=0.0, score_ms=0.0)


def _load(folder: Path, state: OnlineState, settings: ServingSettings) -> _Constant:
    return _Constant()


class _BareAnswers(RecommendAnswers):
    """The recommender's answers, made in no thread of their own: nothing is computed."""

    def __init__(self) -> None:
        self._core: Any = ServiceCore(SCENARIO, _load)

    async def _ranked(self, *asked: Any) -> tuple[Query, list[str], Drawn[Any, Ranked]]:
        return self._rank(*asked)


@bentoml.service(name=f"bare_{SCENARIO}", **SERVED)
class Bare(Recommend.inner):  # type: ignore[misc, name-defined]  # bentoml's decorator has no types
    """The recommender: its HTTP, validation, meters and prediction log."""

    def __init__(self) -> None:
        self._answers = _BareAnswers()


def lay_out(home: Path) -> None:
    """A home that the bare service can start in; BENTOML_HOME lies in it."""
    products = pa.table({"product_id": [product for product, _ in POOL]})
    histories = pa.table({"user_id": pa.array([], pa.string())})
    write_state(
        home / "online_state",
        datetime(2024, 3, 15, tzinfo=UTC),
        {"products": products, "histories": histories},
    )
    with new_model_folder() as folder:
        (folder / WEIGHTS).write_bytes(b"")
        tag = save_model(SCENARIO, date(2024, 3, 15), folder, {})
    record = RolloutRecord(
        scenario=SCENARIO, version=1, champion=tag, bento_tag=BENTO, reason="a benchmark"
    )
    write_rollout(home / "rollouts", record)


if __name__ == "__main__":
    lay_out(Path(os.environ["SHOPKEEPER_HOME"]))
