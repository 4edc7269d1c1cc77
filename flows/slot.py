"""The warehouse slot: DuckDB lets one process write at a time, so tasks that write take turns.

Tasks that write carry the tag ``warehouse``, of which the Prefect server runs one at a time; the
file lock holds where no server sees both, and dies with its process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from prefect.logging import get_run_logger

from flows.settings import Settings
from warehouse.connection import Connection, open_warehouse

TAG = "warehouse"


@contextmanager
def writable_warehouse(settings: Settings, who: str) -> Iterator[Connection]:
    """Yields the warehouse to write, once nobody else does; while it waits, it says for whom."""
    settings.home.mkdir(parents=True, exist_ok=True)
    holder = settings.home / "warehouse.holder"
    with _lock(settings.home / "warehouse.lock", holder):
        holder.write_text(f"{who} (process {os.getpid()})", encoding="utf-8")
        try:
            with open_warehouse(settings.warehouse) as connection:
                yield connection
        finally:
            holder.unlink(missing_ok=True)


@contextmanager
def _lock(path: Path, holder: Path) -> Iterator[None]:
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        get_run_logger().info("waits for the warehouse: %s writes it", who_writes(holder))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def who_writes(holder: Path) -> str:
    """The flow that holds the slot, as it named itself."""
    try:
        return holder.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "another flow"
