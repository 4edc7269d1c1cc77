"""A home with a model store, and services that follow its rollout record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
from prometheus_client import REGISTRY

from bentos.serving.live import InService, Live
from bentos.serving.rollout import Beside, Role, RolloutRecord, write_rollout
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import WEIGHTS, save_model

Eventually = Callable[[Callable[[], bool]], None]
MIDNIGHT = datetime(2024, 3, 15, tzinfo=UTC)


class Ranker(str):
    """The text of the weights; not only a ``str``, so that it can be watched going."""

    __slots__ = ("__weakref__",)


@dataclass
class LiveShop:
    """A home with a model store, and a service over it."""

    settings: ServingSettings
    scenario: str
    swaps: list[InService[Ranker]] = field(default_factory=list)
    services: list[Live[Ranker]] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def make(self, weights: bytes) -> str:
        folder = self.settings.home / "made"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WEIGHTS).write_bytes(weights)
        return save_model(self.scenario, date(2024, 3, 8), folder, {})

    def promote(
        self, tag: str, version: int, beside: str | None = None, role: Role = "shadow"
    ) -> None:
        share = 0.5 if role == "challenger" else None
        record = RolloutRecord(
            scenario=self.scenario,
            version=version,
            champion=tag,
            beside=beside and Beside(model_tag=beside, role=role, share=share),
            bento_tag="b:1",
            reason="why",
        )
        write_rollout(self.settings.rollouts, record)

    def publish(self, day: int) -> str:
        table = pa.table({"product_id": ["p1"]})
        as_of = MIDNIGHT.replace(day=day)
        return write_state(self.settings.online_state, as_of, {"products": table})

    def serve(self) -> Live[Ranker]:
        live = Live(self.scenario, self.settings, self.load, self.swaps.append, self.alerts.append)
        self.services.append(live)
        return live

    def load(self, folder: Path, state: OnlineState) -> Ranker:
        """A text that is none can't be loaded."""
        text = (folder / WEIGHTS).read_text(encoding="utf-8")
        self.loaded.append(text)
        return Ranker(f"{text} over {state.as_of:%d.%m.}")

    @property
    def failures(self) -> float:
        name = "shopkeeper_swap_failures_total"
        return REGISTRY.get_sample_value(name, {"scenario": self.scenario}) or 0.0
