"""Our own reading of texts, as one of the systems that score offline: see `peers/reading.py`."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import torch

from bentos.encoders.choice import UNTRIED
from bentos.encoders.packed import BATCH_TOKENS
from bentos.encoders.text import TextEncoder
from bentos.search.reranker import Reranker
from tests.benchmarks.peers.reading import Floats, Score, Task, run

SIZES = (BATCH_TOKENS,)  # tokens: there is nothing to choose


def load(task: Task) -> Score:
    """The model of a job; how it computes is chosen on the first items, as a service does."""
    torch.set_num_threads(task.threads)
    return _pairs(task) if task.job == "pairs" else _texts(task)


def _pairs(task: Task) -> Score:
    reranker = Reranker.load(task.model)

    def score(pairs: Sequence[tuple[str, str]], size: int) -> Floats:
        asked = {
            query: [text for _, text in own] for query, own in groupby(pairs, key=itemgetter(0))
        }
        if reranker.choice is UNTRIED:
            reranker.choose_backend(next(iter(asked)), [text for _, text in pairs])
        rows = [row for query, texts in asked.items() for row in reranker.rows(query, texts)]
        return reranker.read(rows)

    return score


def _texts(task: Task) -> Score:
    encoder = TextEncoder(task.model)

    def score(texts: Sequence[str], size: int) -> Floats:
        if encoder.choice is UNTRIED:
            encoder.choose_backend(texts)
        return encoder.read(encoder.rows(texts))

    return score


if __name__ == "__main__":
    run(__doc__, load, SIZES)
