"""Which epoch is kept."""

from __future__ import annotations

import numpy as np

from bentos.search.training import best_epoch

START = np.array([0.5, 0.5, 0.5, 0.5])


def test_the_best_epoch_is_kept_where_it_gains_more_than_its_standard_error() -> None:
    assert best_epoch([START, START + np.array([0.1, 0.2, 0.1, 0.0]), START + 0.05]) == 1


def test_a_gain_that_one_query_makes_may_be_chance() -> None:
    # The mean gain is 0.1, its standard error 0.1.
    assert best_epoch([START, START + np.array([0.4, 0.0, 0.0, 0.0])]) == 0


def test_what_gains_nothing_leaves_the_model_as_it_began() -> None:
    assert best_epoch([START, START, START - 0.1]) == 0


def test_too_few_queries_choose_nothing() -> None:
    assert best_epoch([START[:1], START[:1] + 0.3]) == 0
    assert best_epoch([START[:0], START[:0]]) == 0
