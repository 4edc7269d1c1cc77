"""What the commands about incidents print for people."""

from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.table import Table

from flows.incidents.published import Told, series
from flows.page.numbers import number, percent
from flows.page.published import Row
from flows.policies.explanation import as_sentence, part_in_words

_MOST = 10  # rows of a table; the rest is counted
_console = Console(markup=False)  # a sentence may hold square brackets


def print_incidents(found: Sequence[Row], *, ended: bool) -> None:
    """A row an incident."""
    if not found:
        _console.print(f"No incident {'was told in the last quarter' if ended else 'is open'}.")
        return
    table = Table("severity", "incident", "since", *(["over"] if ended else []), "what happened")
    for row in found:
        over = [_day(row["ended_on"]) if row["ended_on"] else "open"] if ended else []
        table.add_row(
            *(row["severity"], row["incident_id"], _day(row["first_day"]), *over, row["sentence"])
        )
    _console.print(table)
    _console.print("`shopkeeper incident ID` tells one in full.", highlight=False)


def print_incident(found: Told) -> None:
    """All of it, the sentence first."""
    row = found.incident
    _say(f"{row['incident_id']}: {row['severity']}, {_lasted(row)}.")
    _say(as_sentence(row["sentence"]))
    _say(f"Cause: {row['cause']}. That is: {found.meaning}.")
    if found.change:
        _print_change(found.change)
    if found.alerts:
        _print_alerts(found.alerts)
    if found.drifts:
        _print_drifts(found.drifts)
    for decision in found.decisions:
        _say(
            f"Because of it, on {_day(decision['as_of'])}: {decision['kind']}: "
            f"{decision['action']}, as {decision['reason']}."
        )
    if not found.decisions:
        _say("Nothing was decided because of it.")


def _lasted(row: Row) -> str:
    first, last = _day(row["first_day"]), _day(row["last_day"])
    if row["ended_on"] is None:
        return f"open since {first}, last seen on {last}"
    return f"from {first} to {last}, over on {_day(row['ended_on'])} because {row['ended_by']}"


def _print_change(parts: Sequence[Row]) -> None:
    whole = parts[0]
    metric, then, now = whole["metric"], whole["before"], whole["now"]
    _say(
        f"{metric} from {_day(whole['first_day'])} to {_day(whole['last_day'])}, against the same "
        f"weekdays of the four weeks before: {number(metric, then)} then, {number(metric, now)} "
        f"now ({whole['low']:+.1%} to {whole['high']:+.1%}). Where the change comes from:"
    )
    table = _table("segment", "of the change", "±", "mix", "rate", "answers then", "now")
    dimensions = max(len(part["segments"]) for part in parts)
    for part in parts[:_MOST]:
        table.add_row(
            part_in_words(part["segments"], dimensions) + (" (named)" if part["is_named"] else ""),
            percent(part["mix"] + part["rate"]),
            *(percent(part[name]) for name in ("share_error", "mix", "rate")),
            *(f"{part[name]:.1%}" for name in ("weight_before", "weight_now")),
        )
    _print_some(table, len(parts), "segments")


def _print_alerts(alerts: Sequence[Row]) -> None:
    _say("What left its band on these days:")
    table = _table("metric", "segment", "day", "value", "expected", "band", "n")
    moved = series(alerts)
    for alert in moved[:_MOST]:
        value, expected, low, high = (
            number(alert["metric"], alert[name]) for name in ("value", "expected", "low", "high")
        )
        table.add_row(
            *(alert["metric"], alert["segment"], _day(alert["day"])),
            *(value, expected, f"{low} to {high}", f"{alert['n']:,}"),
        )
    _print_some(table, len(moved), "series")


def _print_drifts(drifts: Sequence[Row]) -> None:
    _say("What was distributed otherwise, by its estimated effect on clicks:")
    table = _table("subject", "against", "day", "effect", "distance", "new", "missing", "before")
    for drift in drifts[:_MOST]:
        table.add_row(
            *(drift["subject"], drift["reference"], _day(drift["day"])),
            "not known" if drift["effect"] is None else f"{drift['effect']:+.1%}",
            f"{drift['jensen_shannon']:.3f}",
            *(f"{drift[n]:.1%}" for n in ("new_share", "missing_share", "missing_share_then")),
        )
    _print_some(table, len(drifts), "drifts")


def _table(first: str, *others: str) -> Table:
    table = Table(first)
    for name in others:
        table.add_column(name, justify="left" if name in ("segment", "against") else "right")
    return table


def _print_some(table: Table, n: int, what: str) -> None:
    _console.print(table)
    if n > _MOST:
        _say(f"… and {n - _MOST} more {what}; --json has all.")


def _say(text: str) -> None:
    _console.print(text, soft_wrap=True, highlight=False)


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
