"""Signals of a night, worked by hand."""

from flows.policies.signals import Alert, Drift, Measure


def measure(name: str, value: float, usual: float = 0.0, part: str = "all") -> Measure:
    """What is usual varies not at all, and is of many."""
    return Measure(name, part, value, usual, spread=0.0, n=10_000)


def alert(metric: str, value: float, expected: float) -> Alert:
    """Of a metric over all traffic, as far beyond its band as that is wide on a side."""
    half = abs(value - expected) / 2
    return Alert(
        metric, "all", "m:1", "champion", value, expected, expected - half, expected + half, 1_000
    )


def drift(subject: str, psi: float = 0.3, jensen: float = 0.3, **values: float) -> Drift:
    """Of a subject without missing or new values, unless said otherwise."""
    shares = {"new_share": 0.0, "missing_share": 0.0, "missing_before": 0.0, "effect": -0.01}
    return Drift(subject, psi, jensen_shannon=jensen, **(shares | values))
