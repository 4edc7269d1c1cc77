"""Fine-tuning as the flows see it, apart: it brings transformers, which nights do without."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from bentos.scenario import MODEL_FOLDER, Progress, TrainingData
from bentos.search.cross_validation import SearchCrossValidation
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


def train(
    parameters: Parameters,
    tagger_parameters: TaggerParameters,
    data: TrainingData,
    folder: Path,
    progress: Progress,
) -> Mapping[str, float]:
    """Fine-tunes a tagger of queries and a reranker, and saves them; returns their figures."""
    model = folder / MODEL_FOLDER
    known = Knowledge.of(data.state)
    products = known.index.products
    tagger, understood = _train_tagger(known, model / TAGGER, tagger_parameters, progress)
    judgments = sampled(_of_products(data.judgments, known), parameters)
    features = FEATURES if parameters.features == "all" else {}
    learner = Learner.fresh(parameters, features, best_device())
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
    parameters: Parameters,
    tagger_parameters: TaggerParameters,
    state: OnlineState,
    judgments: pa.Table,
    folder: Path,
    progress: Progress,
) -> SearchCrossValidation:
    """Prepares a cross-validation; the tagger learns from the catalogue alone."""
    known = Knowledge.of(state)
    _train_tagger(known, folder / TAGGER, tagger_parameters, progress)
    return SearchCrossValidation(state, folder, _of_products(judgments, known), parameters)


def _train_tagger(
    known: Knowledge, folder: Path, parameters: TaggerParameters, progress: Progress
) -> tuple[Tagger | None, Mapping[str, float]]:
    """The tagger and its figures; none where the catalogue says too little to learn one."""
    try:
        figures = train_tagger(known.index.products, known.vocabulary, folder, parameters, progress)
    except TooLittleSaid:
        return None, {}
    return Tagger.load(folder, known.vocabulary), figures


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
