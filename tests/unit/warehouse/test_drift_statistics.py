"""Distances between distributions, held against scipy's on the same bins."""

from __future__ import annotations

from math import log, sqrt
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from scipy.stats import chi2_contingency, ks_2samp, wasserstein_distance

from warehouse.connection import Connection, declare_tables
from warehouse.statements import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MISSING = 16384


@pytest.fixture
def warehouse() -> Iterator[Connection]:
    with duckdb.connect(config={"threads": 2}) as connection:
        declare_tables(connection)
        yield connection


def found(
    warehouse: Connection,
    bins: Sequence[int | None],
    n: Sequence[int],
    n_reference: Sequence[int],
    values: Sequence[str | None] | None = None,
) -> dict[str, Any]:
    """The statistics of one series."""
    counts = pa.table(
        {
            "series": pa.repeat(1, len(n)),
            "bin": pa.array(bins, pa.int16()),
            "value": pa.array(values or [None] * len(n), pa.string()),
            "n": pa.array(n, pa.int64()),
            "n_reference": pa.array(n_reference, pa.int64()),
        }
    )
    warehouse.register("given", counts)
    warehouse.execute("create or replace temp table drift_counts as from given")
    run(warehouse, "drift/statistics")
    rows: list[dict[str, Any]] = warehouse.table("drift_statistics").to_arrow_table().to_pylist()
    return rows[0]


def middles(warehouse: Connection, bins: Sequence[int]) -> list[float]:
    rows = warehouse.execute("select value_of_bin(unnest($1::smallint[]))", [bins]).fetchall()
    return [middle for (middle,) in rows]


@pytest.mark.parametrize("seed", range(20))
def test_statistics_of_numbers_are_scipys_on_the_same_bins(
    warehouse: Connection, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    n_bins = int(rng.integers(2, 400))
    bins = np.sort(rng.choice(np.arange(-8800, 8800), n_bins, replace=False)).tolist()
    n, then = rng.integers(0, 40, (2, n_bins)) * (rng.random((2, n_bins)) < 0.8)
    n[0] = then[-1] = 1  # a bin that is empty then, and one that is empty now, and both have some
    then[0] = n[-1] = 0
    kept = n + then > 0
    bins, n, then = np.array(bins)[kept].tolist(), n[kept], then[kept]
    missing = (3, 5)
    statistics = found(
        warehouse, [*bins, MISSING], [*n.tolist(), missing[0]], [*then.tolist(), missing[1]]
    )
    centres = middles(warehouse, bins)
    placed, placed_then = np.repeat(centres, n), np.repeat(centres, then)
    ks = ks_2samp(placed, placed_then, method="asymp").statistic
    assert statistics["ks"] == pytest.approx(ks, abs=1e-9)
    earth = wasserstein_distance(centres, centres, n, then)
    assert statistics["wasserstein"] == pytest.approx(earth, rel=1e-9)
    every, every_then = np.append(n, missing[0]), np.append(then, missing[1])
    distance = jensenshannon(every, every_then, base=2)
    assert statistics["jensen_shannon"] == pytest.approx(distance, abs=1e-9)
    chi_square = chi2_contingency([every, every_then], correction=False).statistic
    assert statistics["chi_square"] == pytest.approx(chi_square, rel=1e-9)
    p, q = ((of + 0.5) / (of + 0.5).sum() for of in (every, every_then))
    psi = (rel_entr(p, q) + rel_entr(q, p)).sum()
    assert statistics["psi"] == pytest.approx(psi, abs=1e-9)
    assert statistics["new_share"] == every[every_then == 0].sum() / every.sum()
    assert statistics["missing_share"] == missing[0] / every.sum()
    assert statistics["missing_share_then"] == missing[1] / every_then.sum()


def test_values_have_no_order_and_so_neither_of_the_statistics_that_need_one(
    warehouse: Connection,
) -> None:
    """Shares of (3, 1) / 4 against (1, 1) / 2 in three values, of which one is missing."""
    statistics = found(warehouse, [None] * 3, [3, 1, 0], [1, 0, 1], ["a", None, "b"])
    assert statistics["ks"] is None
    assert statistics["wasserstein"] is None
    assert statistics["missing_share"] == 0.25
    assert statistics["missing_share_then"] == 0
    assert statistics["new_share"] == 0.25
    divergence = (0.75 * log(1.5 / 1.25, 2) + 0.25 + 0.5 * log(1 / 1.25, 2) + 0.5) / 2
    assert statistics["jensen_shannon"] == pytest.approx(sqrt(divergence), abs=1e-12)


def test_what_is_alike_has_no_distance(warehouse: Connection) -> None:
    statistics = found(warehouse, [5, 6, MISSING], [1, 2, 3], [10, 20, 30])
    for name in ("jensen_shannon", "ks", "wasserstein", "chi_square", "new_share"):
        assert statistics[name] == pytest.approx(0, abs=1e-9), name
    assert statistics["psi"] == pytest.approx(0, abs=0.02)  # of half a count in each bin


def test_what_nothing_is_known_of_has_no_statistics(warehouse: Connection) -> None:
    with pytest.raises(IndexError):
        found(warehouse, [5, 6], [1, 2], [0, 0])


def test_numbers_that_are_all_missing_now_have_no_place_in_an_order(warehouse: Connection) -> None:
    statistics = found(warehouse, [5, MISSING], [0, 7], [7, 0])
    assert statistics["jensen_shannon"] == 1
    assert statistics["ks"] is None


def test_bins_stand_in_the_order_of_numbers_and_are_never_wider_than_a_64th(
    warehouse: Connection,
) -> None:
    rng = np.random.default_rng(3)
    numbers = np.sort(rng.choice([-1, 1], 20_000) * np.exp(rng.uniform(-80, 80, 20_000)))
    warehouse.register("given", pa.table({"number": numbers}))
    rows = warehouse.execute(
        "select value_bin(number), value_of_bin(value_bin(number)) from given"
    ).fetchnumpy()
    bins, middle = rows.values()
    assert (np.diff(bins.astype(int)) >= 0).all()
    assert (np.abs(middle / numbers - 1) <= 1 / 128 + 1e-6).all()


def test_whole_numbers_below_128_have_bins_of_their_own(warehouse: Connection) -> None:
    (n,) = warehouse.execute(
        "select count(distinct value_bin(number)) from range(-127, 128) as numbers(number)"
    ).fetchone() or (0,)
    assert n == 255


@pytest.mark.parametrize("number", ["null", "'nan'::double", "'inf'::double", "-1e300", "1e39"])
def test_what_is_no_number_has_no_place(warehouse: Connection, number: str) -> None:
    (placed,) = warehouse.execute(f"select value_has_place(value_bin({number}))").fetchone() or ()
    assert placed is False
