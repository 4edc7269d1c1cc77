"""A service as a process of its own: started, waited for, weighed, ended with all its children."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

NO_CACHES = {  # what is asked twice is worked out twice: that is what is measured
    f"SHOPKEEPER_CACHED_{what}": "0" for what in ("QUERIES", "SEARCHES", "RERANKINGS")
}

_READY_SECONDS = 180.0  # a fresh environment compiles what it imports
_END_SECONDS = 15.0


class NotReady(Exception):
    """A service did not come up."""

    def __init__(self, url: str, why: str, said: Path) -> None:
        super().__init__(f"{url} did not come up: {why}; what it said is in {said}")


@dataclass(frozen=True)
class Running:
    """A service that answers."""

    url: str
    process: psutil.Process

    def pss_mb(self) -> float:
        """Megabytes of all its processes: what they share counts once."""
        return sum(_pss(process) for process in _tree(self.process)) / 1e6


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], port: int, ready: str, said: Path
) -> Iterator[Running]:
    """Starts a service, yields it once ``ready`` answers 2xx, and ends it with its children.

    What it says goes to the file ``said``; ``environment`` adds to this process's own.

    Raises:
        NotReady: it ended, or three minutes went by.
    """
    said.parent.mkdir(parents=True, exist_ok=True)
    with said.open("wb") as output:
        started = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to pass on
        )
    service = Running(f"http://127.0.0.1:{port}", psutil.Process(started.pid))
    try:
        _wait(service, started, ready, said)
        yield service
    finally:
        _end(service.process)
        started.wait()


def _wait(service: Running, started: subprocess.Popen[bytes], ready: str, said: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if started.poll() is not None:
            raise NotReady(service.url, f"it ended with exit code {started.returncode}", said)
        try:
            if httpx.get(service.url + ready, timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise NotReady(service.url, f"{ready} did not answer within {_READY_SECONDS:.0f} s", said)


def _end(process: psutil.Process) -> None:
    """Asks the first process to end, and the others after it where they have not."""
    tree = _tree(process)
    for wanted in (tree[:1], tree):
        _signal(wanted, "terminate")
        _, tree = psutil.wait_procs(tree, timeout=_END_SECONDS)
    _signal(tree, "kill")


def _tree(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal(processes: Sequence[psutil.Process], how: str) -> None:
    for process in processes:
        try:
            getattr(process, how)()
        except psutil.NoSuchProcess:
            continue


def _pss(process: psutil.Process) -> int:
    """Bytes: the proportional set size, where a page that n processes share counts 1/n each."""
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended since
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
