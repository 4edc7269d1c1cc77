"""A request's matrix products with nothing between them, as fast as this machine computes them."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import cycle
from statistics import median

import torch

from bentos.cores import a_core_each
from bentos.encoders.products import OneDnnProduct, Product, TorchProduct
from tests.benchmarks.stages import Span

_LAYERS = 6  # whose weights differ: they don't all stay in a cache
_REPEATED = 15
_LARGE = 2048  # rows and columns of a product that any library computes as fast as it can

Chains = Sequence[Sequence[Span]]  # of products, of each thread
_Chain = Callable[[], None]


def seconds_alone(chains: Chains) -> float:
    """Seconds of the fastest way to compute these products here, in their own type.

    Ways are PyTorch's products and oneDNN's, each thread's own on a core, or all cores on each.
    """
    dtype = getattr(torch, chains[0][0].dtype)
    ways = []
    for product in (TorchProduct, OneDnnProduct):
        laid_out = [_chain(chain, product, dtype) for chain in chains]
        with a_core_each() as cores:
            ways.append(_median_seconds(partial(_at_once, laid_out, cores)))
        ways.append(_median_seconds(partial(_in_turns, laid_out)))
    return min(ways)


def peak_gflops(dtype: str) -> float:
    """GFLOP/s of all cores in one large product."""
    one, other = torch.rand(2, _LARGE, _LARGE).to(getattr(torch, dtype))
    return 2 * _LARGE**3 / _median_seconds(lambda: torch.mm(one, other)) / 1e9


def _chain(chain: Sequence[Span], product: type[Product], dtype: torch.dtype) -> _Chain:
    """The products of a thread, one after another."""
    weights = {
        (d, e): cycle([product(*_weights(d, e, dtype)) for _ in range(_LAYERS)])
        for d, e in {(span.d, span.e) for span in chain}
    }
    states = {(s.n, s.d): torch.rand(s.n, s.d).to(dtype) for s in chain}
    steps = [(next(weights[s.d, s.e]), states[s.n, s.d]) for s in chain]

    @torch.inference_mode()
    def run() -> None:
        for multiply, given in steps:
            multiply(given)

    return run


def _weights(d: int, e: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.rand(e, d).to(dtype), torch.rand(e).to(dtype)


def _at_once(chains: Sequence[_Chain], cores: Executor) -> None:
    for running in [cores.submit(chain) for chain in chains]:
        running.result()


def _in_turns(chains: Sequence[_Chain]) -> None:
    for chain in chains:
        chain()


def _median_seconds(run: Callable[[], object]) -> float:
    run()  # oneDNN compiles what it meets for the first time
    took = []
    for _ in range(_REPEATED):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return median(took)
