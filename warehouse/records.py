"""Decisions, models and rollouts: what was decided and made, and when."""

from dataclasses import dataclass
from datetime import date

from warehouse.connection import Connection
from warehouse.maturity import MATURE
from warehouse.statements import run


@dataclass(frozen=True)
class DailyMetric:
    """A metric of a model on a day, over ``n`` requests."""

    day: date
    model_tag: str
    value: float
    standard_error: float
    n: int


def record_decision(
    connection: Connection,
    scenario: str,
    kind: str,
    as_of: date,
    action: str,
    reason: str,
    evidence: str,
) -> None:
    """Keeps a decision with its evidence (JSON)."""
    run(
        connection,
        "records/decide",
        scenario=scenario,
        kind=kind,
        as_of=as_of,
        action=action,
        reason=reason,
        evidence=evidence,
    )


def record_model(
    connection: Connection,
    model_tag: str,
    scenario: str,
    training_cut: date,
    parameters: str,
    metrics: str,
) -> None:
    """Keeps what a model was trained on and with (JSON)."""
    run(
        connection,
        "records/add_model",
        model_tag=model_tag,
        scenario=scenario,
        training_cut=training_cut,
        parameters=parameters,
        metrics=metrics,
    )


def record_rollout(
    connection: Connection,
    scenario: str,
    version: int,
    champion: str,
    bento_tag: str,
    starts_on: date,
    reason: str,
    beside: tuple[str, str, float | None] | None = None,
) -> None:
    """Keeps a version of the rollout record; ``beside`` are the other model, its role and share."""
    model, role, share = beside or (None, None, None)
    run(
        connection,
        "records/add_rollout",
        scenario=scenario,
        version=version,
        champion=champion,
        bento_tag=bento_tag,
        starts_on=starts_on,
        reason=reason,
        beside=model,
        role=role,
        share=share,
    )


def training_cut(connection: Connection, model_tag: str) -> date:
    """The day from which on the model saw nothing.

    Raises:
        KeyError: no such model was recorded.
    """
    row = run(connection, "records/model", model_tag=model_tag).fetchone()
    if row is None:
        raise KeyError(f"no model {model_tag} was recorded in the warehouse")
    cut: date = row[2]
    return cut


def recent_metric(
    connection: Connection, scenario: str, metric: str, as_of: date, days: int
) -> list[DailyMetric]:
    """A metric of the champion's traffic on those of the last ``days`` days that are mature."""
    rows = run(
        connection,
        "records/recent_metric",
        scenario=scenario,
        metric=metric,
        as_of=as_of,
        days=days,
        least_maturity=MATURE,
    ).fetchall()
    return [DailyMetric(*row) for row in rows]


def examples(connection: Connection, scenario: str, model_tag: str, as_of: date) -> tuple[int, int]:
    """How many examples a model could learn from at ``as_of``, and how many this one has not."""
    row = run(
        connection, f"records/examples_{scenario}", model_tag=model_tag, as_of=as_of
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def purchase_days(connection: Connection) -> tuple[date, date] | None:
    """The first and the last day with a purchase, if there is one."""
    first, last = run(connection, "records/purchase_days").fetchone() or (None, None)
    return None if first is None else (first, last)


def judged_queries(connection: Connection, scenario: str, cut: date, days: int) -> int:
    """How many queries could be judged by what was bought in the days after a cut."""
    run(connection, f"marts/judgments_{scenario}", cut=cut, days=days)
    return _measurable(connection)


def all_judged_queries(connection: Connection, scenario: str) -> int:
    """How many queries somebody judged, with a product that answers them."""
    run(connection, f"marts/all_judgments_{scenario}")
    return _measurable(connection)


def _measurable(connection: Connection) -> int:
    (queries,) = run(connection, "records/judged_queries").fetchone() or (0,)
    return int(queries)
