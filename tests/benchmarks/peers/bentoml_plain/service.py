"""The service: requests that wait together are one batch."""

import os

import bentoml
import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel
from reading import Serving
from sentences import Pairs, Texts

MAX_LATENCY_MS = int(os.environ.get("PEER_MAX_LATENCY_MS", "60000"))  # BentoML's own default


class RerankRequest(BaseModel):
    """Documents to be scored."""

    query: str
    documents: list[str]


@bentoml.service(workers=1)
class Plain:
    """Both models."""

    def __init__(self) -> None:
        """Loads them."""
        serving = Serving.of_environment()
        torch.set_num_threads(serving.threads)
        self._pairs = Pairs(serving.pairs, serving.precision)
        self._texts = Texts(serving.texts, serving.precision)

    @bentoml.api(batchable=True, max_latency_ms=MAX_LATENCY_MS)
    def rerank(self, requests: list[RerankRequest]) -> list[list[float]]:
        """The scores of each request's documents, in their order."""
        pairs = [(request.query, text) for request in requests for text in request.documents]
        ends = np.cumsum([len(request.documents) for request in requests])[:-1]
        return [scores.tolist() for scores in np.split(self._pairs(pairs), ends)]

    @bentoml.api(batchable=True, max_latency_ms=MAX_LATENCY_MS)
    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """The vector of each text."""
        return self._texts(texts)
