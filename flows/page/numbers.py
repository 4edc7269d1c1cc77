"""How the page writes numbers of a metric."""

from flows.page.published import Row

_SHARES = ("ctr@", "catalogue_coverage@", "new_product_share@")


def is_share(metric: str) -> bool:
    """Whether it is written in percent."""
    return metric.endswith("_share") or metric.startswith(_SHARES)


def number(metric: str, value: float) -> str:
    """A value as people write it."""
    if is_share(metric):
        return f"{value:.2%}"
    if metric.startswith("latency_ms"):
        return f"{value:.1f} ms"
    return f"{value:,.0f}" if metric == "requests" else f"{value:.4f}"


def tick(metric: str, value: float) -> str:
    """A value beside an axis, short."""
    if is_share(metric):
        return f"{100 * value:.4g}%"
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def with_error(metric: str, value: float | None, error: float | None) -> str:
    """A value and its standard error, where they are known."""
    if value is None:
        return "not known"
    return number(metric, value) + ("" if not error else f" ± {number(metric, error)}")


def percent(share: float) -> str:
    """Whole percents; what rounds to nothing has no sign."""
    return f"{round(share, 2) + 0:.0%}"


def mature_share(row: Row) -> str:
    """How mature a value is."""
    return "not known" if row["maturity"] is None else f"{row['maturity']:.1%}"
