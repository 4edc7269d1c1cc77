"""How each service is asked for scores and vectors, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import orjson
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Post:
    """A request: JSON."""

    path: str
    body: bytes


class Dialect(Protocol):
    """Paths, requests and answers of a service."""

    @property
    def ready(self) -> str:
        """The path that answers 2xx once the models are there."""
        ...

    def rerank(self, query: str, documents: Sequence[str]) -> Post:
        """Asks for the score of each document."""
        ...

    def scores(self, answer: bytes) -> Floats:
        """The raw scores [documents] in the documents' order."""
        ...

    def embed(self, texts: Sequence[str]) -> Post:
        """Asks for the vector of each text."""
        ...

    def vectors(self, answer: bytes) -> Floats:
        """The vectors [texts, D] in the texts' order."""
        ...


class Plain:
    """What one writes for oneself in FastAPI."""

    ready = "/ready"

    def rerank(self, query: str, documents: Sequence[str]) -> Post:
        """One query and its documents."""
        return _asked("/rerank", query=query, documents=documents)

    def scores(self, answer: bytes) -> Floats:
        """By name."""
        return np.array(orjson.loads(answer)["scores"], np.float32)

    def embed(self, texts: Sequence[str]) -> Post:
        """Any number of texts."""
        return _asked("/embed", input=texts)

    def vectors(self, answer: bytes) -> Floats:
        """By name."""
        return np.array(orjson.loads(answer)["vectors"], np.float32)


class Batchable:
    """BentoML's: a request is a list of what may be put together with others', as is its answer."""

    ready = "/readyz"

    def rerank(self, query: str, documents: Sequence[str]) -> Post:
        """A list of one query and its documents."""
        return _asked("/rerank", requests=[{"query": query, "documents": documents}])

    def scores(self, answer: bytes) -> Floats:
        """The only one in a list."""
        (scores,) = orjson.loads(answer)
        return np.array(scores, np.float32)

    def embed(self, texts: Sequence[str]) -> Post:
        """A list of texts."""
        return _asked("/embed", texts=texts)

    def vectors(self, answer: bytes) -> Floats:
        """A list of vectors."""
        return np.array(orjson.loads(answer), np.float32)


@dataclass(frozen=True)
class Cohere:
    """Reranking as Cohere's clients ask for it, embedding as OpenAI's do."""

    ready: str
    embeddings: str  # the path
    reranker: str = ""  # the names that the models go by
    encoder: str = ""
    raw: bool = False  # whether raw scores must be asked for

    def rerank(self, query: str, documents: Sequence[str]) -> Post:
        """One query and its documents."""
        more = {"raw_scores": True} if self.raw else {}
        model = {"model": self.reranker} if self.reranker else {}
        return _asked("/rerank", query=query, documents=documents, **model, **more)

    def scores(self, answer: bytes) -> Floats:
        """They come best first."""
        results = orjson.loads(answer)["results"]
        scores = np.empty(len(results), np.float32)
        for result in results:
            scores[result["index"]] = result["relevance_score"]
        return scores

    def embed(self, texts: Sequence[str]) -> Post:
        """Any number of texts."""
        model = {"model": self.encoder} if self.encoder else {}
        return _asked(self.embeddings, input=texts, **model)

    def vectors(self, answer: bytes) -> Floats:
        """They come in order."""
        data = orjson.loads(answer)["data"]
        return np.array([item["embedding"] for item in data], np.float32)


OURS = Cohere(ready="/readyz", embeddings="/v1/embeddings")
PEERS: Mapping[str, Dialect] = {
    "bentoml_plain": Batchable(),
    "fastapi": Plain(),
    "infinity": Cohere("/health", "/embeddings", reranker="pairs", encoder="texts", raw=True),
}


def _asked(path: str, **said: object) -> Post:
    return Post(path, orjson.dumps(said))
