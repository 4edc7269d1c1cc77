"""Causes: which of the known faults and changes of the world a night's signals tell of.

Each rule looks for what one cause leaves behind and nothing else does; docs/incidents.md lists
them. Faults of data, traffic and serving are looked for first: where one is found, what also looks
like a change of the world is its consequence.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log10

from flows.policies.signals import Drift, Measure, Night

DATA = (
    *("price_unit", "missing_field", "remapped_category", "encoding"),
    *("duplicates", "gap", "late", "clock"),
)
TRAFFIC = ("bots", "client_errors", "store_gone")
SERVING = ("stale_model", "stale_index", "wrong_encoder", "latency", "score_scale")
WORLD = ("season", "promotion", "holiday", "new_products", "taste")
UNKNOWN = "unknown"  # something moved, and none of the rules says why
CAUSES = (*DATA, *TRAFFIC, *SERVING, *WORLD)


@dataclass(frozen=True)
class Finding:
    """A cause that a night tells of."""

    cause: str
    clause: str  # what was seen, to stand after "where" in a sentence


def find(night: Night) -> list[Finding]:
    """What a night tells of; of the world only where no fault explains it."""
    faults = [finding for rule in _FAULTS for finding in rule(night)]
    return faults or [finding for rule in _CHANGES for finding in rule(night)][:1]


def _share_rule(
    cause: str, measure: str, least: float, clause: str
) -> Callable[[Night], Iterator[Finding]]:
    """A rule that a share of the data has risen by at least ``least``."""

    def rule(night: Night) -> Iterator[Finding]:
        for found in night.measured(measure):
            if found.rises(least):
                yield Finding(cause, _told(clause, found))

    return rule


def _told(clause: str, found: Measure) -> str:
    return clause.format(value=found.value, usual=found.usual, part=found.part)


def _price_unit(night: Night) -> Iterator[Finding]:
    for found in night.measured("price_jump_share"):
        if found.rises(0.01):
            (jump,) = [each.value for each in night.measured("price_jump")]
            yield Finding(
                "price_unit",
                f"{found.value:.0%} of purchases were at about {_factor(jump)} their usual price",
            )


def _factor(jump: float) -> str:
    """A power of ten where it is near one: most wrong units are."""
    power = round(log10(jump))
    near = abs(log10(jump) - power) < 0.15 and power != 0
    if jump >= 1:
        return f"{10**power if near else round(jump):,} times"
    return f"1/{10**-power if near else round(1 / jump):,} of"


def _missing_field(night: Night) -> Iterator[Finding]:
    for found in night.measured("missing_share"):
        if found.rises(0.02):
            event_type, field = found.part.split(".")
            yield Finding(
                "missing_field",
                f"{found.value:.0%} of {event_type} events came without {field} (usually "
                f"{found.usual:.0%})",
            )
    for drift in night.drifts:
        if drift.missing_share - drift.missing_before > 0.02:
            yield Finding(
                "missing_field",
                f"{drift.subject} was missing of {drift.missing_share:.0%} (before "
                f"{drift.missing_before:.0%})",
            )


def _remapped_category(night: Night) -> Iterator[Finding]:
    for drift in night.drifts:
        if _is_category(drift) and drift.new_share > 0.02:
            yield Finding(
                "remapped_category",
                f"{drift.new_share:.0%} had a {drift.subject} that was not there before",
            )


def _is_category(drift: Drift) -> bool:
    return drift.subject.rpartition("_")[2] in ("category", "department", "brand")


def _gap(night: Night) -> Iterator[Finding]:
    """Hours without anything, between others that had something."""
    for found in night.measured("silent_share"):
        if 0.02 < found.value < 0.95:
            yield Finding(
                "gap", f"hours that usually have {found.value:.0%} of the day's events had none"
            )


def _silent_part(measure: str) -> Callable[[Night], Iterator[Finding]]:
    def rule(night: Night) -> Iterator[Finding]:
        for found in night.measured(measure):
            yield Finding(
                "store_gone",
                f"nothing came of {found.part.replace('=', ' ')}, which usually has "
                f"{found.value:.1%} of the day",
            )

    return rule


def _client_errors(night: Night) -> Iterator[Finding]:
    for alert in night.moved("error_share", "client_gone_share"):
        if not alert.fell:
            yield Finding(
                "client_errors",
                f"{alert.metric} was {alert.value:.1%}, expected {alert.expected:.1%}",
            )


def _latency(night: Night) -> Iterator[Finding]:
    for alert in night.moved("total_ms_p95", "time_out_share", "degraded_share"):
        if not alert.fell:
            yield Finding(
                "latency", f"{alert.metric} was {alert.value:.3g}, expected {alert.expected:.3g}"
            )


def _stale_index(night: Night) -> Iterator[Finding]:
    for found in night.measured("state_age"):
        if found.value - found.usual > 0.9:  # a night's publishing that did not come
            yield Finding(
                "stale_index",
                f"the online state was {found.value:.1f} days old in the mean, usually "
                f"{found.usual:.1f}",
            )


def _score_scale(night: Night) -> Iterator[Finding]:
    """Scores elsewhere, and rankings as good as before: only who reads scores will notice."""
    if night.moved("ndcg@10", "click_ndcg@10", "ctr@10"):
        return
    for drift in night.drifts:
        if drift.subject == "score" and drift.psi > 0.25:
            yield Finding(
                "score_scale", f"scores moved (PSI {drift.psi:.2f}) and the order did not"
            )


def _wrong_encoder(night: Night) -> Iterator[Finding]:
    """What vectors find is no longer what people want, while what words find is."""
    if not any(alert.fell for alert in night.moved("ndcg@10", "click_ndcg@10", "ctr@10")):
        return
    for drift in night.drifts:
        if drift.subject in ("score", "stage") and drift.psi > 0.1:
            yield Finding(
                "wrong_encoder", f"{drift.subject} moved (PSI {drift.psi:.2f}), and clicks fell"
            )


def _volume(night: Night) -> float | None:
    """Purchases of the day, relative to the usual day's."""
    for found in night.measured("events"):
        if found.part == "purchase" and found.usual > 0:
            return found.value / found.usual
    return None


def _holiday(night: Night) -> Iterator[Finding]:
    closed = any(found.value >= 0.95 for found in night.measured("silent_share"))
    volume = _volume(night)
    if closed or (volume is not None and volume < 0.4):
        yield Finding("holiday", "hardly anything was bought, at any hour and in any store")


def _promotion(night: Night) -> Iterator[Finding]:
    for found in night.measured("discounted_share"):
        if found.rises(0.05):
            yield Finding(
                "promotion",
                f"{found.value:.0%} of purchases were discounted, usually {found.usual:.0%}",
            )


def _taste(night: Night) -> Iterator[Finding]:
    for drift in sorted(night.drifts, key=lambda drift: -abs(drift.effect)):
        if _is_category(drift):
            yield Finding("taste", f"{drift.subject} moved (PSI {drift.psi:.2f})")


def _season(night: Night) -> Iterator[Finding]:
    for alert in night.moved("requests", "events"):
        yield Finding("season", f"{alert.metric} were {alert.change:+.0%} of what was expected")


_FAULTS = (
    _price_unit,
    _missing_field,
    _remapped_category,
    _share_rule(
        "encoding", "garbled_share", 0.005, "{value:.1%} of queries hold signs of a wrong encoding"
    ),
    _share_rule("duplicates", "repeated_share", 0.01, "{value:.0%} of events came twice"),
    _gap,
    _share_rule("late", "late_share", 0.02, "{value:.0%} of events were written hours later"),
    _share_rule("clock", "ahead_share", 0.01, "{value:.0%} of events came before they happened"),
    _share_rule(
        "clock", "before_request_share", 0.01, "{value:.0%} of events came before their request"
    ),
    _share_rule("bots", "robot_share", 0.02, "robots sent {value:.0%} of requests"),
    _share_rule("bots", "busy_user_share", 0.02, "busy users sent {value:.0%} of requests"),
    _client_errors,
    _silent_part("silent_store"),
    _silent_part("silent_segment"),
    _share_rule(
        "stale_model", "other_model_share", 0.01, "{value:.0%} of answers were another model's"
    ),
    _stale_index,
    _latency,
    _score_scale,
    _wrong_encoder,
)
_CHANGES = (
    _holiday,
    _promotion,
    _share_rule(
        "new_products", "new_product_share", 0.03, "{value:.0%} of purchases were of new products"
    ),
    _taste,
    _season,
)
