"""Findings: which causes a day's signals tell of.

Faults of data, traffic and serving are looked for first: where one is found, what also looks like a
change of the world is its consequence.
"""

from collections.abc import Sequence

from flows.policies.causes import UNKNOWN
from flows.policies.rules import (
    Finding,
    Rule,
    bots,
    client_errors,
    gap,
    holiday,
    late,
    latency,
    local_time,
    parts_gone,
    prices_jump,
    risen,
    score_scale,
    season,
    superseded,
    taste,
    wrong_encoder,
)
from flows.policies.signals import Night


def find(night: Night) -> list[Finding]:
    """What a day tells of, each cause once; of the world only where no fault explains it."""
    for rules in (_FAULTS, _CONSEQUENCES, _CHANGES):
        found: dict[str, Finding] = {}
        for rule in rules:
            for finding in rule(night):
                found.setdefault(finding.cause, finding)
        if found:
            return [*found.values()]
    if night.alerts:
        return [Finding(UNKNOWN, "none of the known causes is to be seen")]
    return []


_FAULTS: Sequence[Rule] = (
    prices_jump(
        "catalogue_price_jump", "{:.0%} of the catalogue's prices are at about {} those of before"
    ),
    prices_jump("price_jump", "{:.0%} of purchases were at about {} their usual price"),
    risen(
        "missing_field",
        "catalogue_missing_share",
        0.01,
        "{value:.0%} of the catalogue have no {part} (usually {usual:.0%})",
    ),
    risen(
        "missing_field",
        "missing_share",
        0.02,
        "{value:.0%} of events came without {part} (usually {usual:.0%})",
    ),
    risen(
        "remapped_category",
        "catalogue_recategorised_share",
        0.01,
        "{value:.0%} of the catalogue moved to another category",
    ),
    risen(
        "encoding",
        "catalogue_garbled_share",
        0.005,
        "{value:.1%} of the catalogue's titles hold signs of a wrong encoding",
    ),
    risen("encoding", "garbled_share", 0.005, "{value:.1%} of queries are encoded wrongly"),
    risen(
        "duplicates",
        "catalogue_repeated_share",
        0.01,
        "{value:.0%} of the catalogue are there twice",
    ),
    risen("duplicates", "repeated_share", 0.01, "{value:.0%} of events came twice"),
    risen(
        "duplicates",
        "quarantined_share",
        0.01,
        "{value:.0%} of events came twice",
        "line_not_repeated",
    ),
    late,
    risen("clock", "ahead_share", 0.01, "{value:.0%} of events came before they happened"),
    risen("clock", "before_request_share", 0.01, "{value:.0%} of events came before their request"),
    bots("robot_share", 0.02, "robots sent {:.0%} of requests"),
    bots("busy_user_share", 0.015, "busy users sent {:.0%} of requests"),
    client_errors,
    parts_gone,
    risen("stale_model", "other_model_share", 0.01, "{value:.0%} of answers were another model's"),
    superseded("stale_model", "state"),
    superseded("stale_index", "index"),
    latency,
)
# What these look for, some of the faults above bring with them.
_CONSEQUENCES: Sequence[Rule] = (local_time, gap, score_scale, wrong_encoder)
_CHANGES: Sequence[Rule] = (
    holiday,
    risen(
        "promotion",
        "discounted_share",
        0.05,
        "{value:.0%} of purchases were discounted, usually {usual:.0%}",
    ),
    risen(
        "new_products", "new_product_share", 0.03, "{value:.0%} of purchases were of new products"
    ),
    season,
    taste,
)
