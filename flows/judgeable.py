"""Whether there is anything to hold a model against: asked before anything is trained."""

from datetime import date, timedelta

from flows.errors import NothingToJudge
from warehouse.connection import Connection
from warehouse.records import all_judged_queries, judged_queries, purchase_days


def require_judgments(connection: Connection, scenario: str, cut: date, days: int) -> None:
    """Passes if somebody with a history bought something in the days after ``cut``.

    Raises:
        NothingToJudge: nobody did.
    """
    if judged_queries(connection, scenario, cut, days):
        return
    last_looked_at = cut + timedelta(days=days - 1)
    raise NothingToJudge(
        f"{scenario} can't be judged: a purchase by a user with purchases before {cut} was "
        f"expected on the days {cut} to {last_looked_at}, and there is none. "
        f"{_what_there_is(connection, days)}"
    )


def require_judged_queries(connection: Connection, scenario: str, folds: int) -> None:
    """Passes if as many queries as there are folds have a product that was judged to answer them.

    Raises:
        NothingToJudge: fewer have.
    """
    queries = all_judged_queries(connection, scenario)
    if queries >= folds:
        return
    raise NothingToJudge(
        f"{scenario} can't be judged: judgments of products for at least {folds} queries were "
        "expected, of each a product with a gain, and the warehouse holds "
        f"{'those of ' + str(queries) if queries else 'none'}. `shopkeeper ingest` brings the "
        "judgments of a source that has some, and derives weak ones, where nobody judged, from "
        "clicks and from a catalogue with product types (docs/bring-your-own-data.md)."
    )


def require_held_out_queries(connection: Connection, scenario: str, cut: date, folds: int) -> None:
    """Passes if there are queries to learn from, and others that are kept from every training.

    Raises:
        NothingToJudge: there are not.
    """
    require_judged_queries(connection, scenario, folds)
    if judged_queries(connection, scenario, cut, days=0):
        return
    raise NothingToJudge(
        f"{scenario} can't be judged: about a fifth of the judged queries, chosen by their hash, "
        "is kept from every training to prove models on, and none of the few that are judged is "
        "among them. Have more queries judged, and bring them in by `shopkeeper ingest`."
    )


def _what_there_is(connection: Connection, days: int) -> str:
    known = purchase_days(connection)
    if known is None:
        return "The warehouse holds no purchase at all: `shopkeeper ingest` brings the source's."
    first, last = known
    return (
        f"The warehouse holds purchases of {first} to {last}: name an earlier day, so that the "
        f"{days} days after the cut lie in them and others before it, or bring newer purchases "
        "in by `shopkeeper ingest` or `shopkeeper nightly`."
    )
