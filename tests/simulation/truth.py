"""The truth of a world, in a folder of its own that the platform never reads.

``world.json`` holds the figures. By day: ``requests`` (who asked, and what was to be expected of
the answer), ``candidates`` (relevance, examination, propensity, the probabilities of a click and a
purchase), ``outcomes`` (every event that comes of the day's requests, however much later), and
``lines`` (which lines the day brought to the logs that are dirty, and how).
"""

from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from tests.simulation.answers import Answers
from tests.simulation.simulated import Block, Simulated


def write_figures(folder: Path, simulated: Simulated) -> None:
    """Writes what the world is like.

    Raises:
        ValueError: there is a world already.
    """
    path = folder / "world.json"
    if path.exists():
        raise ValueError(f"{folder} holds the truth of another world; give an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    figures = simulated.world.as_json() | {"scenario": simulated.shop.scenario}
    path.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))


class TruthOfDay:
    """What is true of a day, written block by block."""

    def __init__(self, folder: Path, simulated: Simulated, day: date) -> None:
        self._folder = folder
        self._simulated = simulated
        self._day = day
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def add(self, block: Block[Answers]) -> None:
        """What is true of a block."""
        self._append("requests", self._requests(block))
        self._append("candidates", self._candidates(block))
        self._append("outcomes", block.outcomes.events)

    def add_lines(self, places: pa.Table) -> None:
        """Which lines are dirty, as `LogWriter` tells."""
        self._append("lines", places)

    def _append(self, name: str, table: pa.Table) -> None:
        if name not in self._writers:
            path = self._folder / name / f"{self._day}.parquet"
            path.parent.mkdir(exist_ok=True)
            self._writers[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
        self._writers[name].write_table(table)

    def _requests(self, block: Block[Answers]) -> pa.Table:
        people, shop = self._simulated.people, self._simulated.shop
        asked, answers, found = block.asked, block.answers, block.outcomes
        return pa.table(
            {
                "request_id": answers.request_id,
                "occurred_at": asked.at,
                "written_at": answers.written_at,
                "user_id": people.user_id[asked.user],
                "taste": shop.tastes[asked.taste],
                "model_tag": answers.model_tag,
                "bot": np.isin(asked.user, people.bots),
                "degraded": answers.degraded,
                "error": answers.error,
                "client_gone": answers.client_gone,
                "expected_clicks": found.click.sum(axis=1),
                "expected_purchases": found.purchase.sum(axis=1),
                "expected_revenue": found.revenue.sum(axis=1),
            }
        )

    def _candidates(self, block: Block[Answers]) -> pa.Table:
        answers, found = block.answers, block.outcomes
        row, place = np.nonzero(answers.listed)
        request_ids = pa.array(answers.request_id, pa.string())
        product_ids = pa.array(self._simulated.shop.product_ids, pa.string())
        return pa.table(
            {
                "request_id": request_ids.take(pa.array(row)),
                "product_id": product_ids.take(pa.array(answers.product[row, place])),
                "rank": place + 1,
                "propensity": answers.propensity[row, place],
                "relevance": found.relevance[row, place],
                "examination": found.examination[row, place],
                "click": found.click[row, place],
                "purchase": found.purchase[row, place],
            }
        )
