"""Both models as sentence-transformers loads them, for the peers that use it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from reading import Precision
from sentence_transformers import CrossEncoder, SentenceTransformer

BATCH = 32  # its own default

Pair = tuple[str, str]
Floats = NDArray[np.float32]

_TYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


class Pairs:
    """Scores pairs."""

    def __init__(self, folder: Path, precision: Precision) -> None:
        """Loads the model."""
        kwargs = {"dtype": _TYPES[precision]}
        self._model = CrossEncoder(str(folder), device="cpu", model_kwargs=kwargs)
        self._model.to(_TYPES[precision])  # its head as well

    def __call__(self, pairs: Sequence[Pair], batch: int = BATCH) -> Floats:
        """[pairs] raw scores."""
        found: Floats = self._model.predict(
            list(pairs),
            batch_size=batch,
            activation_fn=torch.nn.Identity(),
            show_progress_bar=False,
        )
        return found


class Texts:
    """Makes vectors of texts."""

    def __init__(self, folder: Path, precision: Precision) -> None:
        """Loads the model."""
        kwargs = {"dtype": _TYPES[precision]}
        self._model = SentenceTransformer(str(folder), device="cpu", model_kwargs=kwargs)

    def __call__(self, texts: Sequence[str], batch: int = BATCH) -> Floats:
        """[texts, D]."""
        found: Floats = self._model.encode(list(texts), batch_size=batch, show_progress_bar=False)
        return found
