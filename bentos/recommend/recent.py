"""A user's purchases: those that the online state holds, and those that came after it."""

from collections.abc import Sequence

import numpy as np

from bentos.recommend.shop import Purchases, Shop, days
from bentos.serving.record import LoggedEvent


def purchases_of(shop: Shop, user_id: str, recent: Sequence[LoggedEvent]) -> Purchases:
    """What the state knows of the user's purchases, and those among ``recent`` events."""
    user = shop.user_of.get(user_id)
    base = shop.purchases.of_user(user) if user is not None else _no_purchases()
    return _extended(base, shop, recent)


def _no_purchases() -> Purchases:
    none, floats = np.zeros(0, np.int64), np.zeros(0, np.float32)
    return Purchases(np.zeros(2, np.int64), none, np.zeros(0), floats, none, floats, floats)


def _extended(base: Purchases, shop: Shop, recent: Sequence[LoggedEvent]) -> Purchases:
    row_of = shop.catalogue.row_of
    new = [e for e in recent if e.event_type == "purchase" and e.product_id in row_of]
    if not new:
        return base
    price = np.array([e.price or 0 for e in new], np.float32)
    off = np.array([e.discount or 0 for e in new], np.float32)
    columns = (
        np.array([row_of[e.product_id] for e in new]),
        np.array([days(e.occurred_at) for e in new]),
        np.array([e.quantity for e in new], np.float32),
        np.array([shop.stores.get(e.store_id or "", -1) for e in new]),
        price.clip(0, 100),
        (off / np.maximum(price + off, 0.01)).clip(0, 1),
    )
    joined = [np.concatenate(pair) for pair in zip(base.columns, columns, strict=True)]
    return Purchases(np.array([0, len(joined[0])]), *joined)
