"""Plain torch without padding: texts laid end to end, attention in each text by itself."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import torch
from bert import Reader, module
from reading import Floats, Score, Task, run
from torch import Tensor, nn

SIZES = (1024, 2048, 4096, 8192)  # tokens

_TYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


def load(task: Task) -> Score:
    """The model of a job."""
    torch.set_num_threads(task.threads)
    reader = Reader(task)
    bert, finish = _parts(task)
    bert.to(_TYPES[task.precision])

    @torch.inference_mode()
    def score(items: Sequence[Any], size: int) -> Floats:
        ids, kinds = reader(items)
        lengths = [len(own) for own in ids]
        found: Tensor | None = None
        for places in _batches(lengths, size):
            own = [lengths[place] for place in places]
            tokens, parts = (
                torch.tensor([token for place in places for token in some[place]])
                for some in (ids, kinds)
            )
            states = _states(bert, tokens, parts, own)
            means = torch.stack([state.float().mean(0) for state in states.split(own)])
            rows = finish(means)
            if found is None:
                found = rows.new_empty(len(items), *rows.shape[1:])
            found[torch.tensor(places)] = rows
        assert found is not None
        array: Floats = found.numpy()
        return array

    return score


def _parts(task: Task) -> tuple[Any, Callable[[Tensor], Tensor]]:
    """The encoder, and what becomes of the mean states, in fp32."""
    model: Any = module(task)
    if task.job == "pairs":
        classifier = model.model.classifier
        return model.model.bert, lambda means: classifier(means).squeeze(-1)
    return model.bert, nn.functional.normalize


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Places in order of length, of ``size`` tokens together."""
    batch: list[int] = []
    tokens = 0
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and tokens + lengths[place] > size:
            yield batch
            batch, tokens = [], 0
        batch.append(place)
        tokens += lengths[place]
    yield batch


def _states(bert: Any, tokens: Tensor, kinds: Tensor, lengths: Sequence[int]) -> Tensor:
    """The last states [N, D] of tokens [N]."""
    embeddings = bert.embeddings
    positions = torch.cat([torch.arange(length) for length in lengths])
    states = embeddings.word_embeddings(tokens) + embeddings.position_embeddings(positions)
    states = embeddings.LayerNorm(states + embeddings.token_type_embeddings(kinds))
    for layer in bert.encoder.layer:
        attention = layer.attention
        attended = _attention(attention.self, states, lengths)
        states = attention.output.LayerNorm(attention.output.dense(attended) + states)
        wide = nn.functional.gelu(layer.intermediate.dense(states))
        states = layer.output.LayerNorm(layer.output.dense(wide) + states)
    return states


def _attention(attention: Any, states: Tensor, lengths: Sequence[int]) -> Tensor:
    """[N, D]: each text attends to itself; those of one length, which are neighbours, at once."""
    asked = [part(states) for part in (attention.query, attention.key, attention.value)]
    attended = []
    start = 0
    for length, same in groupby(lengths):
        stop = start + length * len(list(same))
        shape = (-1, length, attention.num_attention_heads, attention.attention_head_size)
        own = [part[start:stop].view(shape).transpose(1, 2) for part in asked]
        found = nn.functional.scaled_dot_product_attention(*own)
        attended.append(found.transpose(1, 2).flatten(2).flatten(0, 1))
        start = stop
    return torch.cat(attended)


if __name__ == "__main__":
    run(__doc__, load, SIZES)
