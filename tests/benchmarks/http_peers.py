"""The peers that serve over HTTP, each in an environment of its own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.benchmarks.dialects import PEERS as DIALECTS
from tests.benchmarks.environments import PEERS, environment
from tests.benchmarks.peers.reading import Precision
from tests.benchmarks.processes import Running, free_port, running
from tests.benchmarks.reading_folders import Folders

THREADS = os.cpu_count() or 1

# Threads that wait by spinning cost four times the time where another process has a core.
QUIET = {"OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}


def http_peer_names() -> list[str]:
    """Every HTTP peer there is."""
    return list(DIALECTS)


@contextmanager
def serving(
    peer: str,
    folders: Folders,
    precision: Precision,
    home: Path,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Running]:
    """A peer that serves both models, for as long as the block takes.

    Its environment is in ``home``, installed first where it is not there, and so are its caches and
    what it says.
    """
    python = environment(peer, home)
    port = free_port()
    caches = home / "caches"
    command = [str(python), str(PEERS / peer / "serve.py")]
    command += ["--pairs", str(folders.pairs), "--texts", str(folders.texts)]
    command += ["--precision", precision, "--threads", str(THREADS), "--port", str(port)]
    own = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(caches), "BENTOML_HOME": str(caches / "bentoml")}
    said = home / "logs" / f"{peer}-{precision}.log"
    with running(command, QUIET | own | variables, port, DIALECTS[peer].ready, said) as service:
        yield service
