"""What the online state says, as arrays: the catalogue, who bought what when, what is promoted."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bentos.serving.state import OnlineState

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Catalogue:
    """The recommendable products, by row."""

    product_id: pa.StringArray  # [P]
    type: Ints  # [P] code of category and product type together
    category: Ints  # [P] code of the category
    names: dict[
        str, pa.StringArray
    ]  # product_id, type and maker as a model's vocabulary knows them
    text_row: Ints  # [P] row of the text's vector
    row_of: dict[str, int]  # by product_id

    @property
    def size(self) -> int:
        """P."""
        return len(self.type)


@dataclass(frozen=True)
class Purchases:
    """Purchases of user u are rows offsets[u]:offsets[u + 1], in order of time.

    A basket is a user's purchases of one moment.
    """

    offsets: Ints  # [U + 1]
    product: Ints  # [E] row in the catalogue
    time: NDArray[np.float64]  # [E] days since 2000-01-01, UTC
    quantity: Floats  # [E] units
    store: Ints  # [E] code; -1 where unknown
    price: Floats  # [E] paid for a unit
    discount: Floats  # [E] share of the shelf price taken off

    @property
    def user(self) -> Ints:
        """[E] the user of each row."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def deal(self) -> Floats:
        """[E] 1 where it was bought below the shelf price."""
        return (self.discount > 0).astype(np.float32)

    def of_user(self, user: int) -> "Purchases":
        """The purchases of one user, who is then user 0."""
        rows = slice(self.offsets[user], self.offsets[user + 1])
        return Purchases(
            np.array([0, rows.stop - rows.start]), *(column[rows] for column in self.columns)
        )

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """All that has a row a purchase, in the order of the fields."""
        return (self.product, self.time, self.quantity, self.store, self.price, self.discount)


@dataclass(frozen=True)
class Promotions:
    """What stores promote, sampled every seven days back from the state's time."""

    weeks_back: NDArray[np.int16]  # [N] of each row below
    key: Ints  # [N] store * P + product
    displayed: Flags  # [N]
    mailer: NDArray[np.int8]  # [N] 0 not in the mailer, 1 inside it, 2 on its front, back or wrap
    share_week: Ints  # [M] weeks back
    share_product: Ints  # [M]
    share: Floats  # [M] of the stores that have the product in their mailer


@dataclass(frozen=True)
class Shop:
    """Everything the recommender knows at a moment."""

    as_of: float  # days since 2000-01-01
    catalogue: Catalogue
    purchases: Purchases
    promotions: Promotions
    user_of: dict[str, int]
    stores: dict[str, int]


def days(moment: datetime) -> float:
    """Days since 2000-01-01, UTC."""
    return (moment - _ORIGIN).total_seconds() / 86400


def shop_of(state: OnlineState) -> Shop:
    """Reads the tables ``products``, ``histories``, ``promotions`` and ``mailer_shares``."""
    products = state.tables["products"]
    recommendable = np.flatnonzero(products["recommendable"].to_numpy())
    row = np.full(products.num_rows, -1)
    row[recommendable] = np.arange(len(recommendable))
    catalogue = catalogue_of(products.take(recommendable))
    histories = state.tables["histories"]
    promotions = state.tables["promotions"]
    stores = _codes(histories["store_id"], promotions["store_id"])
    return Shop(
        as_of=days(state.as_of),
        catalogue=catalogue,
        purchases=_purchases(histories, row, stores),
        promotions=_promotions(state, row, stores, catalogue.size),
        user_of={user: place for place, user in enumerate(state.rows_of_user)},
        stores=stores,
    )


def catalogue_of(products: pa.Table) -> Catalogue:
    """Rows of the table ``products``, whether they are recommendable or not."""
    product_id = products["product_id"].combine_chunks()
    category = pc.fill_null(products["category"], "").combine_chunks()
    kind = pc.binary_join_element_wise(category, pc.fill_null(products["product_type"], ""), "|")
    maker = pc.fill_null(products["supplier_id"], "").combine_chunks()
    return Catalogue(
        product_id=product_id,
        type=_coded(kind.combine_chunks()),
        category=_coded(category),
        names={"product": product_id, "type": kind.combine_chunks(), "maker": maker},
        text_row=products["text_row"].to_numpy().astype(np.int64),
        row_of={product: place for place, product in enumerate(product_id.to_pylist())},
    )


def _coded(values: pa.Array) -> Ints:
    codes: Ints = values.dictionary_encode().indices.to_numpy().astype(np.int64)
    return codes


def _codes(*columns: pa.ChunkedArray) -> dict[str, int]:
    known = pc.unique(pa.concat_arrays([pc.unique(column.cast(pa.string())) for column in columns]))
    return {name: code for code, name in enumerate(sorted(known.drop_null().to_pylist()))}


def _store_codes(column: pa.ChunkedArray, stores: dict[str, int]) -> Ints:
    names = pa.array(list(stores), pa.string())
    codes = pc.fill_null(pc.index_in(column.cast(pa.string()), names), -1)
    found: Ints = codes.to_numpy().astype(np.int64)
    return found


def _purchases(histories: pa.Table, row: Ints, stores: dict[str, int]) -> Purchases:
    users = histories["user_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    starts = np.flatnonzero(np.diff(users, prepend=-1))
    seconds = histories["occurred_at"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy() / 1e6
    price = histories["price"].fill_null(0).to_numpy().astype(np.float32)
    off = histories["discount"].fill_null(0).to_numpy().astype(np.float32)
    return Purchases(
        offsets=np.append(starts, len(users)),
        product=row[histories["product"].to_numpy()],
        time=(seconds - _ORIGIN.timestamp()) / 86400,
        quantity=histories["quantity"].fill_null(1).to_numpy().astype(np.float32),
        store=_store_codes(histories["store_id"], stores),
        price=price.clip(0, 100),
        discount=(off / np.maximum(price + off, 0.01)).clip(0, 1),
    )


def _promotions(state: OnlineState, row: Ints, stores: dict[str, int], size: int) -> Promotions:
    rows, shares = state.tables["promotions"], state.tables["mailer_shares"]
    product = row[rows["product"].to_numpy()]
    store = _store_codes(rows["store_id"], stores)
    kept = np.flatnonzero((product >= 0) & (store >= 0))
    order = kept[np.argsort(store[kept] * size + product[kept], kind="stable")]
    share_product = row[shares["product"].to_numpy()]
    listed = np.flatnonzero(share_product >= 0)
    return Promotions(
        weeks_back=rows["weeks_back"].to_numpy()[order],
        key=store[order] * size + product[order],
        displayed=rows["displayed"].to_numpy(zero_copy_only=False)[order],
        mailer=rows["mailer"].to_numpy()[order],
        share_week=shares["weeks_back"].to_numpy().astype(np.int64)[listed],
        share_product=share_product[listed],
        share=shares["share"].to_numpy().astype(np.float32)[listed],
    )
