"""Text vectors: MiniLM over product texts, each distinct text encoded once and kept."""

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from hashlib import file_digest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from torch import nn

from bentos.cores import a_core_each
from bentos.encoders.backends import choose, computed, some
from bentos.encoders.choice import EXACT, UNTRIED
from bentos.encoders.packed import PackedBert, Row, pooled
from bentos.encoders.tokenizer import Tokenizer
from bentos.encoders.weights import CONFIG, WEIGHTS, BertWeights, minilm_folder

DIMENSIONS = 384
_MAX_TOKENS = 256  # of a text, as the model was trained
_CHUNK = 512  # texts between two steps of the progress bar

Vectors = NDArray[np.float16]
Progress = Callable[[Iterable[Vectors], int], Iterable[Vectors]]


class TextEncoder:
    """Unit vectors [n, 384] of texts."""

    choice = UNTRIED  # how it reads here

    def __init__(self, folder: Path | None = None, device: str = "cpu") -> None:
        """Loads nothing until the first text."""
        self._folder = folder or minilm_folder()
        self._device = device

    @cached_property
    def digest(self) -> str:
        """Names the weights: vectors of another digest must not be mixed with these."""
        with (self._folder / WEIGHTS).open("rb") as weights:
            return file_digest(weights, "sha256").hexdigest()[:16]

    @cached_property
    def words(self) -> frozenset[str]:
        """The whole words of its vocabulary: words of the language, not of a shop."""
        return frozenset(word for word in self._tokenizer.vocabulary if word.isalpha())

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return Tokenizer(self._folder)

    @cached_property
    def _bert(self) -> PackedBert:
        return computed(self._weights, EXACT)

    @cached_property
    def _weights(self) -> BertWeights:
        return BertWeights.load(self._folder / WEIGHTS, self._folder / CONFIG, device=self._device)

    def choose_backend(self, texts: Sequence[str]) -> None:
        """Reads in the fastest way that puts these texts in the order that fp32 does.

        Without it, and of fewer texts than can tell, fp32 is the way.
        """
        self._bert, self.choice = choose(self._weights, self.rows(some(texts)), _likeness)

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """The texts as `read` takes them; of a long one the first 256 tokens."""
        start, end = self._tokenizer.start, self._tokenizer.end
        read = [[start, *ids[: _MAX_TOKENS - 2], end] for ids in self._tokenizer.ids(texts)]
        return [(ids, len(ids)) for ids in read]

    def read(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """Unit vectors [n, 384]."""
        vectors = nn.functional.normalize(pooled(self._bert, rows), dim=1)
        return vectors.cpu().numpy()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors [n, 384]."""
        if not len(texts):
            return np.empty((0, DIMENSIONS), np.float16)
        return self.read(self.rows(texts)).astype(np.float16)


def _likeness(bert: PackedBert, rows: Sequence[Row]) -> NDArray[np.float32]:
    """The cosines of texts to the first of them."""
    vectors = nn.functional.normalize(pooled(bert, rows), dim=1)
    return (vectors @ vectors[0]).cpu().numpy()


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
        self.encoder.choose_backend(texts)
        texts = sorted(texts, key=len)  # so that texts of one length meet
        chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
        with a_core_each() as readers:
            found = progress(readers.map(self.encoder.encode, chunks), len(chunks))
            return _table(texts, np.concatenate(list(found)))

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
