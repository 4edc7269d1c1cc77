"""The systems that look for faults."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks.incidents.detectors.detector import Detector, Incident
from tests.benchmarks.incidents.detectors.evidently import HALF, Evidently
from tests.benchmarks.incidents.detectors.shopkeeper import Shopkeeper
from tests.benchmarks.incidents.detectors.three_sigma import ThreeSigma

__all__ = ["DETECTORS", "Detector", "Incident", "ThreeSigma"]

# Each is made once a process, with the folder that peers' environments lie in.
DETECTORS: Mapping[str, Callable[[Path], Detector]] = {
    "shopkeeper": lambda peers: Shopkeeper(),
    "three sigma": lambda peers: ThreeSigma(),
    "evidently": lambda peers: Evidently(peers, HALF),
    "evidently, any column": lambda peers: Evidently(peers, 0.0),
}
