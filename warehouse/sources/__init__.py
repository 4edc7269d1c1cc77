"""Kinds of source data, one module each: every one maps its own files to the ``raw_*`` tables."""

from warehouse.sources.base import Source
from warehouse.sources.chorus import Chorus
from warehouse.sources.complete_journey import CompleteJourney
from warehouse.sources.esci import Esci
from warehouse.sources.online_retail import OnlineRetail
from warehouse.sources.tables import Tables
from warehouse.sources.ubi import Ubi
from warehouse.sources.wands import Wands

__all__ = [
    "Chorus",
    "CompleteJourney",
    "Esci",
    "OnlineRetail",
    "Source",
    "Tables",
    "Ubi",
    "Wands",
]
