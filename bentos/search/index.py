"""The search index: versions that never change, each all that retrieval needs of a catalogue.

A new version shares with the one before what did not change, and replaces it by one rename: who
has opened a version keeps it, and a product that the catalogue no longer has is in no later one.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from bentos.encoders.text import Progress, TextVectors
from bentos.search.dense import DenseIndex
from bentos.search.filters import Columns, Filters, allowed
from bentos.search.found import NOTHING, Found, Mask, Rows, Scores
from bentos.search.fusion import STAGE_DEPTH, fused
from bentos.search.lexical import LexicalIndex, product_texts
from bentos.search.spelling import Speller
from bentos.serving.errors import IndexMismatch, IndexMissing
from bentos.serving.versions import point_at, pointed_at, write_version

COLUMNS = (
    "product_id",
    "title",
    "description",
    "brand",
    "department",
    "category",
    "product_type",
    "size",
    "price",
    "in_stock",
    "attributes",
    "text",
)
_LAYOUT = 1  # of the files: indexes of another one are not those that this code makes
_PRODUCTS = "products.arrow"
_DESCRIPTION = "index.json"


@dataclass(frozen=True)
class Built:
    """A version of the index, and what it took."""

    version: str
    n_products: int
    n_embedded: int  # texts that no version before had


@dataclass(frozen=True)
class Retrieved:
    """Products found for a query, best first; every one has every stage's score."""

    rows: Rows  # [n] of the index's products
    lexical: Scores  # [n] BM25F; 0 where no term is the product's
    dense: Scores  # [n] cosine; 0 where there was no query vector
    fused: Scores  # [n] what they are ordered by
    by_lexical: Mask  # [n] whether the stage itself found it
    by_dense: Mask


def build_index(
    products: pa.Table, vectors: TextVectors, folder: Path, progress: Progress
) -> Built:
    """Writes a version for a catalogue (``COLUMNS``, in order of product) and puts it in force.

    Only texts that ``vectors`` does not know are encoded. A version is named by what it is made
    of: one that is there already is not made again.
    """
    products = products.select(COLUMNS).combine_chunks()
    version = _version(products, vectors.encoder.digest)
    if (folder / version).exists():
        point_at(folder, version)
        return Built(version, products.num_rows, 0)
    encoded_before = vectors.n_encoded
    dense = _dense(products, vectors, progress)
    lexical = LexicalIndex.of(products)
    speller = Speller.of(product_texts(products), vectors.encoder.words)

    def fill(staging: Path) -> None:
        _write_table(staging / _PRODUCTS, products)
        dense.save(staging)
        lexical.save(staging)
        speller.save(staging)
        description = {"encoder": vectors.encoder.digest, "products": products.num_rows}
        (staging / _DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")

    def derive(staging: Path) -> None:
        if dense.needs_graph:
            dense.with_graph().save_graph(staging)

    write_version(folder, lambda _: version, fill, derive)
    return Built(version, products.num_rows, vectors.n_encoded - encoded_before)


def _version(products: pa.Table, encoder: str) -> str:
    digest = sha256(f"{_LAYOUT} {encoder}".encode())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, products.schema) as writer:
        writer.write_table(products)
    digest.update(sink.getvalue())
    return digest.hexdigest()[:12]


def _dense(products: pa.Table, vectors: TextVectors, progress: Progress) -> DenseIndex:
    encoded = products["text"].combine_chunks().dictionary_encode()
    matrix = vectors.of(encoded.dictionary.to_pylist(), progress)
    return DenseIndex(matrix, encoded.indices.to_numpy().astype(np.int32))


def _write_table(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def current_index(folder: Path) -> str:
    """The name of the version in force.

    Raises:
        IndexMissing: none was ever written.
    """
    version = pointed_at(folder)
    if version is None:
        raise IndexMissing(
            f"{folder} holds no search index; `shopkeeper publish-state` builds one."
        )
    return version


class SearchIndex:
    """One version, read-only: any number of threads may search it at once."""

    def __init__(self, folder: Path, version: str) -> None:
        """Maps a version; see ``open``."""
        here = folder / version
        self.version = version
        with pa.memory_map(str(here / _PRODUCTS)) as source:
            self.products: pa.Table = pa.ipc.open_file(source).read_all()
        self.columns = Columns.of(self.products)
        self._lexical = LexicalIndex.load(here, self.products.num_rows)
        self._dense = DenseIndex.load(here)
        self._speller = Speller.load(here)

    @classmethod
    def open(cls, folder: Path, encoder_digest: str, version: str | None = None) -> "SearchIndex":
        """Opens a version, by default the one in force.

        Raises:
            IndexMissing: the version is not there, or damaged.
            IndexMismatch: its vectors are another encoder's.
        """
        version = version or current_index(folder)
        try:
            text = (folder / version / _DESCRIPTION).read_text(encoding="utf-8")
            made_by = json.loads(text)["encoder"]
            if made_by != encoder_digest:
                raise IndexMismatch(
                    f"search index {version} in {folder} was made by encoder {made_by}, not by "
                    f"{encoder_digest}; build it again."
                )
            return cls(folder, version)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid) as error:
            raise IndexMissing(
                f"search index {version} in {folder} can't be read: {error}"
            ) from error

    def search(self, query: str, vector: Scores | None, filters: Filters, depth: int) -> Retrieved:
        """The best ``depth`` products that pass the filters; fewer where no more can be found.

        ``vector`` is the query's unit vector; without one, only words count.
        """
        deep = max(depth, STAGE_DEPTH)
        passing = None if filters.are_none else allowed(self.columns, filters)
        lexical = self._lexical.scores(query)
        by_lexical = Found.best(_only(lexical, passing), deep)
        by_dense = NOTHING if vector is None else self._dense.search(vector, deep, passing)
        best = fused(by_lexical, by_dense, depth)
        return Retrieved(
            rows=best.rows,
            lexical=lexical[best.rows],
            dense=self._similarities(vector, best.rows),
            fused=best.scores,
            by_lexical=np.isin(best.rows, by_lexical.rows),
            by_dense=np.isin(best.rows, by_dense.rows),
        )

    def scores(self, query: str, vector: Scores, rows: Rows) -> tuple[Scores, Scores]:
        """What words and vectors say of some products, found or not, [n] each."""
        return self._lexical.scores(query)[rows], self._dense.similarities(vector, rows)

    def corrected(self, query: str) -> str | None:
        """The query with its typos corrected; None where there are none."""
        return self._speller.corrected(query)

    def _similarities(self, vector: Scores | None, rows: Rows) -> Scores:
        if vector is None:
            return np.zeros(len(rows), np.float32)
        return self._dense.similarities(vector, rows)


def _only(scores: Scores, passing: Mask | None) -> Scores:
    """Scores of what has a term and passes; minus infinity elsewhere."""
    kept = scores > 0 if passing is None else (scores > 0) & passing
    return np.where(kept, scores, np.float32(-np.inf))
