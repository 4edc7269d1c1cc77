"""The speeds of search: over HTTP, of the index's build, and of nearest neighbours.

Over HTTP the 90 queries of Chorus are asked by one client and by eight at once, without a deadline:
of the model that `shopkeeper demo` trains and puts into service in a home of its own, and of one
whose cross-encoder reads 50 candidates of every search, whatever it learnt ("reads": how many
were read, as the prediction log tells; a model whose training kept no epoch reads none).

The index is built of Chorus's 19,406 products, and again after 1% of their texts have changed.
Nearest neighbours are the benchmark `search_ann`.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bentos.encoders.text import TextEncoder, TextVectors
from bentos.search.index import build_index
from bentos.serving.deadline import HEADER
from flows.settings import Settings
from tests.benchmarks import search_ann, serving
from tests.benchmarks.chorus import add_data, chorus_catalogue, chorus_requests, quietly
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.processes import NO_CACHES
from tests.benchmarks.reading_home import reading_home

BENCH = "search"
OURS = "shopkeeper"
CLIENTS = (1, 8)
ROUNDS = 3  # in which each query is asked once
PORTS = {"SHOPKEEPER_PREFECT_PORT": "4270", "SHOPKEEPER_SERVICE_PORT": "3270"}
SHOPKEEPER = [sys.executable, "-m", "flows.cli"]


def main() -> None:
    """Runs the benchmark as the command line asks."""
    arguments = _arguments()
    chorus = arguments.data.resolve() / "chorus"
    for figure in _of_index(chorus_catalogue(chorus)):
        show(figure)
    queries = pc.unique(pq.read_table(chorus / "judgments.parquet")["query"]).to_pylist()
    for service in (_trained, _reading):
        with service(chorus) as (url, home):
            for clients in CLIENTS:
                for figure in _over_http(url, home, queries, clients):
                    show(figure)
    for figure in search_ann.figures(arguments.size or search_ann.SIZES):
        show(figure)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_data(parser)
    parser.add_argument(
        "--size", type=int, action="append", help="vectors among which neighbours are sought"
    )
    return parser.parse_args()


def _of_index(products: pa.Table) -> Iterator[Figure]:
    say("builds the index")
    changed = products.num_rows // 100
    text = pa.chunked_array(
        [
            pc.binary_join_element_wise(
                products["text"][:changed], "renewed", " "
            ).combine_chunks(),
            products["text"][changed:].combine_chunks(),
        ]
    )
    renewed = products.set_column(products.schema.get_field_index("text"), "text", text)
    with TemporaryDirectory() as folder:
        vectors = TextVectors(Path(folder) / "vectors", TextEncoder())
        for settings, table in (({}, products), ({"changed": changed}, renewed)):
            began = time.perf_counter()
            built = build_index(table, vectors, Path(folder) / "index", quietly)
            seconds = time.perf_counter() - began
            n = built.n_products
            yield Figure(BENCH, OURS, "index build", seconds, "s", n, settings)
            yield Figure(BENCH, OURS, "texts encoded", built.n_embedded, "texts", n, settings)


@contextmanager
def _reading(chorus: Path) -> Iterator[tuple[str, Path]]:
    """A service whose cross-encoder reads, and its home."""
    home = Settings().home.resolve() / "bench" / serving.BENCH
    os.environ["BENTOML_HOME"] = str(home / "bentoml")
    reading_home(home, chorus, chorus_requests(chorus))
    with serving.served(home) as system:
        yield system.running.url, home


@contextmanager
def _trained(chorus: Path) -> Iterator[tuple[str, Path]]:
    """A search service over Chorus, and its home; what was trained before is served again."""
    home = Settings().home.resolve() / "bench" / BENCH
    environment = {**os.environ, **PORTS, **NO_CACHES, "SHOPKEEPER_HOME": str(home)}
    known = (home / "rollouts" / "search.json").exists()
    demo = ["demo", "--data", str(chorus), "--days", "1"]
    say("puts search into service")
    _shopkeeper(["up"] if known else demo, environment)
    try:
        url = f"http://127.0.0.1:{int(PORTS['SHOPKEEPER_SERVICE_PORT']) + 1}"
        _wait_for(url)
        yield url, home
    finally:
        _shopkeeper(["down"], environment)


def _shopkeeper(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    subprocess.run([*SHOPKEEPER, *arguments], env=environment, stdout=sys.stderr, check=True)


def _wait_for(url: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise TimeoutError(f"{url} did not come up within {seconds:.0f} s")


def _over_http(url: str, home: Path, queries: Sequence[str], clients: int) -> Iterator[Figure]:
    say(f"{clients} at once ask {ROUNDS} times {len(queries)} queries")
    with (
        httpx.Client(base_url=url, headers={HEADER: "off"}, timeout=60) as client,
        ThreadPoolExecutor(clients) as pool,
    ):

        def ask(query: str) -> float:
            began = time.perf_counter()
            client.post("/search", json={"query": query}).raise_for_status()
            return (time.perf_counter() - began) * 1000

        list(pool.map(ask, queries[: 2 * clients]))
        began = time.perf_counter()
        took = np.array(list(pool.map(ask, [*queries] * ROUNDS)))
        rate = len(took) / (time.perf_counter() - began)
    settings = {"clients": clients, "reads": _reads(home, len(took))}
    for share in (50, 95):
        value = float(np.percentile(took, share))
        yield Figure(BENCH, OURS, f"p{share}", value, "ms", len(took), settings)
    yield Figure(BENCH, OURS, "searches/s", rate, "1/s", len(took), settings)


def _reads(home: Path, n: int) -> float:
    """How many candidates were read in the newest ``n`` searches, on average."""
    lines = [
        orjson.loads(line)
        for segment in (home / "serving_logs" / BENCH).iterdir()
        for line in segment.read_bytes().splitlines()
    ]
    newest = sorted(lines, key=lambda line: str(line["logged_at"]))[-n:]
    return round(float(np.mean([line["n_read"] for line in newest])), 1)


if __name__ == "__main__":
    main()
