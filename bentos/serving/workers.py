"""How many processes a service has, and what each of them takes of the machine.

Torch is not imported here: BentoML's parent asks how many there are to be, and needs no more.
"""

import os
from math import ceil

from bentoml import server_context
from bentoml._internal.resource import NvidiaGpuResource

from bentos.serving.settings import ServingSettings

_CORES_OF_ONE = 8
_READERS_OF_A_GPU = 2  # one lays out its batch while the GPU computes the other's


def n_workers(settings: ServingSettings) -> int:
    """The worker processes of a service; never more than cores, where they compute on those.

    `auto` is one for each GPU. On a CPU it is one for eight cores: readers of a process take turns
    at the interpreter, which a batch needs for a twentieth of its time in fp32, and for more where
    products are faster. On two cores a second worker takes its memory and reads no more
    (docs/serving.md; `make bench-workers`).
    """
    gpus = n_gpus(settings)
    if gpus:
        return gpus * (1 if settings.workers == "auto" else settings.workers)
    cores = _cores()
    return (
        ceil(cores / _CORES_OF_ONE) if settings.workers == "auto" else min(settings.workers, cores)
    )


def n_readers(settings: ServingSettings) -> int:
    """The reader threads of this worker: its share of those that all workers have together."""
    workers = n_workers(settings)
    usual = _READERS_OF_A_GPU * workers if n_gpus(settings) else _cores()
    readers, place = settings.readers or usual, worker() % workers
    return max(readers * (place + 1) // workers - readers * place // workers, 1)


def worker() -> int:
    """Which of the workers this is, from 0 on; 0 where nobody numbers them."""
    return (server_context.worker_index or 1) - 1


def n_gpus(settings: ServingSettings) -> int:
    """The GPUs that a service may use."""
    if settings.device == "cpu":
        return 0
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return len(NvidiaGpuResource.from_system())
    return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])


def _cores() -> int:
    return os.cpu_count() or 1
