"""Causes: which of the known faults and changes of the world a day's signals tell of.

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
UNKNOWN = "unknown"  # a metric left its band, and none of the rules says why
CAUSES = (*DATA, *TRAFFIC, *SERVING, *WORLD)
QUALITY = (  # metrics of which less is a loss
    *("ctr@10", "click_share", "click_ndcg@10", "click_mrr", "click_precision@10"),
    *("purchase_share", "revenue_per_answer", "ndcg@10", "mrr", "hit_rate@10", "recall@10"),
)

Rule = Callable[[Night], Iterator["Finding"]]

_SURELY = 15  # events that are usual in hours without any: more than chance leaves out


@dataclass(frozen=True)
class Finding:
    """A cause that a day tells of."""

    cause: str
    clause: str  # what was seen, to stand after "where" in a sentence


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


def _risen(cause: str, measure: str, least: float, clause: str, part: str | None = None) -> Rule:
    """A rule that a share of the data has risen by at least ``least``."""

    def rule(night: Night) -> Iterator[Finding]:
        for found in night.measured(measure):
            if (part is None or found.part == part) and found.rises(least):
                yield Finding(cause, _told(clause, found))

    return rule


def _told(clause: str, found: Measure) -> str:
    return clause.format(value=found.value, usual=found.usual, part=found.part.replace("=", " "))


def _price_unit(measure: str, clause: str) -> Rule:
    def rule(night: Night) -> Iterator[Finding]:
        for found in night.measured(f"{measure}_share"):
            if found.rises(0.005):
                jumps = [each.value for each in night.measured(measure)]
                yield Finding("price_unit", clause.format(found.value, _factor(jumps[0])))

    return rule


def _factor(jump: float) -> str:
    """A power of ten where it is near one: most wrong units are."""
    power = round(log10(jump))
    near = abs(log10(jump) - power) < 0.15 and power != 0
    if jump >= 1:
        return f"{10**power if near else round(jump):,} times"
    return f"1/{10**-power if near else round(1 / jump):,} of"


def _gap(night: Night) -> Iterator[Finding]:
    """Less came than there was: hours without anything, or fewer events of as many requests."""
    if _late_measure(night) is not None or _closed(night) or any(_local_time(night)):
        return
    for found in _silent_hours(night):
        yield Finding(
            "gap", f"hours that usually have {found.value:.0%} of the day's events had none"
        )
    fell = [each for each in night.measured("events_per_request") if each.falls(0.1 * each.usual)]
    if fell:
        worst = min(fell, key=lambda found: found.value / found.usual)
        yield Finding(
            "gap",
            f"there were {1 - worst.value / worst.usual:.0%} fewer {worst.part} events for as "
            "many requests",
        )


def _local_time(night: Night) -> Iterator[Finding]:
    """Hours without anything, and as much as ever in others."""
    silent = _silent_hours(night)
    moved = [drift for drift in night.drifts if drift.subject == "hour"]
    if (silent or moved) and _volume(night) > 0.9:
        yield Finding("clock", "as much happened as ever, but at other hours")


def _silent_hours(night: Night) -> list[Measure]:
    return [each for each in night.measured("silent_share") if each.n >= _SURELY and each.value > 0]


def _volume(night: Night) -> float:
    """Events of the day, relative to the usual day's; 0 where nothing is usual."""
    usual = sum(found.usual for found in night.measured("events"))
    return sum(found.value for found in night.measured("events")) / usual if usual else 0.0


def _closed(night: Night) -> bool:
    """Whether hardly anybody asked, nor did anything."""
    asked = [found.value for found in night.measured("silent_request_share")]
    done = [found.value for found in night.measured("silent_share")]
    return bool(asked and done) and min(asked + done) > 0.9


def _late(night: Night) -> Iterator[Finding]:
    late = _late_measure(night)
    if late is not None:
        yield Finding("late", f"{late.value:.0%} of events came later than they should")


def _late_measure(night: Night) -> Measure | None:
    return night.measure("came_late_share", 0.01) or night.measure("late_share", 0.02)


def _silent(measure: str, of: str) -> Rule:
    def rule(night: Night) -> Iterator[Finding]:
        if _closed(night):
            return
        for found in night.measured(f"{measure}_share"):
            if found.rises(0.01):
                parts = sorted(night.measured(measure), key=lambda each: -each.value)
                names = ", ".join(each.part.rpartition("=")[2] for each in parts[:3])
                more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
                yield Finding(
                    "store_gone",
                    f"nothing came of {of} {names}{more}, usually {found.value:.1%} of the day",
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
    for alert in night.alerts:
        slow = "_ms_p" in alert.metric or alert.metric in ("time_out_share", "degraded_share")
        if slow and alert.segment == "all" and not alert.fell:
            yield Finding(
                "latency", f"{alert.metric} was {alert.value:.3g}, expected {alert.expected:.3g}"
            )


def _superseded(cause: str, part: str) -> Rule:
    return _risen(
        cause,
        "superseded_share",
        0.05,
        "{value:.0%} of answers came from an old {part}, after a newer one had been served",
        part,
    )


def _fallen(night: Night) -> bool:
    return any(alert.fell for alert in night.moved(*QUALITY))


def _other_lists(night: Night) -> Measure | None:
    """How little of their lists people are shown again, where that is less than usual."""
    for found in night.measured("list_overlap@10"):
        if found.falls(0.1):
            return found
    return None


def _score_scale(night: Night) -> Iterator[Finding]:
    """Scores elsewhere, and the same order as ever: only who reads scores will notice."""
    if _other_lists(night) is not None:
        return
    for drift in night.drifts:
        if drift.subject == "score":
            yield Finding(
                "score_scale", f"scores moved (PSI {drift.psi:.2f}) and the order did not"
            )


def _wrong_encoder(night: Night) -> Iterator[Finding]:
    """People are shown other things than they were, and like them less."""
    overlap = _other_lists(night)
    if overlap is not None and _fallen(night):
        yield Finding(
            "wrong_encoder",
            f"only {overlap.value:.0%} of the first ten were what the same people were shown "
            f"before, usually {overlap.usual:.0%}",
        )


def _holiday(night: Night) -> Iterator[Finding]:
    few = [alert for alert in night.moved("requests") if alert.fell]
    if _closed(night) or (few and _volume(night) < 0.9):
        yield Finding("holiday", "much less happened than usual, at all hours and everywhere")


def _taste(night: Night) -> Iterator[Finding]:
    """People are shown what they always were, and want something else; or ask for other things."""
    wanted: list[Drift] = [
        drift
        for drift in night.drifts
        if drift.subject in _WANTED and (night.alerts or drift.jensen_shannon > 0.1)
    ]
    if wanted:
        worst = min(wanted, key=lambda drift: drift.effect)
        yield Finding("taste", f"{worst.subject.replace('_', ' ')} moved (PSI {worst.psi:.2f})")
    elif _fallen(night) and any(night.measured("list_overlap@10")):
        yield Finding("taste", "people were shown what they always were")


_WANTED = (
    *("category", "brand", "place", "price", "supplier"),
    *("query_frequency", "query_words", "query_script"),
)


def _season(night: Night) -> Iterator[Finding]:
    for alert in night.moved("requests"):
        yield Finding("season", f"{alert.change:+.0%} requests came than were expected")


_FAULTS: tuple[Rule, ...] = (
    _price_unit(
        "catalogue_price_jump", "{:.0%} of the catalogue's prices are at about {} those of before"
    ),
    _price_unit("price_jump", "{:.0%} of purchases were at about {} their usual price"),
    _risen(
        "missing_field",
        "catalogue_missing_share",
        0.01,
        "{value:.0%} of the catalogue have no {part} (usually {usual:.0%})",
    ),
    _risen(
        "missing_field",
        "missing_share",
        0.02,
        "{value:.0%} of events came without {part} (usually {usual:.0%})",
    ),
    _risen(
        "remapped_category",
        "catalogue_recategorised_share",
        0.01,
        "{value:.0%} of the catalogue moved to another category",
    ),
    _risen(
        "encoding",
        "catalogue_garbled_share",
        0.005,
        "{value:.1%} of the catalogue's titles hold signs of a wrong encoding",
    ),
    _risen("encoding", "garbled_share", 0.005, "{value:.1%} of queries are encoded wrongly"),
    _risen(
        "duplicates",
        "catalogue_repeated_share",
        0.01,
        "{value:.0%} of the catalogue are there twice",
    ),
    _risen("duplicates", "repeated_share", 0.01, "{value:.0%} of events came twice"),
    _risen(
        "duplicates",
        "quarantined_share",
        0.01,
        "{value:.0%} of events came twice",
        "line_not_repeated",
    ),
    _late,
    _risen("clock", "ahead_share", 0.01, "{value:.0%} of events came before they happened"),
    _risen(
        "clock", "before_request_share", 0.01, "{value:.0%} of events came before their request"
    ),
    _risen("bots", "robot_share", 0.02, "robots sent {value:.0%} of requests"),
    _risen("bots", "busy_user_share", 0.015, "busy users sent {value:.0%} of requests"),
    _client_errors,
    _silent("silent_store", "store"),
    _silent("silent_segment", "segment"),
    _risen("stale_model", "other_model_share", 0.01, "{value:.0%} of answers were another model's"),
    _superseded("stale_model", "state"),
    _superseded("stale_index", "index"),
    _latency,
)
# What these look for, some of the faults above bring with them.
_CONSEQUENCES: tuple[Rule, ...] = (_local_time, _gap, _score_scale, _wrong_encoder)
_CHANGES: tuple[Rule, ...] = (
    _holiday,
    _risen(
        "promotion",
        "discounted_share",
        0.05,
        "{value:.0%} of purchases were discounted, usually {usual:.0%}",
    ),
    _risen(
        "new_products", "new_product_share", 0.03, "{value:.0%} of purchases were of new products"
    ),
    _season,
    _taste,
)
