"""Memory that is no longer used, given back."""

import ctypes
import gc
import sys


def give_back(*, cycles: bool = True) -> None:
    """Returns what is free to the operating system.

    glibc keeps freed memory for later: after a model has taken another's place, or a training has
    ended, that is as much again as is in use. Looking for ``cycles`` of garbage stops every thread
    for as long as it takes: a service does without.
    """
    if cycles:
        gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)  # ctypes lets other threads run
