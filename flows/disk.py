"""A disk without room: said plainly by whatever runs into it."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import DiskFull, FlowError, ServerMissing
from warehouse.errors import RawUnwritable

_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_WORDS = ("No space left on device", "Disk quota exceeded", "File too large")  # DuckDB has no codes

_NO_ROOM = 2**20  # bytes: with less nothing goes on


@contextmanager
def room_on_disk(home: Path) -> Iterator[None]:
    """Says what to do where something in the block finds no room to write.

    Raises:
        DiskFull: the disk is full, or a file may not grow.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (FlowError, RawUnwritable)) and not isinstance(error, ServerMissing):
            raise  # which say what to do
        said = next(filter(None, map(_said_of_room, _causes(error))), None)
        if said is None and shutil.disk_usage(home).free < _NO_ROOM:
            said = (
                f"{type(error).__name__}, {_first_line(error)}"  # Prefect's server, say, hides why
            )
        if said is None:
            raise
        raise DiskFull(
            f"there is no room to write: {said}. {home} lies on a disk of which {_free(home)} are "
            "free. What was written before is kept, the logs are as they were, and services go on "
            "with the models they have; free space there and run it again: it goes on where it "
            "stopped."
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Writes a page, or leaves the one that was there: never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _said_of_room(error: BaseException) -> str | None:
    said = str(error)
    full = getattr(error, "errno", None) in _CODES or any(words in said for words in _WORDS)
    return _first_line(error) if full else None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def _free(home: Path) -> str:
    usage = shutil.disk_usage(home)
    return f"{usage.free / 1e6:,.0f} of {usage.total / 1e6:,.0f} MB"
