"""The best of scores: how many, in which order, and how ties fall."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.search.found import Found


def test_the_greatest_come_first_and_ties_go_to_the_smaller_row() -> None:
    found = Found.best(np.array([1, 3, 2, 3, 0], np.float32), 3)
    assert found.rows.tolist() == [1, 3, 2]
    assert found.scores.tolist() == [3, 3, 2]


def test_what_is_not_finite_is_not_found() -> None:
    scores = np.array([-np.inf, 1, -np.inf], np.float32)
    assert Found.best(scores, 3).rows.tolist() == [1]


@pytest.mark.parametrize("n", [-1, 0])
def test_nothing_is_asked_for_and_nothing_found(n: int) -> None:
    assert len(Found.best(np.array([1], np.float32), n).rows) == 0


def test_of_some_rows_the_rows_themselves_are_named() -> None:
    found = Found.best_of(np.array([4, 7, 9]), np.array([1, 2, 2], np.float32), 2)
    assert found.rows.tolist() == [7, 9]


@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(0, 40))
def test_it_is_a_stable_sort_cut_off(values: list[int], n: int) -> None:
    scores = np.array(values, np.float32)
    expected = np.argsort(-scores, kind="stable")[:n]
    assert Found.best(scores, n).rows.tolist() == expected.tolist()
