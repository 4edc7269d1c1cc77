"""The warehouse slot: DuckDB lets one process write at a time, so tasks that write take turns.

Tasks that write carry the tag ``warehouse``, of which the Prefect server runs one at a time; the
file lock holds where no server sees both, and dies with its process. The server's slot does not:
it stays taken for about a minute, unless `free_what_was_abandoned` finds what was left behind.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_logger, get_run_logger

from flows.settings import Settings
from warehouse.connection import Connection, open_warehouse

TAG = "warehouse"


@contextmanager
def writable_warehouse(settings: Settings, who: str) -> Iterator[Connection]:
    """Yields the warehouse to write, once nobody else does; while it waits, it says for whom."""
    settings.home.mkdir(parents=True, exist_ok=True)
    holder = _holder_of(settings)
    with _lock(_lock_of(settings), holder):
        try:
            holder.write_text(f"{who} (process {os.getpid()})", encoding="utf-8")
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


def writer(settings: Settings) -> str | None:
    """The flow that writes the warehouse now; none if the one that did was killed."""
    holder = _holder_of(settings)
    return who_writes(holder) if holder.exists() and not _is_free(settings) else None


def free_what_was_abandoned(settings: Settings) -> None:
    """Frees the slot that a killed writer holds in the Prefect server.

    Its name is still there, but the lock is free: nobody writes. The killed one's transaction was
    rolled back when the warehouse was opened again.
    """
    holder = _holder_of(settings)
    if not holder.exists() or not _is_free(settings):
        return
    get_logger().warning("%s was killed while it wrote the warehouse", who_writes(holder))
    holder.unlink(missing_ok=True)
    if "PREFECT_API_URL" in os.environ:
        with get_client(sync_client=True) as client, suppress(ObjectNotFound):
            client.update_global_concurrency_limit(
                f"tag:{TAG}", GlobalConcurrencyLimitUpdate(active_slots=0)
            )


def _is_free(settings: Settings) -> bool:
    lock = FileLock(_lock_of(settings))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    lock.release()
    return True


def _lock_of(settings: Settings) -> Path:
    return settings.home / "warehouse.lock"


def _holder_of(settings: Settings) -> Path:
    return settings.home / "warehouse.holder"


def who_writes(holder: Path) -> str:
    """The flow that holds the slot, as it named itself."""
    try:
        return holder.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "another flow"
