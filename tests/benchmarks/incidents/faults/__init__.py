"""Every fault there is."""

from collections.abc import Mapping

from tests.benchmarks.incidents.faults import data, serving, traffic, world
from tests.benchmarks.incidents.faults.fault import STRENGTHS, Fault, Injected, Strength

__all__ = ["FAULTS", "STRENGTHS", "Fault", "Injected", "Strength"]

FAULTS: Mapping[str, Fault] = {
    fault.name: fault for module in (data, traffic, serving, world) for fault in module.FAULTS
}
