"""What a check found: plain values, for messages, pages and storage."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

Status = Literal["passed", "quarantined", "warned", "failed"]
Severity = Literal["critical", "warning"]

_LONGEST_SAMPLE = 400  # characters of a sample row in a sentence: a served log line can be long


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation and what became of it.

    ``n_checked`` and ``share`` are None where the expectation is about the table, not its rows.
    """

    name: str
    expected: str
    found: str
    severity: Severity
    tolerance: float
    n_checked: int | None
    n_unexpected: int
    status: Status
    samples: tuple[Mapping[str, Any], ...]  # at most three
    advice: str

    @property
    def share(self) -> float | None:
        """The share of rows that broke the expectation."""
        if self.n_checked is None:
            return None
        return self.n_unexpected / self.n_checked if self.n_checked else 0.0

    def sentence(self) -> str:
        """Expected, found and three rows, as one sentence."""
        samples = ", ".join(sample_text(sample) for sample in self.samples)
        examples = f"; e.g. {samples}" if samples else ""
        return f"expected {self.expected} ({self.name}), found {self.found}{examples}."


@dataclass(frozen=True)
class CheckReport:
    """One table of one source, checked.

    ``n_quarantined`` counts rows: a row that breaks two expectations counts once.
    """

    table: str
    source: str
    as_of: datetime
    batches: tuple[str, ...] | None
    n_rows: int
    n_quarantined: int
    results: tuple[ExpectationResult, ...]

    @property
    def failures(self) -> tuple[ExpectationResult, ...]:
        """What stops the flow."""
        return self.with_status("failed")

    @property
    def passed(self) -> bool:
        """Whether the table may be staged."""
        return not self.failures

    def with_status(self, status: Status) -> tuple[ExpectationResult, ...]:
        """The results of this status, in the suite's order."""
        return tuple(result for result in self.results if result.status == status)

    def to_json(self) -> str:
        """The report as a JSON object, for storage beside the run."""
        report = asdict(self) | {"as_of": self.as_of.isoformat(), "passed": self.passed}
        for values, result in zip(report["results"], self.results, strict=True):
            values["share"] = result.share
        return json.dumps(report)


def sample_text(sample: Mapping[str, Any]) -> str:
    """A sample row as one short line: its empty columns are left out, its end if it is long."""
    text = json.dumps({name: value for name, value in sample.items() if value is not None})
    return text if len(text) <= _LONGEST_SAMPLE else f"{text[:_LONGEST_SAMPLE]}…"


def percent(share: float) -> str:
    """A share as people write it; what is there at all is never shown as 0%."""
    if 0 < share < 0.0001:
        return "<0.01%"
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + "%"
