"""The reranker: scores products' texts for a query, with or without features beside them."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import BertModel

from bentos.encoders.backends import choose, computed, some
from bentos.encoders.choice import EXACT, UNTRIED
from bentos.encoders.packed import PackedBert, Row, pooled
from bentos.encoders.weights import minilm, minilm_folder, untrained
from bentos.fitting import repeatable
from bentos.scenario import Progress
from bentos.search.calibration import (
    UNCALIBRATED,
    Calibration,
    expected_calibration_error,
    fit_calibration,
)
from bentos.search.judged import JudgedQuery, judged_queries, query_folds
from bentos.search.model import CrossEncoder
from bentos.search.pairs import PairReader
from bentos.search.parameters import Parameters
from bentos.search.text_tokens import TextTokens
from bentos.search.training import HeldOut, Lists, fit, held_out, read_lists
from bentos.serving.store import WEIGHTS

_DESCRIPTION = "reranker.json"
_ENCODER = "encoder"  # the encoder's shape and its tokenizer

Floats = NDArray[np.float32]


class Reranker:
    """A cross-encoder with its tokenizer, its features' names, and its calibration."""

    choice = UNTRIED  # how it reads here

    def __init__(
        self,
        model: CrossEncoder,
        reader: PairReader,
        features: Mapping[str, float],
        parameters: Parameters,
        calibration: Calibration = UNCALIBRATED,
    ) -> None:
        """``features``: the names of the feature columns, in order, and their first weights."""
        self.model = model
        self.features = dict(features)
        self.parameters = parameters
        self.calibration = calibration
        self._reader = reader

    @classmethod
    def fresh(
        cls, parameters: Parameters, features: Mapping[str, float], device: str = "cpu"
    ) -> "Reranker":
        """One that has learnt nothing: its scores are the features by their first weights."""
        folder = minilm_folder()
        model = _seeded(minilm(folder), parameters, features).to(device)
        return cls(model, PairReader(folder, parameters.tokens), features, parameters)

    def score(self, query: str, texts: Sequence[str], features: Floats | None = None) -> Floats:
        """Raw scores [n] of the texts, in fp32; higher is better.

        ``features`` [n, F] in the order of ``self.features``; where they are None, only the texts
        count. Raises ``ValueError`` when their shape is another one.
        """
        n, width = len(texts), len(self.features)
        if features is None:
            features = np.tile(self.model.mean.cpu().numpy(), (n, 1))
        if features.shape != (n, width):
            raise ValueError(
                f"features of {n} texts must be of shape ({n}, {width}), not {features.shape}; "
                f"their columns are {', '.join(self.features) or 'none'}."
            )
        if self.reads_nothing:
            return self.by_features(features)
        return self.read(self.rows(query, texts)) + self.by_features(features)

    @property
    def reads_nothing(self) -> bool:
        """Whether training left the head at zero: the features say it all."""
        return self.model.reads_nothing

    def rows(self, query: str, texts: Sequence[str]) -> list[Row]:
        """Pairs of a query with each text, as ``read`` takes them."""
        return self._reader.read([query] * len(texts), texts)

    def tokens(self, texts: Sequence[str]) -> TextTokens:
        """The texts' tokens, for `rows_beside`."""
        return TextTokens.of(texts, self._reader.tokenised)

    def rows_beside(self, query: str, texts: Sequence[list[int]]) -> list[Row]:
        """`rows` of a query with texts of which the tokens are known."""
        return self._reader.joined(query, texts)

    def read(self, rows: Sequence[Row], /) -> Floats:
        """What the head says [n] of pairs: the part of the scores for which texts are read."""
        return (
            np.zeros(len(rows), np.float32) if self.reads_nothing else self._said(self._bert, rows)
        )

    def choose_backend(self, query: str, texts: Sequence[str]) -> None:
        """Reads in the fastest way that puts these texts in the order that fp32 does."""
        rows = self.rows(query, some(texts))
        self._bert, self.choice = choose(self.model.encoder, rows, self._said)

    @cached_property
    def _bert(self) -> PackedBert:
        return computed(self.model.encoder, EXACT)

    @torch.inference_mode()
    def _said(self, bert: PackedBert, rows: Sequence[Row]) -> Floats:
        said: Floats = self.model.said(pooled(bert, rows)).cpu().numpy()
        return said

    def by_features(self, features: Floats) -> Floats:
        """What features [n, F] alone say, [n]; all there is where training kept no epoch."""
        with torch.inference_mode():
            found = self.model.beside(torch.from_numpy(features).float().to(self.model.mean.device))
        scores: Floats = found.cpu().numpy()
        return scores

    def probabilities(self, scores: NDArray[np.floating]) -> Floats:
        """Raw scores -> calibrated probabilities that a product is relevant (has a gain)."""
        return self.calibration(scores).astype(np.float32)

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
        self.__dict__.pop("_bert", None)  # it was made of the weights before
        scores, relevant = _pooled(lists.queries, unseen)
        self.calibration = fit_calibration(self.parameters.calibration, scores, relevant)
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

    def save(self, folder: Path) -> None:
        """Writes weights, tokenizer and description; whole, so that no other model is needed."""
        folder.mkdir(parents=True, exist_ok=True)
        self.model.merge()
        weights = {name: t.contiguous() for name, t in self.model.state_dict().items()}
        save_file(weights, folder / WEIGHTS)
        self.model.encoder.config.save_pretrained(folder / _ENCODER)
        self._reader.tokenizer.save_pretrained(folder / _ENCODER)
        description = {
            "features": self.features,
            "parameters": self.parameters.model_dump(),
            "calibration": {
                "method": self.calibration.method,
                "scores": self.calibration.scores,
                "values": self.calibration.values,
            },
        }
        (folder / _DESCRIPTION).write_bytes(orjson.dumps(description))

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> "Reranker":
        """Reads what ``save`` wrote."""
        description = orjson.loads((folder / _DESCRIPTION).read_bytes())
        parameters = Parameters(**description["parameters"])
        features: dict[str, float] = description["features"]
        merged = parameters.model_copy(update={"adapter": "full"})
        model = CrossEncoder(untrained(folder / _ENCODER), merged, list(features.values()))
        model.load_state_dict(load_file(folder / WEIGHTS))
        fitted = description["calibration"]
        calibration = Calibration(
            fitted["method"], tuple(fitted["scores"]), tuple(fitted["values"])
        )
        reader = PairReader(folder / _ENCODER, parameters.tokens)
        return cls(model.to(device).eval(), reader, features, parameters, calibration)

    def _copy(self, lists: Lists) -> CrossEncoder:
        """A model that begins as this one does, standardised to the lists it will learn from."""
        copy = deepcopy(self)
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
