"""A shop of four products, small enough to work its numbers out by hand; days are plain numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bentos.recommend.shop import Catalogue, Promotions, Purchases

MILK, CREAM, BREAD, SOAP = range(4)
N_STORES = 2
CATALOGUE = Catalogue(
    product_id=pa.array(["milk", "cream", "bread", "soap"]),
    type=np.array([0, 0, 1, 2]),  # dairy, bread, soap
    category=np.array([0, 0, 0, 1]),  # food, home
    names={
        "product": pa.array(["milk", "cream", "bread", "soap"]),
        "type": pa.array(["food|dairy", "food|dairy", "food|bread", "home|soap"]),
        "maker": pa.array(["farm", "farm", "baker", ""]),
    },
    text_row=np.array([0, 1, 2, 3]),
    row_of={"milk": 0, "cream": 1, "bread": 2, "soap": 3},
)

Line = tuple[int, float, int]  # user, day, product


def bought(
    *lines: Line,
    users: int = 1,
    quantity: Sequence[float] | None = None,
    store: Sequence[int] | None = None,
    price: Sequence[float] | None = None,
    discount: Sequence[float] | None = None,
) -> Purchases:
    """Lines in the order of their users and days, of which columns are 1, 0, 1, 0 unless given."""
    n = len(lines)
    user = np.array([line[0] for line in lines], np.int64)
    return Purchases(
        offsets=np.searchsorted(user, np.arange(users + 1)),
        product=np.array([line[2] for line in lines], np.int64),
        time=np.array([line[1] for line in lines], np.float64),
        quantity=np.array(quantity or [1] * n, np.float32),
        store=np.array(store or [0] * n, np.int64),
        price=np.array(price or [1] * n, np.float32),
        discount=np.array(discount or [0] * n, np.float32),
    )


def promoted(
    *rows: tuple[int, int, int, bool, int], shares: Sequence[tuple[int, int, float]] = ()
) -> Promotions:
    """Rows: weeks back, store, product, displayed, mailer. Shares: weeks back, product, share."""
    return Promotions(
        weeks_back=np.array([row[0] for row in rows], np.int16),
        key=np.array([row[1] * CATALOGUE.size + row[2] for row in rows], np.int64),
        displayed=np.array([row[3] for row in rows], np.bool_),
        mailer=np.array([row[4] for row in rows], np.int8),
        share_week=np.array([week for week, _, _ in shares], np.int64),
        share_product=np.array([product for _, product, _ in shares], np.int64),
        share=np.array([share for _, _, share in shares], np.float32),
    )
