"""Memory that is not needed: not taken, or given back."""

import ctypes
import gc
import sys

import pyarrow as pa


def give_back(*, cycles: bool = True) -> None:
    """Returns what is free to the operating system.

    glibc and Arrow keep freed memory for later: after a model has taken another's place, or a
    training has ended, that is as much again as is in use. Looking for ``cycles`` of garbage stops
    every thread for as long as it takes: a service does without.
    """
    if cycles:
        gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)  # ctypes lets other threads run


def without_pandas() -> None:
    """Lets Arrow believe that there is no pandas, unless it is loaded already.

    Where it is installed, Arrow loads it with the first array that it makes: 30 MB, for tables that
    no service asks it for.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _NoPandas)
        try:
            pa.array([])
        finally:
            sys.meta_path.remove(_NoPandas)


class _NoPandas:
    """Finds that there is none."""

    @classmethod
    def find_spec(cls, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
