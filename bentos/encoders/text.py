"""Text vectors: MiniLM over product texts, each distinct text encoded once and kept."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from torch import nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from bentos.encoders.packed import Packed, PackedBert, batches, means
from bentos.encoders.weights import minilm, minilm_folder
from bentos.serving.device import fast_type

DIMENSIONS = 384
_MAX_TOKENS = 256  # of a text, as the model was trained
_CHUNK = 512  # texts between two steps of the progress bar

Vectors = NDArray[np.float16]
Progress = Callable[[Iterable[Sequence[str]], int], Iterable[Sequence[str]]]


class TextEncoder:
    """Unit vectors [n, 384] of texts."""

    def __init__(self, folder: Path | None = None, device: str = "cpu") -> None:
        """Loads nothing until the first text."""
        self._folder = folder or minilm_folder()
        self._device = device

    @cached_property
    def digest(self) -> str:
        """Names the weights: vectors of another digest must not be mixed with these."""
        return sha256((self._folder / "model.safetensors").read_bytes()).hexdigest()[:16]

    @cached_property
    def words(self) -> frozenset[str]:
        """The whole words of its vocabulary: words of the language, not of a shop."""
        tokenizer = json.loads((self._folder / "tokenizer.json").read_text(encoding="utf-8"))
        return frozenset(word for word in tokenizer["model"]["vocab"] if word.isalpha())

    @cached_property
    def _tokenizer(self) -> PreTrainedTokenizerBase:
        return AutoTokenizer.from_pretrained(str(self._folder))

    @cached_property
    def _bert(self) -> PackedBert:
        return PackedBert(minilm(self._folder, self._device), fast_type(self._device))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encodes in the type that is fastest here; averages and normalises in fp32.

        Of a long text the first 256 tokens are read.
        """
        vectors = np.empty((len(texts), DIMENSIONS), np.float16)
        rows = [(tokens, len(tokens)) for tokens in self._tokens(texts)] if len(texts) else []
        for places in batches([len(tokens) for tokens, _ in rows]):
            packed = Packed.of([rows[place] for place in places], self._device)
            mean = means(self._bert.states(packed), packed.lengths)
            vectors[places] = nn.functional.normalize(mean, dim=1).cpu().numpy()
        return vectors

    def n_tokens(self, texts: Sequence[str]) -> int:
        """How many tokens ``encode`` reads of them."""
        return sum(map(len, self._tokens(texts)))

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        read = self._tokenizer(list(texts), truncation=True, max_length=_MAX_TOKENS)
        tokens: list[list[int]] = read["input_ids"]
        return tokens


class TextVectors:
    """Vectors by text, kept in one Parquet file for each encoder."""

    def __init__(self, folder: Path, encoder: TextEncoder) -> None:
        """Keeps its file in ``folder``."""
        self.encoder = encoder
        self.n_encoded = 0  # texts that were not known yet, since this was made
        self._path = folder / f"{encoder.digest}.parquet"

    def of(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """Vectors [len(texts), 384] in the texts' order; only texts not seen before are encoded."""
        known = self._read()
        wanted = pc.unique(pa.array(texts, pa.string()))
        missing = wanted.filter(pc.invert(pc.is_in(wanted, known["text"])))
        if len(missing):
            known = pa.concat_tables([known, self._encode(missing.to_pylist(), progress)])
            self._write(known)
            self.n_encoded += len(missing)
        rows = pc.index_in(pa.array(texts, pa.string()), known["text"])
        flat = known["vector"].combine_chunks().values.to_numpy(zero_copy_only=False)
        found: Vectors = flat.reshape(-1, DIMENSIONS)[rows.to_numpy()]
        return found

    def _encode(self, texts: list[str], progress: Progress) -> pa.Table:
        texts = sorted(texts, key=len)  # so that little of a batch is padding
        chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
        vectors = np.concatenate(
            [self.encoder.encode(chunk) for chunk in progress(chunks, len(chunks))]
        )
        return _table(texts, vectors)

    def _read(self) -> pa.Table:
        if not self._path.exists():
            return _table([], np.empty((0, DIMENSIONS), np.float16))
        return pq.read_table(self._path)

    def _write(self, table: pa.Table) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self._path.parent)
        os.close(descriptor)
        pq.write_table(table, temporary)
        Path(temporary).replace(self._path)


def _table(texts: Sequence[str], vectors: Vectors) -> pa.Table:
    vector = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIMENSIONS)
    return pa.table({"text": pa.array(texts, pa.string()), "vector": vector})
