"""The table of faults in the docs is that of the code."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.incidents.faults import FAULTS, STRENGTHS

DOCS = Path(__file__).parents[3] / "docs" / "faults.md"


def table() -> str:
    rows = [
        "| fault | label | stream | what it changes | weak | medium | strong |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for fault in FAULTS.values():
        label = f"{fault.cause}, benign" if fault.benign else fault.cause
        before, _, rest = fault.says.partition("{")
        unit, _, after = rest.partition("}")
        amounts = [f"{{{unit}}}".format(fault.amount(strength)) for strength in STRENGTHS]
        cells = [fault.name, label, fault.stream, f"{before}…{after}", *amounts]
        rows.append(f"| {' | '.join(cells)} |")
    return "".join(f"{row}\n" for row in rows)


def test_each_fault_stands_in_the_docs_as_it_is() -> None:
    assert table() in DOCS.read_text(encoding="utf-8")
