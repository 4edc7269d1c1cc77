"""Our own metrics, as one of the systems that measure rankings: see `peers/ranking.py`.

The first argument says what puts the products in order: `scores`, as an offline evaluation has them
and the peers take them, or `ranks`, as a log has them.
"""

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.peers.ranking import JUDGMENTS, METRICS, RUN, run
from warehouse.connection import Connection, open_memory
from warehouse.evaluation import measure_queries
from warehouse.statements import run as run_statement

RANKER = "theirs"


class Loaded:
    """The two files as the tables that are measured: read while it is, not before."""

    def __init__(self, order: str, data: Path) -> None:
        """Names them."""
        self._spill = TemporaryDirectory(prefix="metrics-")
        self.connection: Connection = open_memory(Path(self._spill.name))
        run, judgments = (str(data / name).replace("'", "''") for name in (RUN, JUDGMENTS))
        rank = {"scores": "null::integer", "ranks": "rank"}[order]
        self.connection.execute(
            f"""
            create temp view run as
            select '{RANKER}' as ranker, query_id, product_id, score, {rank} as known_rank
            from read_parquet('{run}');
            create temp view judgments as
            select query_id, product_id, gain::double as gain from read_parquet('{judgments}');
            create temp table segments as
            select 'all' as segment, null::varchar as query_id, null::varchar as product_id,
                true as belongs;
            create temp table asked as
            select distinct '{RANKER}' as ranker, query_id from judgments;
            """
        )


def means(loaded: Loaded) -> dict[str, float]:
    """The means over the queries."""
    measure_queries(loaded.connection)
    rows = run_statement(loaded.connection, "metrics/summary").fetchall()
    found = {metric: value for _, _, metric, value, *_ in rows}
    return {metric: found[metric] for metric in METRICS}


if __name__ == "__main__":
    order, *arguments = sys.argv[1:]
    run(__doc__, partial(Loaded, order), means, arguments)
