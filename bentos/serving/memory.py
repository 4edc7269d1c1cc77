"""Memory that is no longer used, given back."""

import ctypes
import gc
import sys


def give_back() -> None:
    """Returns what is free to the operating system.

    glibc keeps freed memory for later: after a model has taken another's place, or a training has
    ended, that is as much again as is in use.
    """
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
