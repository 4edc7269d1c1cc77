"""Work that is spread over the cores by the batch, not by the product."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import torch


@contextmanager
def a_core_each() -> Iterator[Executor]:
    """As many threads as torch has, each of which computes by itself.

    Threads that share a product wait for each other at the end of every one, and what is not a
    product has one core only. A batch for each core takes a seventh less time where products are
    small and many, and more than that where there is other work beside them.
    """
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=partial(torch.set_num_threads, 1)) as cores:
            yield cores
    finally:
        torch.set_num_threads(threads)  # else threads to come would have the number of these
