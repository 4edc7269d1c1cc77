"""Fine-tunes the reranker: a cross-encoder, the features beside it, and its calibration."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from transformers import BertModel

from bentos.encoders.trainable import minilm
from bentos.encoders.weights import WEIGHTS, BertWeights, minilm_folder
from bentos.fitting import repeatable
from bentos.scenario import Progress
from bentos.search.calibrating import expected_calibration_error, fit_calibration
from bentos.search.calibration import UNCALIBRATED
from bentos.search.judged import JudgedQuery, judged_queries, query_folds
from bentos.search.model import CrossEncoder
from bentos.search.pairs import PairReader
from bentos.search.parameters import Parameters
from bentos.search.reranker import DESCRIPTION, ENCODER, Floats, Reranker
from bentos.search.training import HeldOut, Lists, fit, held_out, read_lists


class Learner:
    """What becomes a reranker."""

    def __init__(
        self,
        model: CrossEncoder,
        reader: PairReader,
        features: Mapping[str, float],
        parameters: Parameters,
    ) -> None:
        """``features``: the names of the feature columns, in order, and their first weights."""
        self.model = model
        self.features = dict(features)
        self.parameters = parameters
        self._calibration = UNCALIBRATED
        self._reader = reader

    @classmethod
    def fresh(
        cls, parameters: Parameters, features: Mapping[str, float], device: str = "cpu"
    ) -> "Learner":
        """One that has learnt nothing: its scores are the features by their first weights."""
        folder = minilm_folder()
        model = _seeded(minilm(folder), parameters, features).to(device)
        return cls(model, PairReader(folder, parameters.tokens), features, parameters)

    def train(
        self,
        judgments: pa.Table,
        texts: Mapping[str, str],
        features: Floats | None,
        validate: Callable[[], float] | None,
        progress: Progress,
    ) -> dict[str, float]:
        """Fine-tunes on judgments (query_id, product_id, gain); ``query_id`` is what was asked.

        ``texts`` by product, ``features`` [judgments, F]. Models that had not seen a query choose
        the number of epochs and calibrate; then this one learns from all. ``validate`` is asked at
        the end, for the figures. Goes on from the weights there are: weak judgments come first.
        """
        queries = judged_queries(judgments, texts, features)
        lists = read_lists(self.model, self._reader, queries)
        return self.learn(lists, validate, progress)

    def lists(self, queries: Sequence[JudgedQuery]) -> Lists:
        """What ``learn`` takes; worked out once for many trainings from the same weights."""
        return read_lists(self.model, self._reader, queries)

    def learn(
        self, lists: Lists, validate: Callable[[], float] | None, progress: Progress
    ) -> dict[str, float]:
        """``train`` on lists that were read before."""
        with repeatable():
            unseen = held_out(self._copy, lists, self.parameters, progress)
            self.standardise(lists)
            loss = fit(self.model, lists, self.parameters, lambda: None, unseen.epochs)
        self.model.merge()
        scores, relevant = _pooled(lists.queries, unseen)
        self._calibration = fit_calibration(self.parameters.calibration, scores, relevant)
        error = calibration_error(lists.queries, unseen.scores, self.parameters)
        figures = {
            "held_out_ndcg@10": unseen.by_epoch[unseen.epochs],
            "untrained_ndcg@10": unseen.by_epoch[0],
            "calibration_error": error,
            "training_loss": loss,
            "epochs": float(unseen.epochs),
            "queries": float(len(lists.queries)),
        }
        return figures | ({} if validate is None else {"validation_ndcg@10": validate()})

    def reranker(self) -> Reranker:
        """What has been learnt so far, in service: it shares the weights."""
        self.model.merge()
        return Reranker(
            BertWeights.of(self.model.encoder),
            self.model.whole_head,
            self._reader,
            self.features,
            self.parameters,
            self._calibration,
        )

    def save(self, folder: Path) -> None:
        """Writes weights, tokenizer and description; whole, so that no other model is needed."""
        folder.mkdir(parents=True, exist_ok=True)
        self.model.merge()
        weights = {name: t.contiguous() for name, t in self.model.state_dict().items()}
        save_file(weights, folder / WEIGHTS)
        self.model.encoder.config.save_pretrained(folder / ENCODER)
        self._reader.tokenizer.save(folder / ENCODER)
        description = {
            "features": self.features,
            "parameters": self.parameters.model_dump(),
            "calibration": {
                "method": self._calibration.method,
                "scores": self._calibration.scores,
                "values": self._calibration.values,
            },
        }
        (folder / DESCRIPTION).write_bytes(orjson.dumps(description))

    def _copy(self, lists: Lists) -> CrossEncoder:
        """A model that begins as this one does, standardised to the lists it will learn from."""
        copy = Learner(deepcopy(self.model), self._reader, self.features, self.parameters)
        copy.standardise(lists)
        return copy.model

    def standardise(self, lists: Lists) -> None:
        """Takes mean and scale of the features from the lists to be learnt from."""
        if self.features:
            every = np.concatenate([query.features for query in lists.queries])
            self.model.standardise(torch.from_numpy(every).to(self.model.head.weight.device))


def _seeded(
    encoder: BertModel, parameters: Parameters, features: Mapping[str, float]
) -> CrossEncoder:
    with torch.random.fork_rng():
        torch.manual_seed(parameters.seed)
        return CrossEncoder(encoder, parameters, list(features.values())).eval()


def calibration_error(
    queries: Sequence[JudgedQuery], scores: Sequence[Floats], parameters: Parameters
) -> float:
    """The expected calibration error of curves that had not seen the query they are held against.

    On the scores that a curve was fitted to, isotonic regression would always look perfect.
    """
    relevant = [query.gains > 0 for query in queries]
    probability: list[NDArray[np.float64]] = [np.empty(0)] * len(queries)
    for own, others in query_folds(len(queries), parameters.folds, parameters.seed):
        curve = fit_calibration(
            parameters.calibration,
            np.concatenate([scores[place] for place in own]),
            np.concatenate([relevant[place] for place in own]),
        )
        for place in others:
            probability[place] = curve(scores[place])
    return expected_calibration_error(np.concatenate(probability), np.concatenate(relevant))


def _pooled(queries: Sequence[JudgedQuery], unseen: HeldOut) -> tuple[Floats, NDArray[np.bool_]]:
    relevant = np.concatenate([query.gains > 0 for query in queries])
    return np.concatenate(list(unseen.scores)), relevant
