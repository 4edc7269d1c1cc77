"""Two Parquet files, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

from warehouse.connection import open_memory
from warehouse.file_drift import drift_of_files

if TYPE_CHECKING:
    from pathlib import Path


def test_each_column_is_compared_for_each_model(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    numbers = rng.integers(0, 100, (2, 3000)).astype(float)
    words = np.array(["tea", "coffee", "milk"])[rng.integers(0, 3, (2, 3000))]
    models = np.array(["m1", "m2"])[rng.integers(0, 2, (2, 3000))]
    words[0, :50] = "new"
    numbers[0, :30] = np.nan
    for n, name in enumerate(("now", "then")):
        side = {"model": models[n], "number": numbers[n], "word": words[n]}
        pq.write_table(pa.table(side), tmp_path / f"{name}.parquet")
    rows = drift_of_files(
        open_memory(tmp_path),
        tmp_path / "now.parquet",
        tmp_path / "then.parquet",
        ["number", "word"],
        by="model",
    ).to_pylist()
    assert [(row["subject"], row["model_tag"]) for row in rows] == [
        (subject, model) for subject in ("number", "word") for model in ("m1", "m2")
    ]
    for row in rows:
        now, then = (models[n] == row["model_tag"] for n in (0, 1))
        assert (row["n"], row["n_reference"]) == (now.sum(), then.sum())
        if row["subject"] == "number":
            placed = numbers[0][now & ~np.isnan(numbers[0])]
            ks = ks_2samp(placed, numbers[1][then], method="asymp").statistic
            assert row["ks"] == pytest.approx(ks, abs=1e-9)
            assert row["missing_share"] == np.isnan(numbers[0][now]).mean()
        else:
            values = ["tea", "coffee", "milk", "new"]
            shares = [
                [(words[n][which] == value).sum() for value in values]
                for n, which in enumerate((now, then))
            ]
            distance = jensenshannon(*shares, base=2)
            assert row["jensen_shannon"] == pytest.approx(distance, abs=1e-9)
            assert row["new_share"] == (words[0][now] == "new").mean()
            assert row["ks"] is None


def test_what_only_one_of_the_files_has_is_left_out(tmp_path: Path) -> None:
    for name, model in (("now", "m1"), ("then", "m2")):
        pq.write_table(pa.table({"model": [model], "number": [1.0]}), tmp_path / f"{name}.parquet")
    now, then = tmp_path / "now.parquet", tmp_path / "then.parquet"
    assert drift_of_files(open_memory(tmp_path), now, then, ["number"], by="model").num_rows == 0
