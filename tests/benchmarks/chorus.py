"""Chorus's catalogue as the warehouse stages it, and what a reranker is asked of it."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bentos.search.lexical import LexicalIndex
from warehouse.connection import open_warehouse
from warehouse.marts import catalogue
from warehouse.sources import Chorus
from warehouse.sources.base import ingest
from warehouse.staging import stage_products

_SEED = 20171120


@dataclass(frozen=True)
class JudgedTitles:
    """A query and the titles that are to be ranked for it."""

    query: str
    titles: list[str]
    gains: NDArray[np.float64]  # of each title; 0 where nobody judged


def add_data(parser: ArgumentParser) -> None:
    """Lets the command line say where the shared data lie."""
    data = Path(os.environ.get("SHOPKEEPER_TEST_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help="the folder that chorus/ lies in")


def chorus_catalogue(folder: Path) -> pa.Table:
    """Every product, in the order of their identifiers."""
    with (
        TemporaryDirectory() as home,
        open_warehouse(Path(home) / "warehouse.duckdb") as connection,
    ):
        ingest(connection, Chorus(folder), None, quietly)
        stage_products(connection)
        return catalogue(connection)


def chorus_judgments(folder: Path) -> pa.Table:
    """query_id, product_id and gain of every judged pair; ``query_id`` is what was asked."""
    found = pq.read_table(folder / "judgments.parquet").to_pylist()
    return pa.table(
        {
            "query_id": [" ".join(judged["query"].split()) for judged in found],
            "product_id": [judged["product_id"] for judged in found],
            "gain": [2.0 ** judged["final_rating"] - 1 for judged in found],
        }
    )


def chorus_requests(folder: Path, n: int = 50) -> list[JudgedTitles]:
    """Every judged query with ``n`` titles, in the order of their BM25: what it would rerank.

    They are the titles of what was judged and of what BM25 likes best beside it; where it finds no
    more, a seeded draw fills up.
    """
    products = chorus_catalogue(folder)
    titles = np.array(products["title"].to_pylist())
    row_of = {product: row for row, product in enumerate(products["product_id"].to_pylist())}
    lexical = LexicalIndex.of(products)
    gains = {query: np.zeros(len(titles)) for query in _queries(folder)}
    judged = {query: np.zeros(len(titles), np.bool_) for query in gains}
    for row in chorus_judgments(folder).to_pylist():
        place = row_of[row["product_id"]]
        gains[row["query_id"]][place], judged[row["query_id"]][place] = row["gain"], True
    random = np.random.default_rng(_SEED)
    requests = []
    for query, known in judged.items():
        draw, scores = random.permutation(len(titles)), lexical.scores(query)
        chosen = np.lexsort((draw, -scores, ~known))[:n]
        rows = chosen[np.lexsort((draw[chosen], -scores[chosen]))]
        requests.append(JudgedTitles(query, titles[rows].tolist(), gains[query][rows]))
    return requests


def _queries(folder: Path) -> list[str]:
    queries: list[str] = pc.unique(chorus_judgments(folder)["query_id"]).to_pylist()
    return queries


def quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
    """No progress bar."""
    return items
