"""Search as it serves, and when each part of it was at work."""

from typing import Any

import bentoml

from bentos.search.service import Search
from bentos.serving.http import SERVED
from tests.benchmarks.stages import (
    ANSWER,
    ATTENTION,
    FINDING,
    HEAD,
    HTTP,
    JSON,
    LAYOUT,
    LOG,
    NORMS,
    QUEUE,
    RECEIVED,
    SENT,
    TOKENS,
    WAITS,
)
from tests.benchmarks.watching import Watch

_WATCH = Watch()


@bentoml.service(name="profiled_search", **SERVED)
class Profiled(Search.inner):  # type: ignore[misc, name-defined]  # bentoml's decorator has no types
    """The service, watched."""

    def __init__(self) -> None:
        watch_search(_WATCH)
        super().__init__()

    @bentoml.api(route="/spans")  # type: ignore[untyped-decorator]  # it has no types
    def spans(self) -> list[Any]:
        """What was recorded since the last time."""
        return _WATCH.take()


def watch_search(watch: Watch) -> None:
    """Watches all that a request meets."""
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    from bentos.encoders import packed, text
    from bentos.encoders.products import OneDnnProduct, TorchProduct
    from bentos.search import answers, finder, reranker, schema
    from bentos.search.documents import Documents
    from bentos.search.ranker import SearchRanker
    from bentos.serving import core, http, jsonl, scheduler
    from bentos.serving.line import Line
    from bentos.serving.scheduled import Scheduled

    for owner, name, stage in (
        (HttpToolsProtocol, "data_received", RECEIVED),
        (http._Endpoint, "answer", HTTP),
        (http, "send_whole", SENT),
        (schema.SearchRequest, "model_validate_json", JSON),
        (schema.RerankRequest, "model_validate_json", JSON),
        (schema.EmbeddingRequest, "model_validate_json", JSON),
        (answers.SearchAnswers, "search", ANSWER),
        (answers.SearchAnswers, "rerank", ANSWER),
        (answers.SearchAnswers, "embed", ANSWER),
        (schema.SearchAnswer, "model_dump_json", ANSWER),
        (schema.RerankAnswer, "model_dump_json", ANSWER),
        (schema.EmbeddingAnswer, "model_dump_json", ANSWER),
        (core.ServiceCore, "record", LOG),
        (jsonl.JsonLinesWriter, "append_soon", LOG),
        (jsonl.JsonLinesWriter, "_write", LOG),
        (SearchRanker, "rank", FINDING),
        (SearchRanker, "rerank", HEAD),
        (SearchRanker, "embed", HEAD),
        (finder.Finder, "_pairs", TOKENS),
        (Documents, "rows", TOKENS),
        (text.TextEncoder, "rows", TOKENS),
        (Scheduled, "__call__", WAITS),
        (Line, "enter", QUEUE),
        (Line, "next_batch", QUEUE),
        (scheduler.Scheduler, "_read", QUEUE),
        (Documents, "read", HEAD),
        (reranker.Reranker, "read", HEAD),
        (text.TextEncoder, "read", HEAD),
        (packed, "means", HEAD),
        (reranker, "pooled", LAYOUT),
        (text, "pooled", LAYOUT),
        (packed.PackedBert, "states", LAYOUT),
        (packed._Layer, "_attention", ATTENTION),
        (packed._Norm, "__call__", NORMS),
        (TorchProduct, "gelu", NORMS),  # what is left of these is activation and addition
        (TorchProduct, "plus", NORMS),
    ):
        watch.function(owner, name, stage)
    watch.product(TorchProduct, "__call__")
    for name in ("__call__", "gelu", "plus"):
        watch.product(OneDnnProduct, name)
