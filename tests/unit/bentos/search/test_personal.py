"""Personalisation: habits decide only between products that are about as relevant."""

from __future__ import annotations

import numpy as np
import pytest

from bentos.search.personal import BAND, Taste, personalised

BOUGHT = {
    "product_id": ["tea", "tea", "tea", "milk"],
    "product_type": ["drinks", "drinks", "drinks", "dairy"],
    "brand": ["Acme", "Acme", "Acme", None],
}
SHELF = {
    "product_id": ["tea", "juice", "milk", "soap"],
    "product_type": ["drinks", "drinks", "dairy", None],
    "brand": ["Acme", "Bolt", None, None],
}


def test_what_was_bought_most_is_liked_most() -> None:
    affinity = Taste.of(BOUGHT).affinity(SHELF)
    once = np.log(2) / np.log(4)  # of three times
    assert affinity == pytest.approx([1, 0.3, 0.8 * once, 0])


def test_habits_reorder_within_the_band_and_never_beyond_it() -> None:
    affinity = np.array([0.0, 1.0, 1.0])
    scores = personalised(np.array([0.9, 0.9 - 0.8 * BAND, 0.9 - 1.2 * BAND]), affinity)
    assert list(np.argsort(-scores)) == [1, 0, 2]


def test_who_bought_nothing_likes_nothing_more_than_anything_else() -> None:
    nothing = {name: [] for name in BOUGHT}
    assert Taste.of(nothing).affinity(SHELF) == pytest.approx([0, 0, 0, 0])
