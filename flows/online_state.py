"""The online state: from the marts to what services map into memory."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from bentos.encoders.text import DIMENSIONS, TextEncoder, TextVectors
from bentos.registry import SCENARIOS, scenario
from bentos.serving.state import OnlineState, write_state
from flows.progress import track
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from warehouse.connection import Connection
from warehouse.marts import catalogue, mailer_shares, promotions_in_force, training_rows

# Kept in search's index; the state is written anew every night, and texts stand in it as vectors.
_READ_BY_SEARCH_ALONE = ["text", "title", "description", "size", "attributes"]


@flow(name="publish-state")
def publish_state_flow(as_of: date) -> str:
    """Makes what was known at ``as_of`` the online state; returns its version."""
    return publish_state(Settings(), as_of)


@task(tags=[TAG], cache_policy=NO_CACHE)
def publish_state(settings: Settings, as_of: date) -> str:
    """Writes the state's files and moves the pointer."""
    with writable_warehouse(settings, "publish-state") as connection:
        state = state_at(connection, settings, as_of)
    return write_state(settings.home / "online_state", state.as_of, state.tables, state.indexes)


def state_at(
    connection: Connection, settings: Settings, as_of: date, promotion_weeks: int = 1
) -> OnlineState:
    """What was known of products and shoppers at a day's beginning, in memory only."""
    products = catalogue(connection)
    texts = pc.unique(products["text"].combine_chunks())
    encoder = _text_vectors(settings)
    vectors = encoder.of(texts.to_pylist(), track("Encoding texts"))
    tables = {
        "products": products.drop_columns(_READ_BY_SEARCH_ALONE).append_column(
            "text_row", pc.index_in(products["text"], texts)
        ),
        "texts": pa.table(
            {"vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), DIMENSIONS)}
        ),
        "histories": _histories(training_rows(connection, "recommend", as_of), products),
        "promotions": _by_row(promotions_in_force(connection, as_of, promotion_weeks), products),
        "mailer_shares": _by_row(mailer_shares(connection, as_of), products),
    }
    indexes = _indexes(settings, products, encoder)
    return OnlineState(f"unpublished-{as_of:%Y%m%d}", midnight(as_of), tables, indexes)


def _indexes(settings: Settings, products: pa.Table, encoder: TextVectors) -> dict[str, Path]:
    """The index of the catalogue for each scenario that needs one, built where it is new."""
    built = {
        name: scenario(name).build_index(
            products, encoder, settings.indexes / name, track(f"Indexing for {name}")
        )
        for name in SCENARIOS
    }
    return {name: path for name, path in built.items() if path is not None}


def _histories(rows: pa.Table, products: pa.Table) -> pa.Table:
    """What the model reads of them, in half the bytes: a version of them is kept for every day."""
    table = _by_row(rows.drop_columns(["session_id"]), products)
    for name in ("user_id", "store_id"):
        table = _with(table, name, pc.dictionary_encode(table[name]))
    for name in ("quantity", "price", "discount"):
        table = _with(table, name, table[name].cast(pa.float32()))
    return table


def _with(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)


def _by_row(table: pa.Table, products: pa.Table) -> pa.Table:
    """Names a product by its row in ``products``: a tenth of the bytes of its identifier."""
    rows = pc.index_in(table["product_id"], products["product_id"])
    return table.drop_columns(["product_id"]).append_column("product", rows)


@cache
def _text_vectors(settings: Settings) -> TextVectors:
    return TextVectors(settings.embeddings, TextEncoder())


def midnight(day: date) -> datetime:
    """The beginning of a day, UTC."""
    return datetime.combine(day, datetime.min.time(), UTC)
