"""A shop's own Parquet or CSV files, taken through a small mapping file.

The mapping (``shopkeeper.yaml`` in the folder of the data) says which file holds what and which of
its columns is which of ours; a column that is not named is empty::

    name: my_shop
    opens: 2024-01-01
    closed_weekdays: [sunday]
    products:
      file: catalogue.parquet
      columns: {product_id: sku, title: name, brand: brand, price: price}
    events:
      file: orders/*.csv
      columns: {user_id: customer, session_id: order, product_id: sku, occurred_at: placed_at}
"""

from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import yaml
from duckdb.sqltypes import TIMESTAMP, TIMESTAMP_TZ, DuckDBPyType
from pydantic import BaseModel, ConfigDict, ValidationError

from warehouse.connection import Connection
from warehouse.errors import SourceError
from warehouse.sources.base import REMEDY, Load, Opening, first_line, last_week_of

MAPPING_FILE = "shopkeeper.yaml"
_OWN_COLUMNS = ("source", "batch", "row_number")  # filled by us, not by the shop

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MappedTable(_Strict):
    """One file (or glob of files) and what its columns are."""

    file: str
    columns: dict[str, str]  # ours: theirs


class Mapping(_Strict):
    """The mapping file."""

    name: str
    opens: date
    closes: date | None = None
    closed_weekdays: tuple[Weekday, ...] = ()
    closed_dates: tuple[date, ...] = ()
    products: MappedTable
    events: MappedTable
    promotions: MappedTable | None = None


class Tables:
    """A folder with a mapping file and the files that it names."""

    def __init__(self, folder: Path) -> None:
        """Reads the folder's mapping.

        Raises:
            SourceError: there is none, or it is not of the expected form.
        """
        self._folder = folder
        self._mapping = _read_mapping(folder / MAPPING_FILE)

    @property
    def name(self) -> str:
        """The shop's name in the mapping."""
        return self._mapping.name

    @property
    def opening(self) -> Opening:
        """The calendar in the mapping."""
        mapping = self._mapping
        return Opening(
            opens=mapping.opens,
            closes=mapping.closes,
            closed_weekdays=frozenset(map(_WEEKDAYS.index, mapping.closed_weekdays)),
            closed_dates=frozenset(mapping.closed_dates),
        )

    @property
    def evaluation_cuts(self) -> tuple[date, ...]:
        """A week before the last day."""
        return last_week_of(self.opening)

    def loads(self, day: date | None) -> list[Load]:
        """Everything, or one day's events."""
        mapping = self._mapping
        loads = [self._load("raw_events", mapping.events, day=day.isoformat() if day else None)]
        if day is None:
            loads.append(self._load("raw_products", mapping.products))
            if mapping.promotions:
                loads.append(self._load("raw_promotions", mapping.promotions))
        return loads

    def _load(self, table: str, mapped: MappedTable, **parameters: str | None) -> Load:
        return Load(
            table,
            f"sources/tables/{table}",
            parameters,
            prepare=lambda connection: self._declare_mapped(connection, table, mapped),
        )

    def _declare_mapped(self, connection: Connection, table: str, mapped: MappedTable) -> None:
        """Makes ``mapped`` the shop's file under our names and types."""
        theirs = self._read(connection, mapped.file)
        ours = {
            column: kind
            for column, kind, *_ in connection.table(table).description
            if column not in _OWN_COLUMNS
        }
        self._refuse_unknown(table, mapped, set(ours), set(theirs.columns))
        theirs.select(
            *(_as_ours(mapped.columns.get(column), column, kind) for column, kind in ours.items())
        ).create_view("mapped", replace=True)

    def _read(self, connection: Connection, file: str) -> duckdb.DuckDBPyRelation:
        path = str(self._folder / file)
        if not list(self._folder.glob(file)):
            raise SourceError(
                f"{MAPPING_FILE} names {file}, but there is no such file: {path}. {REMEDY}"
            )
        try:
            if file.endswith(".parquet"):
                return connection.read_parquet(path)
            return connection.read_csv(path, all_varchar=True)
        except duckdb.Error as error:
            kind = "Parquet" if file.endswith(".parquet") else "CSV"
            raise SourceError(
                f"{path} can't be read; a {kind} file was expected, DuckDB found: "
                f"{first_line(error)} {REMEDY}"
            ) from error

    @staticmethod
    def _refuse_unknown(table: str, mapped: MappedTable, ours: set[str], theirs: set[str]) -> None:
        if strange := set(mapped.columns) - ours:
            raise SourceError(
                f"{MAPPING_FILE} fills {', '.join(sorted(strange))}, which {table} does not have; "
                f"it has {', '.join(sorted(ours))}."
            )
        if missing := set(mapped.columns.values()) - theirs:
            raise SourceError(
                f"{MAPPING_FILE} reads {', '.join(sorted(missing))} from {mapped.file}, which has "
                f"only {', '.join(sorted(theirs))}. {REMEDY}"
            )


def _as_ours(theirs: str | None, column: str, kind: DuckDBPyType) -> duckdb.Expression:
    value = duckdb.ConstantExpression(None) if theirs is None else duckdb.ColumnExpression(theirs)
    if kind == TIMESTAMP:  # a plain cast would drop the zone of a time that names one
        value = value.cast(TIMESTAMP_TZ)
    return value.cast(kind).alias(column)


def _read_mapping(path: Path) -> Mapping:
    if not path.exists():
        raise SourceError(
            f"{path} is missing: it says which file holds products and events and how its columns "
            "are named (docs/bring-your-own-data.md shows one)."
        )
    try:
        return Mapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SourceError(
            f"{path} is no mapping we can read: {wrong}. docs/bring-your-own-data.md shows one."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is no YAML: {error}") from error
