"""Standard errors clustered by users: those that a bootstrap of users finds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from warehouse.answers import Days
from warehouse.partials import lasting_values
from warehouse.statements import run

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop
    from warehouse.metric_values import MetricRow

DAY = date(2024, 3, 15)


def test_a_standard_error_is_that_of_a_bootstrap_over_users(shop: Shop) -> None:
    """Who clicks much asks much, too: as independent answers they would look far too sure."""
    rng = np.random.default_rng(5)
    asked = rng.geometric(0.1, 3000)
    liking = rng.beta(1, 4, 3000)
    clicked = rng.binomial(asked, liking)
    _add(shop, asked, clicked)
    row = _measured(shop)
    users = rng.integers(0, 3000, (2000, 3000))
    resampled = clicked[users].sum(axis=1) / asked[users].sum(axis=1)
    assert row.value == pytest.approx(clicked.sum() / asked.sum())
    # 256 buckets tell it to a 23rd
    assert row.standard_error == pytest.approx(resampled.std(), rel=0.15)
    assert row.standard_error > 1.5 * np.sqrt(row.value * (1 - row.value) / row.n)


def test_of_a_single_user_nobody_knows_how_sure_it_is(shop: Shop) -> None:
    _add(shop, np.array([7]), np.array([2]))
    row = _measured(shop)
    assert (row.value, row.standard_error, row.n) == (pytest.approx(2 / 7), None, 7)


def _measured(shop: Shop) -> MetricRow:
    (row,) = lasting_values(shop.connection, "recommend", Days(DAY, DAY))
    return row


def _add(shop: Shop, asked: np.ndarray, clicked: np.ndarray) -> None:
    """Adds up answers of users, of whose so many were clicked."""
    user = np.repeat(np.arange(len(asked)), asked)
    place = np.arange(len(user)) - np.repeat(np.cumsum(asked) - asked, asked)
    shop.connection.register(
        "answers",
        pa.table(
            {
                "answer": np.arange(len(user)),
                "user_id": [f"u{n}" for n in user],
                "clicked": (place < clicked[user]).astype(float),
            }
        ),
    )
    shop.connection.execute(
        """
        create temp table day_answers as
        select
            answer, 'recommend:a' as model_tag, 'champion' as variant, ['all'] as segments,
            (md5_number_lower(user_id) % 256)::utinyint as bucket
        from answers
        """
    )
    shop.connection.execute(
        "create temp table per_answer as select answer, clicked as click_share from answers"
    )
    run(shop.connection, "partials/add_answers", scenario="recommend", day=DAY)
