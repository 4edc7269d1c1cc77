"""The page, put together of what there is."""

from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader

from flows.page.by_day import GROUPS, panels
from flows.page.by_segment import kinds, offline
from flows.page.colours import colours
from flows.page.curves import arrivals, arriving, reliability
from flows.page.distributions import NOW, THEN, distributions
from flows.page.estimates import estimated
from flows.page.figures import night_figures, young
from flows.page.heat import heat_map
from flows.page.incidents import of_incident
from flows.page.numbers import mature_share, number, with_error
from flows.page.published import Published, Row, model_of, named
from flows.page.unusual import Unusual
from flows.page.waterfall import MIX, RATE
from flows.policies.explanation import as_sentence
from warehouse.evaluation import TUNING_METRIC
from warehouse.maturity import MATURE

_CALIBRATION = {  # metric: whose promise it is of, and its column
    "click_ece": ("the score", "ECE"),
    "click_brier": ("the score", "Brier"),
    "calibrated_click_ece": ("earlier days", "ECE"),
    "calibrated_click_brier": ("earlier days", "Brier"),
}


def page(
    scenario: str,
    champion: str | None,
    found: Published,
    unusual: Unusual,
    nightly_checks: bool,
) -> str:
    """The page of a scenario, as HTML that needs nothing else."""
    by_model = colours(found.days)
    arrived = arrivals(found.delay_curves)
    values: dict[str, Any] = {
        "scenario": scenario,
        "champion": champion,
        "night": found.night,
        "incidents": [of_incident(each) for each in unusual.incidents],
        "ended": unusual.ended,
        "heat_map": heat_map(unusual.drifts),
        "distributions": distributions(unusual.drifts, unusual.distributions),
        "models": by_model,
        "groups": [
            (group, drawn) for group in GROUPS if (drawn := panels(found.days, group, by_model))
        ],
        "figures": night_figures(found),
        "young": young(found),
        "mature": MATURE,
        "segments": [(each.whole, kinds(each)) for each in found.segments],
        "arriving": arriving(arrived) if arrived else None,
        "reliability": reliability(found.reliability, by_model),
        "reliability_day": found.reliability[0]["served_date"] if found.reliability else None,
        "calibration": _calibration(found),
        "estimated": estimated(found.estimates),
        "offline": offline(found.offline, TUNING_METRIC) if found.offline else None,
        "offline_start": found.offline[0]["window_start"] if found.offline else None,
        "decisions": found.decisions,
        "rollouts": found.rollouts,
        "judged_by": found.judged_by,
        "quarantined": found.quarantined,
        "nightly_checks": nightly_checks,
    }
    return _TEMPLATES.get_template("report.html").render(values)


def _calibration(found: Published) -> list[tuple[str, str, dict[str, Row]]]:
    """How far off each model's promises were, and whose, on the day of the reliability curve."""
    day = found.reliability[0]["served_date"] if found.reliability else None
    promises: dict[tuple[str, str], dict[str, Row]] = {}
    for row in found.days:
        if row["window_start"] == day and row["metric"] in _CALIBRATION:
            promise, column = _CALIBRATION[row["metric"]]
            promises.setdefault((named(*model_of(row)), promise), {})[column] = row
    return [(*of, by_column) for of, by_column in promises.items()]


def _named(row: Row) -> str:
    return named(*model_of(row))


def _day(day: date, year: bool = False) -> str:
    return f"{day:%-d %B %Y}" if year else f"{day:%-d %b}"


_TEMPLATES = Environment(
    loader=PackageLoader("flows"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.filters |= {
    "day": _day,
    "named": _named,
    "mature": mature_share,
    "sentence": as_sentence,
}
_TEMPLATES.globals |= {"with_error": with_error, "number": number}
_TEMPLATES.globals |= {"mix": MIX, "rate": RATE, "now": NOW, "then": THEN}
