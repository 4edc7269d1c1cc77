"""Training examples: what could be recommended on a day, and what was bought the week after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from bentos.recommend.examples import ABSENT, Examples, Lists, build_examples
from bentos.recommend.features import candidate_features
from bentos.recommend.histories import histories
from bentos.recommend.shop import Purchases
from bentos.recommend.statistics import Statistician
from tests.unit.bentos.conftest import small_parameters
from tests.unit.bentos.recommend.corner_shop import (
    BREAD,
    CATALOGUE,
    CREAM,
    MILK,
    N_STORES,
    SOAP,
    bought,
    promoted,
)

# User 0 bought milk and bread before day 120, and in the week from then on milk and soap in a first
# basket, cream in a second. User 1 bought before and never again; user 2 only after.
PURCHASES = bought(
    (0, 100, MILK),
    (0, 100, BREAD),
    (0, 110, BREAD),
    (0, 121, MILK),
    (0, 121, SOAP),
    (0, 126.9, CREAM),
    (0, 127, BREAD),
    (1, 100, MILK),
    (2, 121, MILK),
    users=3,
)


def _examples(
    purchases: Purchases = PURCHASES, as_of: Sequence[float] = (120,), **changes: int
) -> Examples:
    statistician = Statistician(CATALOGUE, purchases, promoted(), N_STORES)
    weeks = [statistician.know(day, n) for n, day in enumerate(as_of)]
    parameters = small_parameters(**{"candidates": 4, "sure": 4, "popular": 2} | changes)
    return build_examples(CATALOGUE, purchases, weeks, parameters)


def _candidates(examples: Examples, n: int = 0) -> dict[int, tuple[bool, float]]:
    """By product: whether it is positive, and its correction."""
    there = examples.correction[n] > ABSENT / 2
    return {
        int(product): (bool(positive), float(correction))
        for product, positive, correction in zip(
            examples.product[n][there],
            examples.positive[n][there],
            examples.correction[n][there],
            strict=True,
        )
    }


def _values(lists: Lists, n: int = 0) -> list[int]:
    return [int(value) for value in lists.values[lists.offsets[n] : lists.offsets[n + 1]]]


def test_who_has_a_history_and_bought_in_the_week_is_an_example() -> None:
    assert len(_examples()) == 1
    assert len(_examples(as_of=[100])) == 0  # nobody has a history yet
    assert len(_examples(as_of=[115])) == 1
    assert len(_examples(as_of=[110.5])) == 0  # nobody bought in the week after


def test_candidates_are_what_was_bought_before_and_what_is_popular() -> None:
    # of the two most popular, milk and bread, both were bought by the user
    assert set(_candidates(_examples())) == {MILK, BREAD}
    assert set(_candidates(_examples(popular=3))) == {MILK, BREAD, CREAM}


def test_labels_are_the_purchases_of_the_seven_days_after() -> None:
    examples = _examples(popular=3)
    positive = {p for p, (is_positive, _) in _candidates(examples).items() if is_positive}
    assert positive == {MILK, CREAM}  # bread was bought exactly seven days after, too late
    assert _values(examples.others) == [SOAP]


@pytest.mark.parametrize(
    ("as_of", "labels"), [(121, {MILK, SOAP, CREAM, BREAD}), (121.5, {CREAM, BREAD})]
)
def test_the_moment_itself_belongs_to_the_week_after_it(as_of: float, labels: set[int]) -> None:
    examples = _examples(as_of=[as_of])
    positive = {p for p, (is_positive, _) in _candidates(examples).items() if is_positive}
    assert positive | set(_values(examples.others)) == labels


def test_labels_that_are_no_candidates_are_kept_beside_them() -> None:
    examples = _examples()
    assert {p for p, (positive, _) in _candidates(examples).items() if positive} == {MILK}
    assert _values(examples.others) == [CREAM, SOAP]


def test_the_first_basket_of_the_week_is_kept_for_sessions() -> None:
    assert _values(_examples().first_basket) == [MILK, SOAP]


def test_where_everything_fits_nothing_is_corrected() -> None:
    assert all(correction == 0 for _, correction in _candidates(_examples(popular=4)).values())


def test_a_drawn_candidate_stands_for_those_that_were_not_drawn() -> None:
    # all four products could be recommended; milk, cream and soap were bought and are sure;
    # bread, which is not, is the only one to be drawn
    examples = _examples(popular=4, candidates=4, sure=0)
    assert {p: c for p, (_, c) in _candidates(examples).items()} == {
        MILK: 0,
        CREAM: 0,
        BREAD: 0,
        SOAP: 0,
    }
    # of a user who bought milk only, one of the three others is drawn beside it
    purchases = bought((0, 100, MILK), (0, 121, MILK))
    examples = _examples(purchases, popular=4, candidates=2)
    (milk, drawn) = sorted(_candidates(examples).items())
    assert milk == (MILK, (True, 0.0))
    assert drawn[1][0] is False
    assert_allclose(drawn[1][1], np.log(3), rtol=1e-6)


def test_positives_are_candidates_however_few_candidates_there_may_be() -> None:
    purchases = bought(*[(0, 100, p) for p in range(4)], (0, 121, SOAP))
    for seed in range(5):
        examples = _examples(purchases, popular=0, candidates=1, sure=0, seed=seed)
        assert set(_candidates(examples)) == {SOAP}


def test_the_same_seed_draws_the_same_candidates() -> None:
    one, other = (_examples(popular=4, candidates=2, seed=3) for _ in range(2))
    assert_array_equal(one.product, other.product)
    assert_array_equal(one.features[0], other.features[0])


def test_features_are_those_that_the_ranker_would_read_that_day() -> None:
    examples = _examples(popular=3)
    known = Statistician(CATALOGUE, PURCHASES, promoted(), N_STORES).know(120, 0)
    past = histories(CATALOGUE, PURCHASES, np.array([0]), np.array([120.0]))
    there = examples.correction[0] > ABSENT / 2
    product = examples.product[0][there].long().numpy()
    expected = candidate_features(CATALOGUE, past, known, product * 0, product)
    found = examples.features_of(_index(0))[0][there]
    assert_allclose(found, expected.astype(np.float16), rtol=1e-6)


def test_an_example_knows_nothing_of_its_labels() -> None:
    before = PURCHASES.time < 120
    kept = Purchases(
        np.append(0, np.cumsum(np.bincount(PURCHASES.user[before], minlength=3))),
        *(column[before] for column in PURCHASES.columns),
    )
    examples = _examples(popular=3)
    past = histories(CATALOGUE, kept, np.array([0]), np.array([120.0]))
    assert_array_equal(examples.baskets.values, past.basket_product)
    assert_array_equal(examples.basket_age[0], past.basket_age[0])


def test_weeks_lie_one_after_another() -> None:
    later, earlier = _examples(as_of=[120]), _examples(as_of=[109])
    both = _examples(as_of=[120, 109])
    assert (len(later), len(earlier), len(both)) == (1, 1, 2)
    assert_array_equal(both.week, [0, 1])
    assert _values(both.others, 0) == _values(later.others)
    assert _values(both.others, 1) == _values(earlier.others)
    assert _values(both.baskets, 1) == _values(earlier.baskets)
    # features of several weeks are picked in the order they are asked for
    picked = both.features_of(_index(1, 0))
    assert_array_equal(picked[0], earlier.features_of(_index(0))[0])
    assert_array_equal(picked[1], later.features_of(_index(0))[0])


def test_rows_of_picked_examples_know_their_place_in_the_pick() -> None:
    lists = Lists.of(np.array([0, 0, 2]), np.array([7, 8, 9]), n_examples=3)
    rows, place = lists.rows(np.array([2, 1, 0, 2]))
    assert_array_equal(lists.values[rows], [9, 7, 8, 9])
    assert_array_equal(place, [0, 2, 2, 3])


def _index(*rows: int) -> torch.Tensor:
    return torch.tensor(rows)
