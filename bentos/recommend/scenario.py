"""The recommender as the flows see it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from bentos.encoders.text import TextVectors
from bentos.encoders.vectors import text_matrix
from bentos.recommend.batches import Material
from bentos.recommend.examples import Examples, build_examples
from bentos.recommend.model import BasketModel, Shape
from bentos.recommend.parameters import Parameters
from bentos.recommend.ranker import RecommendRanker
from bentos.recommend.shop import Catalogue, Shop, shop_of
from bentos.recommend.statistics import Statistician
from bentos.recommend.store import Recommender, TextAxes, Vocabulary
from bentos.recommend.training import fit, label_share, standardise
from bentos.scenario import MODEL_FOLDER, Progress, TrainingData
from bentos.serving.device import best_device
from bentos.serving.state import OnlineState


class RecommendScenario:
    """Fine-tunes and loads recommenders."""

    name = "recommend"
    service = "bentos.recommend.service:Recommend"
    validation_days = 7

    def __init__(self, parameters: Parameters) -> None:
        """With the run parameters of the models to come."""
        self.parameters = parameters
        self.promotion_weeks = parameters.weeks + 1

    def build_index(
        self, products: pa.Table, vectors: TextVectors, folder: Path, progress: Progress
    ) -> None:
        """None is needed: the whole catalogue is ranked."""

    def train(self, data: TrainingData, folder: Path, progress: Progress) -> Mapping[str, float]:
        """See `bentos.scenario.Scenario`."""
        torch.manual_seed(self.parameters.seed)
        state, validation = data.state, data.validation
        if validation is None:
            raise ValueError("the recommender stops early by days after its cut; none were given")
        shop = shop_of(state)
        examples = self._examples(shop, progress)
        recommender = self._new_recommender(shop, state, examples)
        for model in recommender.members:
            standardise(model, examples)
        texts, codes = recommender.read(state, shop.catalogue)
        material = Material(examples, texts, codes, label_share(examples, shop.catalogue.size))

        ranker = RecommendRanker(recommender, validation.state, best_device())

        def value() -> float:
            ranker.refresh()
            return validation.measure(ranker)

        figures = fit(recommender.members, material, self.parameters, folder, value, progress)
        recommender.save(folder / MODEL_FOLDER)
        return figures | {"examples": len(examples)}

    def load(self, folder: Path, state: OnlineState, device: str) -> RecommendRanker:
        """See `bentos.scenario.Scenario`."""
        return RecommendRanker.load(folder, state, device)

    def embeddings(
        self, asked: Sequence[str], folder: Path, state: OnlineState
    ) -> NDArray[np.float32]:
        """The vectors of products; see `bentos.scenario.Embeds`."""
        return Recommender.load(folder).product_vectors(state, asked)

    def _examples(self, shop: Shop, progress: Progress) -> Examples:
        """Those of the weeks before the validation week, the newest first."""
        statistician = Statistician(
            shop.catalogue, shop.purchases, shop.promotions, len(shop.stores)
        )
        first = shop.purchases.time.min()
        weeks = [
            week for week in range(2, self.parameters.weeks + 1) if shop.as_of - 7 * week > first
        ]
        known = (statistician.know(shop.as_of - 7 * week, week) for week in weeks)
        return build_examples(
            shop.catalogue, shop.purchases, progress(known, len(weeks)), self.parameters
        )

    def _new_recommender(self, shop: Shop, state: OnlineState, examples: Examples) -> Recommender:
        axes = TextAxes.of(text_matrix(state.tables["texts"]), self.parameters.text_axes)
        vocabulary = _vocabulary(shop.catalogue, shop.purchases.product, self.parameters)
        shape = Shape(
            features=examples.features[0].shape[2],
            statistics=examples.statistics.shape[2],
            text=axes.axes.shape[1],
            products=len(vocabulary.product) + 1,
            types=len(vocabulary.type) + 1,
            makers=len(vocabulary.maker) + 1,
        )
        members = tuple(BasketModel(shape) for _ in range(self.parameters.members))
        return Recommender(members, vocabulary, axes, self.parameters)


def _vocabulary(
    catalogue: Catalogue, bought: np.ndarray[tuple[int], np.dtype[np.int64]], parameters: Parameters
) -> Vocabulary:
    often = np.bincount(bought, minlength=catalogue.size) >= parameters.own_vector_from
    return Vocabulary(
        product=tuple(catalogue.product_id.filter(often).to_pylist()),
        type=tuple(sorted(set(catalogue.names["type"].to_pylist()))),
        maker=tuple(sorted(set(catalogue.names["maker"].to_pylist()))),
    )


RECOMMEND = RecommendScenario(Parameters())
