"""Search as the flows see it."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from bentos.encoders.text import TextVectors
from bentos.scenario import MODEL_FOLDER, Progress, TrainingData
from bentos.search.cross_validation import FOLDS, SearchCrossValidation
from bentos.search.index import build_index
from bentos.search.knowledge import FEATURES, Knowledge
from bentos.search.learner import Learner
from bentos.search.parameters import Parameters
from bentos.search.ranker import SearchRanker
from bentos.search.sampling import sampled
from bentos.search.store import TAGGER
from bentos.search.understanding.parameters import TaggerParameters
from bentos.search.understanding.tagger import Tagger
from bentos.search.understanding.training import TooLittleSaid
from bentos.search.understanding.training import train as train_tagger
from bentos.serving.device import best_device
from bentos.serving.state import OnlineState


class SearchScenario:
    """Fine-tunes and loads search models: a tagger of queries and a reranker."""

    name = "search"
    service = "bentos.search.service:Search"
    promotion_weeks = 1
    validation_days = 0  # queries are kept apart, not days
    folds = FOLDS

    def __init__(self, parameters: Parameters, tagger: TaggerParameters) -> None:
        """With the run parameters of the models to come."""
        self.parameters = parameters
        self._tagger = tagger

    def build_index(
        self, products: pa.Table, vectors: TextVectors, folder: Path, progress: Progress
    ) -> Path:
        """See `bentos.scenario.Scenario`."""
        return folder / build_index(products, vectors, folder, progress).version

    def train(self, data: TrainingData, folder: Path, progress: Progress) -> Mapping[str, float]:
        """See `bentos.scenario.Scenario`."""
        model = folder / MODEL_FOLDER
        known = Knowledge.of(data.state)
        products = known.index.products
        tagger, understood = self._train_tagger(known, model / TAGGER, progress)
        judgments = sampled(_of_products(data.judgments, known), self.parameters)
        features = FEATURES if self.parameters.features == "all" else {}
        learner = Learner.fresh(self.parameters, features, best_device())
        ranked = learner.train(
            judgments,
            dict(zip(products["product_id"].to_pylist(), known.texts, strict=True)),
            known.judged_features(tagger, judgments)[:, : len(features)],
            None,
            progress,
        )
        learner.save(model)
        understood = {f"tagger_{name}": value for name, value in understood.items()}
        return ranked | understood | _tolerance(SearchRanker.load(model, data.state, best_device()))

    def cross_validation(
        self, state: OnlineState, judgments: pa.Table, folder: Path, progress: Progress
    ) -> SearchCrossValidation:
        """See `bentos.scenario.LearnsFromJudgments`; the tagger learns from the catalogue alone."""
        known = Knowledge.of(state)
        self._train_tagger(known, folder / TAGGER, progress)
        judged = _of_products(judgments, known)
        return SearchCrossValidation(state, folder, judged, self.parameters)

    def _train_tagger(
        self, known: Knowledge, folder: Path, progress: Progress
    ) -> tuple[Tagger | None, Mapping[str, float]]:
        """The tagger and its figures; none where the catalogue says too little to learn one."""
        try:
            figures = train_tagger(
                known.index.products, known.vocabulary, folder, self._tagger, progress
            )
        except TooLittleSaid:
            return None, {}
        return Tagger.load(folder, known.vocabulary), figures

    def load(self, folder: Path, state: OnlineState, device: str) -> SearchRanker:
        """See `bentos.scenario.Scenario`."""
        return SearchRanker.load(folder, state, device)


def _tolerance(ranker: SearchRanker) -> dict[str, float]:
    """How the way of computing that is the fastest here agrees with fp32."""
    choice = ranker.choice
    way = f"{choice.backend.name}_{choice.backend.precision}"
    return {f"agreement_{way}": choice.agreement, f"tolerance_{way}": choice.tolerance}


def _of_products(judgments: pa.Table | None, known: Knowledge) -> pa.Table:
    """Judgments of products that the catalogue has."""
    if judgments is None:
        raise ValueError("search learns from judged queries; none were given")
    kept = [product in known.row_of for product in judgments["product_id"].to_pylist()]
    return judgments.filter(pa.array(kept, pa.bool_()))


SEARCH = SearchScenario(Parameters(), TaggerParameters())
