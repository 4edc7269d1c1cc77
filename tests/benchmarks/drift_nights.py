"""How many nights without drift find some: over histories of 10,000 nights, of several kinds.

Each subject's shares differ by weekday and by day; nothing else ever changes, so all that is found
is false, and the share of nights that find anything is the false discovery rate.
"""

import argparse
from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

import numpy as np

from tests.benchmarks.figures import Figure, show
from tests.simulation.distributions import Floats, History, Nights, heavy_tailed

BENCH = "drift_nights"
_WARM = 70  # days, until earlier distances fill their window
_N_BINS = History().n_bins


def _more_on(weekdays: tuple[int, ...], spread: float) -> Callable[[int, str], Floats | float]:
    """Days of these weekdays are further off than others."""

    def change(night: int, subject: str) -> Floats | float:
        if night % 7 not in weekdays:
            return 0.0
        return spread * _drawn(subject, night)

    return change


def _season(night: int, subject: str) -> Floats | float:
    """Logits swing within half of their spread, once a year."""
    return 0.5 * float(np.sin(2 * np.pi * night / 365)) * _drawn(subject, 0)


def _drawn(subject: str, number: int) -> Floats:
    rng = np.random.default_rng([number, crc32(subject.encode())])
    return rng.standard_normal(_N_BINS[subject])


_HISTORIES: Mapping[str, Mapping[str, Any]] = {
    "as a rule": {},
    "days differ by chance alone": {"daily": 0.0},
    "days differ four times as much": {"daily": 0.2},
    "a tenth of the traffic": {"requests": 2_000},
    "traffic of three times the spread": {"volume": 0.3},
    "days are like those before": {"memory": 0.7},
    "days drift on for weeks": {"memory": 0.95},
    "weekends vary twice as much": {"change": _more_on((5, 6), 0.087)},
    "a weekday varies three times as much": {"change": _more_on((6,), 0.141)},
    "a season": {"change": _season},
    "one day in fifty is four times as far off": {"noise": heavy_tailed},
}


def main() -> None:
    """Runs the study as the command line asks."""
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--nights", type=int, default=10_000)
    for name, history in _HISTORIES.items():
        nights = Nights(History(**history)).go_through(parser.parse_args().nights + _WARM)
        p, q, has = (
            np.array(of)[_WARM:] for of in (nights.p_values, nights.q_values, nights.drifted)
        )
        for metric, share in (
            ("false_discovery_rate", (q <= 0.05).any(axis=1).mean()),
            ("nights_with_false_drift", has.any(axis=1).mean()),
            ("p_below_0.01", (p < 0.01).mean()),
            ("p_below_0.001", (p < 0.001).mean()),
        ):
            show(Figure(BENCH, "shopkeeper", metric, float(share), "1", len(q), {"history": name}))


if __name__ == "__main__":
    main()
