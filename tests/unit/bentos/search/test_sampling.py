"""Which judgments are learnt from: the good products of a query are never lost."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from bentos.search.parameters import Parameters
from bentos.search.sampling import sampled


def _judgments(queries: int, products: int, *, weak: bool) -> pa.Table:
    """Of each query the last product is good."""
    rows = [(q, p) for q in range(queries) for p in range(products)]
    return pa.table(
        {
            "query_id": [f"{'weak' if weak else 'judged'} {q}" for q, _ in rows],
            "product_id": [f"p{p}" for _, p in rows],
            "gain": [float(p == products - 1) for _, p in rows],
            "weak": [weak] * len(rows),
        }
    )


def test_of_many_products_the_good_ones_stay() -> None:
    kept = sampled(_judgments(3, 9, weak=False), Parameters(products=4))
    assert kept["query_id"].to_pylist() == [f"judged {q}" for q in range(3) for _ in range(4)]
    good = kept.filter(pc.equal(kept["gain"], 1.0))
    assert good["product_id"].to_pylist() == ["p8"] * 3


def test_few_products_stay_all() -> None:
    given = _judgments(2, 3, weak=False)
    assert sampled(given, Parameters(products=8)) == given


def test_of_queries_that_nobody_judged_some_are_drawn_and_of_the_others_all_stay() -> None:
    both = pa.concat_tables([_judgments(5, 2, weak=True), _judgments(4, 2, weak=False)])
    kept = set(sampled(both, Parameters(weak_queries=2))["query_id"].to_pylist())
    assert len([query for query in kept if query.startswith("weak")]) == 2
    assert len([query for query in kept if query.startswith("judged")]) == 4


def test_the_same_seed_draws_the_same() -> None:
    given = _judgments(9, 9, weak=True)
    draw = Parameters(products=4, weak_queries=3)
    assert sampled(given, draw) == sampled(given, draw)
    other = draw.model_copy(update={"seed": 1})
    assert sampled(given, draw) != sampled(given, other)
