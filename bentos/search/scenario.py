"""Search as the flows see it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.encoders.text import TextEncoder, TextVectors
from bentos.scenario import CrossValidation, Progress, TrainingData
from bentos.search.index import build_index
from bentos.search.parameters import FOLDS, Parameters
from bentos.search.ranker import SearchRanker
from bentos.search.understanding.parameters import TaggerParameters
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
        from bentos.search import fine_tuning

        return fine_tuning.train(self.parameters, self._tagger, data, folder, progress)

    def cross_validation(
        self, state: OnlineState, judgments: pa.Table, folder: Path, progress: Progress
    ) -> CrossValidation:
        """See `bentos.scenario.LearnsFromJudgments`."""
        from bentos.search import fine_tuning

        return fine_tuning.cross_validation(
            self.parameters, self._tagger, state, judgments, folder, progress
        )

    def load(self, folder: Path, state: OnlineState, device: str) -> SearchRanker:
        """See `bentos.scenario.Scenario`."""
        return SearchRanker.load(folder, state, device)

    def embeddings(
        self,
        asked: Sequence[str],
        folder: Path,  # noqa: ARG002 (all models find with one encoder of queries)
        state: OnlineState,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """The vectors of queries, in fp32; see `bentos.scenario.Embeds`."""
        encoder = TextEncoder()
        return encoder.read(encoder.rows(asked))


SEARCH = SearchScenario(Parameters(), TaggerParameters())
