"""The reranker: scores products' texts for a query, with or without features beside them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from safetensors import safe_open

from bentos.encoders.backends import choose, computed, some
from bentos.encoders.choice import EXACT, UNTRIED
from bentos.encoders.packed import PackedBert, Row, pooled
from bentos.encoders.weights import CONFIG, WEIGHTS, BertWeights
from bentos.search.calibration import Calibration
from bentos.search.head import Head
from bentos.search.pairs import PairReader
from bentos.search.parameters import Parameters
from bentos.search.text_tokens import TextTokens

DESCRIPTION = "reranker.json"
ENCODER = "encoder"  # the encoder's shape and its tokenizer, and what its weights' names begin with

Floats = NDArray[np.float32]


class Reranker:
    """An encoder of pairs, the head over it, its features' names, and its calibration."""

    choice = UNTRIED  # how it reads here

    def __init__(
        self,
        encoder: BertWeights,
        head: Head,
        reader: PairReader,
        features: Mapping[str, float],
        parameters: Parameters,
        calibration: Calibration,
    ) -> None:
        """``features``: the names of the feature columns, in order, and their first weights."""
        self.features = dict(features)
        self.parameters = parameters
        self.calibration = calibration
        self._encoder = encoder
        self._head = head
        self._reader = reader

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> "Reranker":
        """Reads what training saved in ``folder``."""
        description = orjson.loads((folder / DESCRIPTION).read_bytes())
        parameters = Parameters(**description["parameters"])
        fitted = description["calibration"]
        return cls(
            BertWeights.load(folder / WEIGHTS, folder / ENCODER / CONFIG, f"{ENCODER}.", device),
            _head(folder, device),
            PairReader(folder / ENCODER, parameters.tokens),
            description["features"],
            parameters,
            Calibration(fitted["method"], tuple(fitted["scores"]), tuple(fitted["values"])),
        )

    def score(self, query: str, texts: Sequence[str], features: Floats | None = None) -> Floats:
        """Raw scores [n] of the texts, in fp32; higher is better.

        ``features`` [n, F] in the order of ``self.features``; where they are None, only the texts
        count. Raises ``ValueError`` when their shape is another one.
        """
        n, width = len(texts), len(self.features)
        if features is None:
            features = np.tile(self._head.mean.cpu().numpy(), (n, 1))
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
        return self._head.reads_nothing

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
        self._bert, self.choice = choose(self._encoder, rows, self._said)

    @cached_property
    def _bert(self) -> PackedBert:
        return computed(self._encoder, EXACT)

    @torch.inference_mode()
    def _said(self, bert: PackedBert, rows: Sequence[Row]) -> Floats:
        said: Floats = self._head.said(pooled(bert, rows)).cpu().numpy()
        return said

    def by_features(self, features: Floats) -> Floats:
        """What features [n, F] alone say, [n]; all there is where training kept no epoch."""
        with torch.inference_mode():
            found = self._head.beside(torch.from_numpy(features).float().to(self._head.mean.device))
        scores: Floats = found.cpu().numpy()
        return scores

    def probabilities(self, scores: NDArray[np.floating]) -> Floats:
        """Raw scores -> calibrated probabilities that a product is relevant (has a gain)."""
        return self.calibration(scores).astype(np.float32)


def _head(folder: Path, device: str) -> Head:
    names = {
        "weight": "head.weight",
        "bias": "head.bias",
        "features": "features",
        "mean": "mean",
        "scale": "scale",
    }
    with safe_open(folder / WEIGHTS, "pt", device) as file:
        tensors: dict[str, Any] = {field: file.get_tensor(n) for field, n in names.items()}
    return Head(**tensors)
