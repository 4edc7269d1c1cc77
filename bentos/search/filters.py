"""Which products may be shown, how many there are of each kind, and in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.search.found import Mask, Rows
from bentos.search.text import fold

Sort = Literal["relevance", "price_asc", "price_desc"]

ATTRIBUTE = "attributes."  # before an attribute's name, where a facet is named
_PRICE_RANGES = 5
_NAMED = ("category", "brand")


@dataclass(frozen=True)
class Filters:
    """What a product must be; of several values one is enough. Values match without case."""

    category: frozenset[str] = frozenset()
    brand: frozenset[str] = frozenset()
    price_from: float | None = None  # inclusive, as is price_to; an unknown price is outside
    price_to: float | None = None
    in_stock: bool | None = None  # where the shop does not say, a product is in stock
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def are_none(self) -> bool:
        """Whether every product passes."""
        return self == Filters()

    @property
    def spelt_out(self) -> tuple[object, ...]:
        """All that they say, in the same words wherever they say the same."""
        attributes = sorted((name, sorted(values)) for name, values in self.attributes.items())
        named = (sorted(self.category), sorted(self.brand))
        return (*named, self.price_from, self.price_to, self.in_stock, attributes)


@dataclass(frozen=True)
class FacetValue:
    """A value, and how many of the products have it."""

    value: str
    count: int


@dataclass(frozen=True)
class _Codes:
    """A value a row: places in ``values``, -1 where there is none."""

    values: list[str]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> "_Codes":
        encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy().astype(np.int32)
        return cls(encoded.dictionary.to_pylist(), codes)

    def among(self, wanted: frozenset[str]) -> Mask:
        """Which rows have one of the wanted values."""
        folded = {fold(value) for value in wanted}
        hits = [fold(value) in folded for value in self.values]
        found: Mask = np.array([*hits, False])[self.codes]
        return found

    def counts(self, rows: Rows) -> list[FacetValue]:
        """The values of some rows, the commonest first."""
        codes = self.codes[rows]
        n = np.bincount(codes[codes >= 0], minlength=len(self.values))
        order = np.argsort(-n, kind="stable")
        return [FacetValue(self.values[code], int(n[code])) for code in order if n[code]]


@dataclass(frozen=True)
class _Attribute:
    """The products that have an attribute, and its values, entry after entry."""

    rows: Rows
    codes: _Codes


@dataclass(frozen=True)
class _Attributes:
    """The entries of all attributes, name after name; one is read when it is asked for."""

    places: Mapping[str, slice]  # where each name's entries lie
    entries: pa.Table  # row, value

    @classmethod
    def of(cls, column: pa.MapArray) -> "_Attributes":
        offsets = column.offsets.to_numpy()
        held = slice(offsets[0], offsets[-1])
        entries = pa.table(
            {
                "row": np.repeat(np.arange(len(column), dtype=np.int32), np.diff(offsets)),
                "name": column.keys[held],
                "value": column.items[held].dictionary_encode(),
            }
        )
        entries = entries.filter(column.is_valid().take(entries["row"]))
        names = _Codes.of(entries["name"])
        order = np.argsort(names.codes, kind="stable")
        starts = np.searchsorted(names.codes[order], np.arange(len(names.values) + 1)).tolist()
        places = (slice(start, end) for start, end in pairwise(starts))
        return cls(
            dict(zip(names.values, places, strict=True)),
            entries.select(["row", "value"]).take(pa.array(order)).combine_chunks(),
        )

    def get(self, name: str) -> _Attribute | None:
        """What the products say of an attribute; None where none says anything."""
        place = self.places.get(name)
        if place is None:
            return None
        part = self.entries[place]
        return _Attribute(part["row"].to_numpy(), _Codes.of(part["value"]))


@dataclass(frozen=True)
class Columns:
    """The columns of a catalogue that filters, facets and sorting read."""

    named: Mapping[str, _Codes]
    price: NDArray[np.float64]  # NaN where it is not known
    in_stock: Mask
    attributes: _Attributes

    @classmethod
    def of(cls, products: pa.Table) -> "Columns":
        """Reads a catalogue's table."""
        return cls(
            named={name: _Codes.of(products[name]) for name in _NAMED},
            price=products["price"].cast(pa.float64()).to_numpy(),
            in_stock=products["in_stock"].fill_null(True).to_numpy(),
            attributes=_Attributes.of(products["attributes"].combine_chunks()),
        )

    @cached_property
    def size(self) -> int:
        """How many products there are."""
        return len(self.price)


def allowed(columns: Columns, filters: Filters) -> Mask:
    """Which products pass, [products]."""
    mask = np.ones(columns.size, bool)
    for name in _NAMED:
        if wanted := getattr(filters, name):
            mask &= columns.named[name].among(wanted)
    if filters.price_from is not None:
        mask &= columns.price >= filters.price_from
    if filters.price_to is not None:
        mask &= columns.price <= filters.price_to
    if filters.in_stock is not None:
        mask &= columns.in_stock == filters.in_stock
    for name, wanted in filters.attributes.items():
        mask &= _has_attribute(columns, name, wanted)
    return mask


def _has_attribute(columns: Columns, name: str, wanted: frozenset[str]) -> Mask:
    mask = np.zeros(columns.size, bool)
    attribute = columns.attributes.get(name)
    if attribute is not None:
        mask[attribute.rows[attribute.codes.among(wanted)]] = True
    return mask


def facets(
    columns: Columns, rows: Rows, names: Sequence[str], most: int
) -> dict[str, list[FacetValue]]:
    """How many of the products ``rows`` have each value of the named facets.

    Names are category, brand, price (in ranges), in_stock, and ``attributes.NAME``; an attribute
    that no product has is empty. Gives the ``most`` commonest values of each.
    """
    return {name: _facet(columns, rows, name)[:most] for name in names}


def _facet(columns: Columns, rows: Rows, name: str) -> list[FacetValue]:
    if name in _NAMED:
        return columns.named[name].counts(rows)
    if name == "price":
        return _price_ranges(columns.price[rows])
    if name == "in_stock":
        n = int(columns.in_stock[rows].sum())
        found = [FacetValue("true", n), FacetValue("false", len(rows) - n)]
        return [value for value in found if value.count]
    attribute = columns.attributes.get(name.removeprefix(ATTRIBUTE))
    if attribute is None:
        return []
    return attribute.codes.counts(np.flatnonzero(np.isin(attribute.rows, rows)))


def _price_ranges(prices: NDArray[np.float64]) -> list[FacetValue]:
    """Ranges with about as many products each, `low-high`: from low on and below high."""
    known = prices[np.isfinite(prices)]
    if not len(known):
        return []
    inner = np.quantile(known, np.arange(1, _PRICE_RANGES) / _PRICE_RANGES)
    bounds = np.unique([float(f"{bound:.2g}") for bound in inner])
    place = np.searchsorted(bounds, known, side="right")
    names = ["", *(f"{bound:g}" for bound in bounds), ""]
    counts = np.bincount(place, minlength=len(bounds) + 1)
    return [
        FacetValue(f"{low}-{high}", int(count))
        for low, high, count in zip(names, names[1:], counts, strict=False)
        if count
    ]


def ordered(columns: Columns, rows: Rows, sort: Sort) -> Rows:
    """Rows in order of relevance as they came, or by price: unknown prices last, ties as before."""
    if sort == "relevance":
        return rows
    price = columns.price[rows]
    return rows[np.argsort(price if sort == "price_asc" else -price, kind="stable")]


def page(rows: Rows, limit: int, offset: int) -> Rows:
    """``limit`` rows after the first ``offset``; none where there are no more."""
    return rows[offset : offset + limit]
