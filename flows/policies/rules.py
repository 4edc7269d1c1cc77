"""Rules: what each cause leaves behind in a day's signals, and nothing else does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import log10, sqrt

from flows.policies.signals import RANKS, Drift, Measure, Night

_SURELY = 15  # people who are usual in hours without any: more than chance leaves out
_ALL = 0.9  # of a day's people: hardly any are left
_FAR = 0.1  # a distance, from which a drift is told though no metric moved
_WANTED = (
    *("category", "brand", "place", "price", "supplier"),
    *("query_frequency", "query_words", "query_script"),
)


@dataclass(frozen=True)
class Finding:
    """A cause that a day tells of."""

    cause: str
    clause: str  # what was seen, to stand after "where" in a sentence


Rule = Callable[[Night], Iterator[Finding]]


def risen(cause: str, measure: str, least: float, clause: str, part: str | None = None) -> Rule:
    """A rule that a share of the data has risen by at least ``least``."""

    def rule(night: Night) -> Iterator[Finding]:
        for found in night.measured(measure):
            if (part is None or found.part == part) and found.rises(least):
                yield Finding(cause, _told(clause, found))

    return rule


def _told(clause: str, found: Measure) -> str:
    return clause.format(value=found.value, usual=found.usual, part=found.part.replace("=", " "))


def prices_jump(measure: str, clause: str) -> Rule:
    """A rule that prices jumped: by what factor is in ``measure``, of how many in its share."""

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


def gap(night: Night) -> Iterator[Finding]:
    """Less came than there was: hours without anything, or fewer events of as many requests.

    The latter of lists that are what they were, in which those who do something do it as far up as
    ever: of worse ones, too, less comes.
    """
    if _late_measure(night) is not None or _closed(night) or any(local_time(night)):
        return
    for found in _silent_hours(night):
        yield Finding(
            "gap", f"hours that usually have {found.value:.0%} of the day's people had none"
        )
    if (
        _other_lists(night) is not None
        or _asked_otherwise(night, by=_FAR)
        or any(alert.fell for alert in night.moved(*RANKS))
    ):
        return
    if fewer := _fewer_events(night):
        worst = min(fewer, key=lambda found: found.value / found.usual)
        yield Finding(
            "gap",
            f"there were {1 - worst.value / worst.usual:.0%} fewer {worst.part} events for as "
            "many requests",
        )


def local_time(night: Night) -> Iterator[Finding]:
    """People came as ever, but hours later, or sooner."""
    for found in night.measured("hours_off"):
        if found.value:
            hours = f"{abs(found.value):.0f} hour{'' if abs(found.value) == 1 else 's'}"
            side = "later" if found.value > 0 else "earlier"
            yield Finding("clock", f"all happened {hours} {side} than usual")


def _silent_hours(night: Night) -> list[Measure]:
    """Hours without any, which at the rate of the day's others would surely have had some."""
    return [each for each in night.measured("silent_share") if _due(each, night) >= _SURELY]


def _due(silent: Measure, night: Night) -> float:
    """How many people were due in silent hours, by the others; of hardly others, by requests."""
    if silent.value > _ALL:
        return silent.n * _requests_left(night)
    return silent.n * min(_volume(night) / (1 - silent.value), 1.0)


def _requests_left(night: Night) -> float:
    """Requests relative to those expected, where they fell; else 1."""
    left = [alert.value / alert.expected for alert in night.moved("requests") if alert.fell]
    return min(left, default=1.0)


def _fewer_events(night: Night) -> list[Measure]:
    """Events that fell relative to requests: of fewer requests chance leaves out more."""
    left = _requests_left(night)
    return [
        each
        for each in night.measured("events_per_request")
        if left and replace(each, spread=each.spread / sqrt(left)).falls(0.1 * each.usual)
    ]


def _volume(night: Night) -> float:
    """Events of the day, relative to the usual day's; 0 where nothing is usual."""
    usual = sum(found.usual for found in night.measured("events"))
    return sum(found.value for found in night.measured("events")) / usual if usual else 0.0


def _closed(night: Night) -> bool:
    """Whether hardly anybody asked, nor did anything."""
    return _silent(night, "silent_request_share") and _silent(night, "silent_share")


def _silent(night: Night, measure: str) -> bool:
    """Whether hardly an hour had any of what usually comes in it."""
    return any(found.value > _ALL for found in night.measured(measure))


def _asked_otherwise(night: Night, by: float) -> bool:
    """Whether what people ask for drifted by more than a distance, whatever came of that."""
    moved = [each.subject for each in night.drifts if each.jensen_shannon > by]
    moved += [each.subject for each in night.meanings if each.beyond > by]
    return any(subject.startswith("query_") for subject in moved)


def late(night: Night) -> Iterator[Finding]:
    """Events that came after their nights, or were written hours after they happened."""
    if found := _late_measure(night):
        yield Finding("late", f"{found.value:.0%} of events came later than they should")


def _late_measure(night: Night) -> Measure | None:
    return night.measure("came_late_share", 0.01) or night.measure("late_share", 0.02)


def parts_gone(night: Night) -> Iterator[Finding]:
    """Stores, countries or devices of which nothing came, while something comes of others."""
    if _silent(night, "silent_request_share") or _silent(night, "silent_share"):
        return
    for found in night.measured("silent_part_share"):
        if found.rises(0.01):
            of_kind = [
                each
                for each in night.measured("silent_part")
                if each.part.startswith(f"{found.part}=")
            ]
            ordered = sorted(of_kind, key=lambda each: (-each.value, each.part))
            names = [*dict.fromkeys(each.part.partition("=")[2] for each in ordered)]
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            yield Finding(
                "store_gone",
                f"nothing came of {found.part} {', '.join(names[:3])}{more}, usually "
                f"{found.value:.1%} of the day",
            )


def bots(measure: str, least: float, clause: str) -> Rule:
    """A rule that programs ask more: not that they are a greater share of fewer requests."""

    def rule(night: Night) -> Iterator[Finding]:
        for found in night.measured(measure):
            if replace(found, value=found.value * _requests_left(night)).rises(least):
                yield Finding("bots", clause.format(found.value))

    return rule


def client_errors(night: Night) -> Iterator[Finding]:
    """More requests than expected that failed, or whose callers hung up."""
    for alert in night.moved("error_share", "client_gone_share"):
        if not alert.fell:
            yield Finding(
                "client_errors",
                f"{alert.metric} was {alert.value:.1%}, expected {alert.expected:.1%}",
            )


def latency(night: Night) -> Iterator[Finding]:
    """Answers that took longer than expected, were late or not whole."""
    for alert in night.alerts:
        slow = "_ms_p" in alert.metric or alert.metric in ("time_out_share", "degraded_share")
        if slow and alert.segment == "all" and not alert.fell:
            yield Finding(
                "latency", f"{alert.metric} was {alert.value:.3g}, expected {alert.expected:.3g}"
            )


def superseded(cause: str, part: str) -> Rule:
    """A rule that answers came from an old state or index (``part``)."""
    return risen(
        cause,
        "superseded_share",
        0.05,
        "{value:.0%} of answers came from an old {part}, after a newer one had been served",
        part,
    )


def _other_lists(night: Night) -> Measure | None:
    """How little of their lists people are shown again, where that is less than usual."""
    for found in night.measured("list_overlap@10"):
        if found.falls(0.1):
            return found
    return None


def score_scale(night: Night) -> Iterator[Finding]:
    """Scores elsewhere, and the same order as ever: only who reads scores will notice."""
    if _other_lists(night) is not None or night.losses:
        return
    for drift in _moved_scores(night):
        yield Finding("score_scale", f"scores moved (PSI {drift.psi:.2f}) and the order did not")


def _moved_scores(night: Night) -> list[Drift]:
    """Scores elsewhere, though people ask for what they always did."""
    if _asked_otherwise(night, by=0.0):
        return []
    return [drift for drift in night.drifts if drift.subject == "score"]


def wrong_encoder(night: Night) -> Iterator[Finding]:
    """People are shown other things than they were, or by other scores, and like them less."""
    if not night.losses:
        return
    overlap = _other_lists(night)
    if overlap is not None:
        yield Finding(
            "wrong_encoder",
            f"only {overlap.value:.0%} of the first ten were what the same people were shown "
            f"before, usually {overlap.usual:.0%}",
        )
    for drift in _moved_scores(night):
        yield Finding(
            "wrong_encoder",
            f"scores moved (PSI {drift.psi:.2f}), and no longer tell what is wanted",
        )


def holiday(night: Night) -> Iterator[Finding]:
    """Little at all hours and everywhere."""
    few = [alert for alert in night.moved("requests") if alert.fell]
    if _closed(night) or (few and _volume(night) < 0.9):
        yield Finding("holiday", "much less happened than usual, at all hours and everywhere")


def taste(night: Night) -> Iterator[Finding]:
    """People are shown what they always were, and want something else; or ask for other things."""
    wanted: list[Drift] = [
        drift
        for drift in night.drifts
        if drift.subject in _WANTED and (night.alerts or drift.jensen_shannon > _FAR)
    ]
    meant = [each for each in night.meanings if night.alerts or each.beyond > _FAR]
    if wanted:
        worst = min(wanted, key=lambda drift: drift.effect)
        yield Finding("taste", f"{worst.subject.replace('_', ' ')} moved (PSI {worst.psi:.2f})")
    elif meant:
        yield Finding(
            "taste",
            f"{meant[0].subject.replace('_', ' ')} moved (told apart from that of earlier weeks "
            f"with an area of {meant[0].classifier_area:.2f})",
        )
    elif night.losses and any(night.measured("list_overlap@10")):
        yield Finding("taste", "people were shown what they always were")


def season(night: Night) -> Iterator[Finding]:
    """More or fewer requests than were expected, if it is no holiday."""
    if any(holiday(night)):
        return
    for alert in night.moved("requests"):
        yield Finding("season", f"{alert.change:+.0%} requests came than were expected")
