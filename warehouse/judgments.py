"""Judgments: what people graded, and what stands in for it where nobody has."""

from warehouse.connection import Connection, transaction
from warehouse.statements import run

_ROUNDS = 100  # of estimation: on simulated clicks, more move no probability by 0.001
_NEAR_MISSES = 50  # a query's negatives: about as many as it has answers


def stage_judgments(connection: Connection) -> None:
    """Stages what people judged; what was derived is gone until it is derived again."""
    run(connection, "staging/stg_judgments")


def judged_by_people(connection: Connection) -> bool:
    """Whether anybody graded anything: what is derived stands in for it only where nobody has."""
    return run(connection, "judgments/judged_by_people").fetchone() is not None


def derive_from_catalogue(connection: Connection, queries: int = 2000) -> None:
    """Derives weak judgments, source ``catalogue``, from the structure of the staged catalogue.

    At most ``queries`` queries, those of which most was bought. Products are judged 1 where they
    are all that the query says, 0.1 where they are of its kind but lack its brand, size or colour,
    and 0 where they stand on the same shelf and are something else. The same catalogue and
    purchases give the same judgments.
    """
    with transaction(connection):
        run(connection, "judgments/forget", source="catalogue")
        run(connection, "judgments/offers")
        run(connection, "judgments/catalogue_queries", queries=queries)
        run(connection, "judgments/catalogue", near_misses=_NEAR_MISSES)


def derive_from_clicks(connection: Connection, minimum_impressions: int = 20) -> None:
    """Derives weak judgments, source ``clicks``, from what shoppers were shown and took.

    A product far down is clicked less because it is looked at less. The position-based model
    (Craswell et al. 2008) says that a product is clicked if its rank is looked at and the product
    is wanted; expectation maximisation estimates both (Wang et al. 2018, without their regression:
    each query and product has a probability of its own). It can tell them apart as far as products
    have been shown at several ranks. The gain is the probability of a click on a product that is
    looked at.
    """
    with transaction(connection):
        run(connection, "judgments/forget", source="clicks")
        run(connection, "judgments/showings")
        if connection.table("showings").fetchone() is None:
            return
        run(connection, "judgments/first_guess")
        for _ in range(_ROUNDS):
            run(connection, "judgments/expectation")
            run(connection, "judgments/maximisation")
        run(connection, "judgments/clicks", minimum_impressions=minimum_impressions)
