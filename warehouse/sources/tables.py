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
    judgments:
      file: judgments.csv
      columns: {query: query, product_id: sku, grade: grade}
"""

from datetime import date
from pathlib import Path
from typing import Literal, Self

import duckdb
import yaml
from duckdb.sqltypes import TIMESTAMP, TIMESTAMP_TZ, VARCHAR, DuckDBPyType
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from warehouse.connection import Connection
from warehouse.errors import SourceError
from warehouse.sources.base import REMEDY, Load, Opening, first_line, last_week_of
from warehouse.sources.ubi import log_loads
from warehouse.statements import run

MAPPING_FILE = "shopkeeper.yaml"
_ATTRIBUTES = duckdb.map_type(VARCHAR, VARCHAR)
_JSON = duckdb.type("JSON")
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


class MappedProducts(MappedTable):
    """Products; their attributes may stand in a column each, beside one with JSON objects."""

    attributes: dict[str, str] = {}  # name: theirs


class MappedUbi(_Strict):
    """Files (or globs of files) of logged queries and events in the schema of UBI."""

    queries: str
    events: str


class MappedJudgments(MappedTable):
    """Judgments; where they have no gain it is made of the grade: 2^grade - 1."""

    @model_validator(mode="after")
    def _say_what_is_judged(self) -> Self:
        if not {"query", "product_id"} <= set(self.columns):
            raise ValueError("columns must name query and product_id")
        if not {"gain", "grade"} & set(self.columns):
            raise ValueError("columns must name gain or grade")
        return self


class Mapping(_Strict):
    """The mapping file."""

    name: str
    opens: date | None = None
    closes: date | None = None
    closed_weekdays: tuple[Weekday, ...] = ()
    closed_dates: tuple[date, ...] = ()
    products: MappedProducts
    events: MappedTable | None = None
    promotions: MappedTable | None = None
    judgments: MappedJudgments | None = None
    ubi: MappedUbi | None = None

    @model_validator(mode="after")
    def _events_come_one_way_and_begin(self) -> Self:
        if self.events is not None and self.ubi is not None:
            raise ValueError("events come from events or from ubi, not from both")
        if (self.events or self.ubi) and self.opens is None:
            raise ValueError("opens, the first day with events, is needed where there are events")
        return self


class Tables:
    """A folder with a mapping file and the files that it names."""

    files = (MAPPING_FILE,)

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
    def tables(self) -> tuple[str, ...]:
        """The tables that the mapping names files for."""
        return (*self._mapped, *(("raw_queries", "raw_events") if self._mapping.ubi else ()))

    @property
    def opening(self) -> Opening | None:
        """The calendar in the mapping; none where it names no events."""
        mapping = self._mapping
        if mapping.opens is None or "raw_events" not in self.tables:
            return None
        return Opening(
            opens=mapping.opens,
            closes=mapping.closes,
            closed_weekdays=frozenset(map(_WEEKDAYS.index, mapping.closed_weekdays)),
            closed_dates=frozenset(mapping.closed_dates),
        )

    @property
    def evaluation_cuts(self) -> tuple[date, ...]:
        """A week before the last day."""
        return last_week_of(self.opening) if self.opening else ()

    def loads(self, day: date | None) -> list[Load]:
        """Everything, or one day's events."""
        loads = [
            self._load(table, mapped, day)
            for table, mapped in self._mapped.items()
            if day is None or table == "raw_events"
        ]
        if ubi := self._mapping.ubi:
            paths = self._path(ubi.queries), self._path(ubi.events)
            loads += log_loads(*paths, day.isoformat() if day else None)
        return loads

    @property
    def _mapped(self) -> dict[str, MappedTable]:
        mapping = self._mapping
        named = {
            "raw_events": mapping.events,
            "raw_products": mapping.products,
            "raw_promotions": mapping.promotions,
            "raw_judgments": mapping.judgments,
        }
        return {table: mapped for table, mapped in named.items() if mapped is not None}

    def _load(self, table: str, mapped: MappedTable, day: date | None) -> Load:
        return Load(
            table,
            f"sources/tables/{table}",
            {"day": day.isoformat() if day else None} if table == "raw_events" else {},
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
        named = dict(mapped.columns)
        _refuse_unknown(table, mapped, set(ours), set(theirs.columns))
        if isinstance(mapped, MappedProducts):
            _declare_attributes(connection, theirs, mapped)
            named.pop("attributes", None)
        theirs.select(
            *(_as_ours(named.get(column), column, kind) for column, kind in ours.items())
        ).create_view("mapped", replace=True)

    def _path(self, file: str) -> str:
        path = str(self._folder / file)
        if not list(self._folder.glob(file)):
            raise SourceError(
                f"{MAPPING_FILE} names {file}, but there is no such file: {path}. {REMEDY}"
            )
        return path

    def _read(self, connection: Connection, file: str) -> duckdb.DuckDBPyRelation:
        path = self._path(file)
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


def _refuse_unknown(table: str, mapped: MappedTable, ours: set[str], theirs: set[str]) -> None:
    if strange := set(mapped.columns) - ours:
        raise SourceError(
            f"{MAPPING_FILE} fills {', '.join(sorted(strange))}, which {table} does not have; "
            f"it has {', '.join(sorted(ours))}."
        )
    read = set(mapped.columns.values())
    if isinstance(mapped, MappedProducts):
        read |= set(mapped.attributes.values())
    if missing := read - theirs:
        raise SourceError(
            f"{MAPPING_FILE} reads {', '.join(sorted(missing))} from {mapped.file}, which has "
            f"only {', '.join(sorted(theirs))}. {REMEDY}"
        )


def _declare_attributes(
    connection: Connection, theirs: duckdb.DuckDBPyRelation, mapped: MappedProducts
) -> None:
    """Makes ``attributes`` of the columns that hold one each, and of that which holds them all."""
    maps = []
    if mapped.attributes:
        names = (duckdb.ConstantExpression(name) for name in mapped.attributes)
        values = (duckdb.ColumnExpression(c).cast(VARCHAR) for c in mapped.attributes.values())
        maps.append(_call("map", _call("list_value", *names), _call("list_value", *values)))
    if packed := mapped.columns.get("attributes"):
        column = duckdb.ColumnExpression(packed)
        is_text = theirs.types[theirs.columns.index(packed)] == VARCHAR
        as_json = column.cast(_JSON) if is_text else _call("to_json", column)
        maps.append(as_json.cast(_ATTRIBUTES))
    theirs.select(
        _as_ours(mapped.columns.get("product_id"), "product_id", VARCHAR),
        _call("list_value", *maps).cast(duckdb.list_type(_ATTRIBUTES)).alias("maps"),
    ).create_view("packed", replace=True)
    run(connection, "sources/tables/pairs")
    run(connection, "sources/attributes")


def _call(function: str, *arguments: duckdb.Expression) -> duckdb.Expression:
    return duckdb.FunctionExpression(function, *arguments)


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
