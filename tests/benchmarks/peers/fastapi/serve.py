"""FastAPI with sentence-transformers the usual way: plain functions, run in its thread pool."""

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from reading import HOST, Serving
from sentences import Pairs, Texts


class RerankRequest(BaseModel):
    """Documents to be scored."""

    query: str
    documents: list[str]


class RerankAnswer(BaseModel):
    """In the documents' order."""

    scores: list[float]


class EmbedRequest(BaseModel):
    """Texts to be encoded."""

    input: list[str]


class EmbedAnswer(BaseModel):
    """In the texts' order."""

    vectors: list[list[float]]


def application(serving: Serving) -> FastAPI:
    """The service over both models."""
    torch.set_num_threads(serving.threads)
    pairs = Pairs(serving.pairs, serving.precision)
    texts = Texts(serving.texts, serving.precision)
    app = FastAPI()

    @app.get("/ready")
    def ready() -> None:
        """Answers once the models are there."""

    @app.post("/rerank")
    def rerank(request: RerankRequest) -> RerankAnswer:
        """Scores documents for a query."""
        found = pairs([(request.query, document) for document in request.documents])
        return RerankAnswer(scores=found.tolist())

    @app.post("/embed")
    def embed(request: EmbedRequest) -> EmbedAnswer:
        """Encodes texts."""
        return EmbedAnswer(vectors=texts(request.input).tolist())

    return app


def main() -> None:
    """Serves what the command line says."""
    serving = Serving.of_command_line(__doc__)
    uvicorn.run(application(serving), host=HOST, port=serving.port, access_log=False)


if __name__ == "__main__":
    main()
