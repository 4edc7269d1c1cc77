"""Which source a warehouse is filled from."""

import os
from collections.abc import Callable
from pathlib import Path

from flows.settings import Settings
from warehouse.errors import SourceError
from warehouse.sources import (
    Chorus,
    CompleteJourney,
    Esci,
    OnlineRetail,
    Source,
    Tables,
    Ubi,
    Wands,
)

_OF_FOLDERS: dict[str, Callable[[Path], Source]] = {
    "online_retail": OnlineRetail,
    "chorus": Chorus,
    "esci": Esci,
    "wands": Wands,
    "ubi": Ubi,
    "tables": Tables,
}
# What a folder must hold to be taken for a source of this kind. A mapping says it outright.
_LAYOUTS: dict[str, tuple[str, ...]] = {
    "tables": Tables.files,
    "chorus": Chorus.files,
    "esci": Esci.files,
    "wands": Wands.files,
    "ubi": Ubi.files,
}


def configured_source(settings: Settings) -> Source:
    """The source that the settings name.

    Raises:
        SourceError: it is unknown, or lacks its folder.
    """
    if settings.source == "complete_journey":
        return CompleteJourney(settings.source_path)
    if settings.source not in _OF_FOLDERS:
        *others, last = _OF_FOLDERS
        raise SourceError(
            f"SHOPKEEPER_SOURCE is {settings.source!r}; it may be complete_journey, "
            f"{', '.join(others)} or {last}."
        )
    if settings.source_path is None:
        raise SourceError(
            f"the source {settings.source} reads a folder; set SHOPKEEPER_SOURCE_PATH to it."
        )
    return _OF_FOLDERS[settings.source](settings.source_path)


def take_from(folder: Path) -> None:
    """Makes a folder the configured source, for this process and those that it starts.

    Raises:
        SourceError: there is no such folder, or its files are of no layout that we know.
    """
    os.environ |= {
        "SHOPKEEPER_SOURCE": kind_of(folder),
        "SHOPKEEPER_SOURCE_PATH": str(folder.resolve()),
    }


def kind_of(folder: Path) -> str:
    """The kind of source that a folder's files are, as ``SHOPKEEPER_SOURCE`` names it.

    Raises:
        SourceError: there is no such folder, or they are of no layout that we know.
    """
    if not folder.is_dir():
        raise SourceError(f"there is no folder {folder}: name the one that your files lie in.")
    for kind, files in _LAYOUTS.items():
        if all((folder / file).is_file() for file in files):
            return kind
    layouts = "; ".join(f"{kind}: {' and '.join(files)}" for kind, files in _LAYOUTS.items())
    raise SourceError(
        f"{folder} holds data of no layout that we know. One of these was expected: {layouts}. "
        "docs/bring-your-own-data.md shows how a shopkeeper.yaml takes any other files."
    )
