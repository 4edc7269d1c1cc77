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
from bentos.search.understanding.vocabulary import Vocabulary
from bentos.serving.arrow import map_table, write_table
from bentos.serving.errors import IndexMismatch, IndexMissing
from bentos.serving.versions import DIGEST_LENGTH, point_at, write_version

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
_LAYOUT = 2  # of the files: indexes of another one are not those that this code makes
_WITHOUT_VOCABULARY = 1  # a layout that is read still
_PRODUCTS = "products.arrow"
_DESCRIPTION = "index.json"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, pa.ArrowInvalid)


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
    vocabulary = Vocabulary.of(products)

    def fill(staging: Path) -> None:
        write_table(staging / _PRODUCTS, products)
        dense.save(staging)
        lexical.save(staging)
        speller.save(staging)
        vocabulary.save(staging)
        description = {
            "layout": _LAYOUT,
            "encoder": vectors.encoder.digest,
            "products": products.num_rows,
        }
        (staging / _DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")

    write_version(folder, lambda _: version, fill)
    return Built(version, products.num_rows, vectors.n_encoded - encoded_before)


def _version(products: pa.Table, encoder: str) -> str:
    digest = sha256(f"{_LAYOUT} {encoder}".encode())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, products.schema) as writer:
        writer.write_table(products)
    digest.update(sink.getvalue())
    return digest.hexdigest()[:DIGEST_LENGTH]


def _dense(products: pa.Table, vectors: TextVectors, progress: Progress) -> DenseIndex:
    encoded = products["text"].combine_chunks().dictionary_encode()
    matrix = vectors.of(encoded.dictionary.to_pylist(), progress)
    dense = DenseIndex(matrix, encoded.indices.to_numpy().astype(np.int32))
    return dense.with_graph() if dense.needs_graph else dense


class SearchIndex:
    """One version, read-only: any number of threads may search it at once."""

    def __init__(self, place: Path, layout: int = _LAYOUT) -> None:
        """Maps the version in a folder; see ``open``."""
        self.version = place.name
        self.products = map_table(place / _PRODUCTS)
        self.columns = Columns.of(self.products)
        self._lexical = LexicalIndex.load(place, self.products.num_rows)
        self._dense = DenseIndex.load(place)
        self._speller = Speller.load(place)
        self.vocabulary = (
            Vocabulary.of(self.products)  # it takes seconds
            if layout == _WITHOUT_VOCABULARY
            else Vocabulary.load(place, self.products.num_rows)
        )

    @classmethod
    def open(cls, place: Path, encoder_digest: str) -> "SearchIndex":
        """Opens the version in the folder ``place``.

        Raises:
            IndexMissing: it is not there, or damaged.
            IndexMismatch: its vectors are another encoder's.
        """
        try:
            said = json.loads((place / _DESCRIPTION).read_text(encoding="utf-8"))
            made_by = said["encoder"]
            if made_by != encoder_digest:
                raise IndexMismatch(
                    f"search index {place} was made by encoder {made_by}, not by "
                    f"{encoder_digest}; `shopkeeper publish-state` builds one for it."
                )
            return cls(place, said.get("layout", _WITHOUT_VOCABULARY))
        except _UNREADABLE as error:
            raise IndexMissing(
                f"search index {place} can't be read: {error}; `shopkeeper publish-state` builds "
                "one."
            ) from error

    def search(self, query: str, vector: Scores | None, filters: Filters, depth: int) -> Retrieved:
        """The best ``depth`` products that pass the filters; fewer where no more can be found.

        ``vector`` is the query's unit vector; without one, only words count.
        """
        passing = None if filters.are_none else allowed(self.columns, filters)
        lexical = self._lexical.scores(query)
        by_lexical, by_dense = self._found(lexical, vector, passing, depth)
        best = fused(by_lexical, by_dense, depth)
        return Retrieved(
            rows=best.rows,
            lexical=lexical[best.rows],
            dense=self._similarities(vector, best.rows),
            fused=best.scores,
            by_lexical=np.isin(best.rows, by_lexical.rows),
            by_dense=np.isin(best.rows, by_dense.rows),
        )

    def stages(self, query: str, vector: Scores, depth: int) -> dict[str, Found]:
        """The best ``depth`` of what words, vectors, and the two together find, each by itself."""
        by_lexical, by_dense = self._found(self._lexical.scores(query), vector, None, depth)
        return {
            "lexical": by_lexical.first(depth),
            "dense": by_dense.first(depth),
            "fused": fused(by_lexical, by_dense, depth),
        }

    def _found(
        self, lexical: Scores, vector: Scores | None, passing: Mask | None, depth: int
    ) -> tuple[Found, Found]:
        """What words and vectors find each, deep enough to be fused."""
        deep = max(depth, STAGE_DEPTH)
        having = np.flatnonzero(lexical if passing is None else lexical * passing)
        by_lexical = Found.best_of(having, lexical[having], deep)
        by_dense = NOTHING if vector is None else self._dense.search(vector, deep, passing)
        return by_lexical, by_dense

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
