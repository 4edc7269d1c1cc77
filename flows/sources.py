"""Which source a warehouse is filled from."""

from flows.settings import Settings
from warehouse.errors import SourceError
from warehouse.sources import CompleteJourney, OnlineRetail, Source, Tables


def configured_source(settings: Settings) -> Source:
    """The source that the settings name.

    Raises:
        SourceError: it is unknown, or lacks its folder.
    """
    if settings.source == "complete_journey":
        return CompleteJourney(settings.source_path)
    if settings.source not in ("online_retail", "tables"):
        raise SourceError(
            f"SHOPKEEPER_SOURCE is {settings.source!r}; it may be complete_journey, online_retail "
            "or tables."
        )
    if settings.source_path is None:
        raise SourceError(
            f"the source {settings.source} reads a folder; set SHOPKEEPER_SOURCE_PATH to it."
        )
    if settings.source == "online_retail":
        return OnlineRetail(settings.source_path)
    return Tables(settings.source_path)
