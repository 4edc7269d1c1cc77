"""What both scenarios' answers are held to, and the model and state that gave them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bentos.serving.state import OnlineState, read_state

if TYPE_CHECKING:
    from tests.conftest import Installation

TOLERANCE = 1e-4


def served_by(installation: Installation, record: dict[str, Any]) -> tuple[Path, OnlineState]:
    """The model's folder and the state that a log line names."""
    name, _, version = record["model_tag"].partition(":")
    folder = installation.home / "bentoml" / "models" / name / version
    return folder, read_state(installation.home / "online_state", record["state_version"])


def same(pool: list[tuple[str, float]], candidates: list[dict[str, Any]]) -> None:
    """The same products, and the same scores from first to last, within the tolerance.

    Products of one text tie but for what rounding leaves, so they may stand either way around.
    """
    answered = [(c["product_id"], c["score"]) for c in candidates]
    assert len(pool) == len(answered)
    assert dict(pool) == pytest.approx(dict(answered), abs=TOLERANCE)
    assert [score for _, score in pool] == pytest.approx(
        [score for _, score in answered], abs=TOLERANCE
    )
