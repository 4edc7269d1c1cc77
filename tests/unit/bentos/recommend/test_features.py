"""From a state to the features of candidates: the same for one user and for many."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from bentos.recommend.features import STATISTICS, candidate_features, find
from bentos.recommend.histories import histories
from bentos.recommend.shop import Floats, Ints, Promotions, Purchases, Shop, shop_of
from bentos.recommend.statistics import Statistician
from bentos.serving.state import OnlineState
from tests.unit.bentos.conftest import N_PRODUCTS, N_USERS, UNSOLD, WITHDRAWN, product
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


@pytest.fixture(scope="module")
def shop(state: OnlineState) -> Shop:
    return shop_of(state)


def _features(shop: Shop, users: Ints, as_of: float | None = None) -> Floats:
    """[users, products, F] of the whole catalogue for each user."""
    as_of = shop.as_of if as_of is None else as_of
    known = Statistician(shop.catalogue, shop.purchases, shop.promotions, len(shop.stores)).know(
        as_of, 0
    )
    past = histories(shop.catalogue, shop.purchases, users, np.full(len(users), as_of))
    size = shop.catalogue.size
    example, product = np.divmod(np.arange(len(users) * size), size)
    features = candidate_features(shop.catalogue, past, known, example, product)
    return features.reshape(len(users), size, -1)


def test_a_batch_of_users_has_the_features_of_each_alone(shop: Shop) -> None:
    together = _features(shop, np.arange(N_USERS))
    for user in range(N_USERS):
        assert_allclose(together[user], _features(shop, np.array([user]))[0], rtol=1e-6, atol=1e-6)


def test_a_users_features_are_the_same_read_from_their_own_purchases_alone(shop: Shop) -> None:
    known = Statistician(shop.catalogue, shop.purchases, shop.promotions, len(shop.stores)).know(
        shop.as_of, 0
    )
    products = np.arange(shop.catalogue.size)
    for user in (0, 7, N_USERS - 1):
        own = shop.purchases.of_user(user)
        past = histories(shop.catalogue, own, np.zeros(1, np.int64), np.array([shop.as_of]))
        alone = candidate_features(shop.catalogue, past, known, products * 0, products)
        assert_array_equal(alone, _features(shop, np.array([user]))[0])


def test_every_feature_is_a_number(shop: Shop) -> None:
    assert np.isfinite(_features(shop, np.arange(N_USERS))).all()
    assert np.isfinite(_features(shop, np.arange(N_USERS), as_of=shop.as_of - 1000)).all()


def test_the_statistics_of_a_product_stand_where_the_model_reads_them(shop: Shop) -> None:
    statistics = (
        Statistician(shop.catalogue, shop.purchases, shop.promotions, len(shop.stores))
        .know(shop.as_of, 0)
        .statistics
    )
    features = _features(shop, np.array([3]))[0]
    assert_array_equal(features[:, STATISTICS], statistics.values)


def _of_corner_shop(
    purchases: Purchases, candidates: list[int], promotions: Promotions | None = None
) -> Floats:
    promotions = promoted() if promotions is None else promotions
    known = Statistician(CATALOGUE, purchases, promotions, N_STORES).know(120, 0)
    past = histories(CATALOGUE, purchases, np.array([0]), np.array([120.0]))
    product = np.array(candidates)
    return candidate_features(CATALOGUE, past, known, product * 0, product)


def test_purchases_of_a_product_its_type_and_its_category_are_told_apart() -> None:
    milk, cream, bread, soap = _of_corner_shop(bought((0, 110, MILK)), [MILK, CREAM, BREAD, SOAP])
    past = histories(CATALOGUE, bought((0, 110, MILK)), np.array([0]), np.array([120.0]))
    own = slice(0, past.product.features.shape[1])
    kind = slice(own.stop, own.stop + past.type.features.shape[1])
    category = slice(kind.stop, kind.stop + past.category.features.shape[1])
    assert_array_equal(milk[own], past.product.features[0])
    for features, block in ((milk, kind), (cream, kind)):
        assert_array_equal(features[block], past.type.features[0])
    for features in (milk, cream, bread):
        assert_array_equal(features[category], past.category.features[0])
    for features, block in ((cream, own), (bread, kind), (soap, category)):
        assert not features[block].any()


def test_a_promotion_counts_in_the_store_where_the_user_buys() -> None:
    promotions = promoted((0, 0, MILK, True, 2))
    here = _of_corner_shop(bought((0, 110, MILK), store=[0]), [MILK], promotions)[0]
    elsewhere = _of_corner_shop(bought((0, 110, MILK), store=[1]), [MILK], promotions)[0]
    assert (here != elsewhere).sum() >= 2  # displayed, and on the mailer's front


def test_what_is_looked_for_is_found_at_its_place() -> None:
    place, found = find(np.array([2, 5, 9]), np.array([5, 1, 9, 10]))
    assert_array_equal(found, [True, False, True, False])
    assert_array_equal(place[found], [1, 2])
    _, found = find(np.zeros(0, np.int64), np.array([5, 1]))
    assert_array_equal(found, [False, False])


# From the state's tables to arrays.


def test_only_recommendable_products_are_in_the_catalogue(shop: Shop) -> None:
    assert shop.catalogue.size == N_PRODUCTS - 1
    assert product(WITHDRAWN) not in shop.catalogue.row_of
    assert shop.catalogue.product_id.to_pylist() == [product(row) for row in range(WITHDRAWN)]


def test_every_line_of_the_histories_is_a_purchase_in_order_of_time(
    shop: Shop, state: OnlineState
) -> None:
    table = state.tables["histories"]
    assert len(shop.purchases.time) == table.num_rows
    assert shop.user_of == {f"u{user:02}": user for user in range(N_USERS)}
    for user in range(N_USERS):
        rows = slice(*shop.purchases.offsets[user : user + 2])
        assert (np.diff(shop.purchases.time[rows]) >= 0).all()
        assert set(table["user_id"][rows].to_pylist()) == {f"u{user:02}"}
    assert shop.purchases.time.max() < shop.as_of


def test_a_discount_is_the_share_of_the_shelf_price_that_was_taken_off(
    shop: Shop, state: OnlineState
) -> None:
    line = state.tables["histories"].slice(0, 1).to_pylist()[0]
    expected = line["discount"] / (line["price"] + line["discount"])
    assert_allclose(shop.purchases.discount[0], expected, rtol=1e-6)


def test_types_of_the_same_name_in_two_categories_are_two_types(shop: Shop) -> None:
    names = np.array(shop.catalogue.names["type"].to_pylist())
    assert len(np.unique(shop.catalogue.type)) == len(np.unique(names))
    alike = shop.catalogue.type[list(UNSOLD)]
    assert alike[0] == alike[1]


def test_promotions_of_withdrawn_products_and_unknown_stores_are_left_out(
    shop: Shop, state: OnlineState
) -> None:
    listed = state.tables["promotions"]["product"].to_numpy()
    assert (listed == WITHDRAWN).any()
    assert len(shop.promotions.key) == (listed != WITHDRAWN).sum()
    assert (np.diff(shop.promotions.key) >= 0).all()
